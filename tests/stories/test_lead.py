from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from aggregator.model import Role
from aggregator.stories.lead import LeadCandidate, choose_lead

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
PRESS = LeadCandidate(1, Role.PRESS, words=300, published=NOON)


def best(*tellings: LeadCandidate) -> int:
    chosen = {choose_lead(order) for order in permutations(tellings)}
    assert len(chosen) == 1, "the order makes a difference"
    return chosen.pop()


def test_the_named_original_leads() -> None:
    named = LeadCandidate(2, Role.SYNDICATOR, 40, NOON + timedelta(1), named_as_original=True)
    assert best(PRESS, named, LeadCandidate(3, Role.PRIMARY, 900, NOON)) == 2


def test_then_the_role_decides() -> None:
    farm = LeadCandidate(2, Role.SYNDICATOR, 900, NOON - timedelta(1))
    assert best(PRESS, farm) == 1
    assert best(PRESS, farm, LeadCandidate(3, Role.PRIMARY, 40, NOON)) == 3


def test_then_completeness_up_to_a_cap() -> None:
    assert best(PRESS, LeadCandidate(2, Role.PRESS, 60, NOON - timedelta(1))) == 1
    padded = LeadCandidate(2, Role.PRESS, 5000, NOON + timedelta(1))
    assert best(replace(PRESS, words=420), padded) == 1


def test_then_the_first_to_tell_it() -> None:
    assert best(PRESS, LeadCandidate(2, Role.PRESS, 320, NOON - timedelta(1))) == 2


def test_last_the_entry_id_decides() -> None:
    assert best(PRESS, replace(PRESS, entry_id=2)) == 1


def test_no_tellings_no_lead() -> None:
    with pytest.raises(ValueError, match="empty"):
        choose_lead([])
