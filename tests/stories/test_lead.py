from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from articles import print_of

from aggregator.model import Origin, Role
from aggregator.stories.fingerprint import Fingerprint
from aggregator.stories.lead import LeadCandidate, choose_lead, is_named_as_original

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


LINK = "https://barharbour.me/2026/depot"


@pytest.mark.parametrize(
    "other",
    [
        print_of(outlet="x.org", title="Bar Shines", canonical_url=LINK),
        print_of(outlet="x.org", title="Bar Shines", origin=Origin("", "https://barharbour.me/")),
        print_of(title="Bar Shines", captions=("New fuel depot handed over in Bar | Harbour",)),
    ],
)
def test_a_telling_that_another_names_is_the_original(other: Fingerprint) -> None:
    telling = print_of(link=LINK, canonical_url=LINK)
    assert is_named_as_original(telling, [print_of(outlet="y.org"), other])
    assert not is_named_as_original(other, [telling])


def test_what_names_only_itself_is_no_original() -> None:
    itself = print_of(
        link=LINK,
        canonical_url=LINK,
        origin=Origin("", "https://barharbour.me/"),
        captions=("New fuel depot handed over in Bar | Harbour",),
    )
    assert not is_named_as_original(itself, [itself, print_of(), print_of(canonical_url=LINK[:-1])])
