"""What a story is published as: who leads it, where others name an original or nobody does."""

from datetime import timedelta

import pytest
from articles import DEPOT, NOON, Facts, print_of

from aggregator.edition import Guidelines, edition_of
from aggregator.model import Credit, Origin, Role
from aggregator.store.drafts import Draft, DraftTelling
from aggregator.store.editions import Edition
from aggregator.stories.query import compile_query
from aggregator.stories.stored import to_bytes

LINK = "https://barharbour.me/2026/depot"
PLAIN = Guidelines({})
HEADLINE = "New fuel depot handed over in Bar"


def telling(
    entry_id: int,
    fingerprint: bytes = b"",
    title: str = HEADLINE,
    outlet: str = "barharbour.me",
) -> DraftTelling:
    """Return a telling; the lower its id, the earlier it was published."""
    return DraftTelling(
        entry_id=entry_id,
        role=Role.PRESS,
        title=title,
        text=DEPOT,
        outlet=outlet,
        source="Bar Harbour",
        lang=None,
        tags=(),
        fingerprint=fingerprint,
        published=NOON + timedelta(hours=entry_id),
        given=(),
    )


def lead_of(*tellings: DraftTelling) -> int | None:
    return edition_of(Draft(1, 2, None, tellings), PLAIN).lead_entry_id


def test_a_lead_that_was_split_off_meanwhile_is_chosen_anew() -> None:
    draft = Draft(1, 2, lead_entry_id=7, tellings=(telling(8),))
    assert edition_of(draft, PLAIN).lead_entry_id == 8


def test_a_lead_once_chosen_stays() -> None:
    assert edition_of(Draft(1, 2, 9, (telling(8), telling(9))), PLAIN).lead_entry_id == 9


@pytest.mark.parametrize(
    "says",
    [
        {"canonical_url": LINK},
        {"origin": Origin("", "https://www.barharbour.me/feed")},
        {"captions": (f"{HEADLINE} | Bar Harbour",)},
        {"credits": (Credit("Bar Harbour", url=LINK),)},
        {"credits": (Credit("Bar Harbour", firm=False),)},
        {"credits": (Credit("Port of Bar", "barharbour.me"),)},
    ],
    ids=["canonical", "origin", "caption", "address", "name", "host"],
)
def test_who_is_named_as_the_original_leads(says: Facts) -> None:
    farm: Facts = {"outlet": "farm.example", "title": "Depot Joy", "link": "https://farm.example/1"}
    original = telling(2, to_bytes(print_of(link=LINK)))
    assert lead_of(telling(1, to_bytes(print_of(**farm))), original) == 1
    assert lead_of(telling(1, to_bytes(print_of(**farm | says))), original) == 2


def test_who_names_only_itself_does_not_lead_for_that() -> None:
    vain = print_of(link=LINK, captions=(f"{HEADLINE} | Bar Harbour",))
    other = print_of(outlet="y.example", title="Depot Joy")
    assert lead_of(telling(1, to_bytes(other)), telling(2, to_bytes(vain))) == 1


def test_a_fingerprint_of_another_version_names_nobody() -> None:
    farm = to_bytes(print_of(outlet="farm.example", canonical_url=LINK))
    original = to_bytes(print_of(link=LINK))
    assert lead_of(telling(1, b"\0" + farm[1:]), telling(2, original)) == 1
    assert lead_of(telling(1, farm), telling(2, b"\0" + original[1:])) == 1


def test_the_rules_look_at_the_lead_alone() -> None:
    rules = {slug: compile_query(slug) for slug in ("joy", "fuel", "sorrow")}
    draft = Draft(1, 2, None, (telling(1), telling(2, title="Depot Joy")))
    assert edition_of(draft, Guidelines(rules)).categories == {"fuel"}


def test_what_was_merged_into_another_is_published_as_nothing() -> None:
    assert edition_of(Draft(1, 2, 7, ()), PLAIN) == Edition(1, 2, None, None, frozenset())


@pytest.mark.parametrize(
    ("outlets", "confirmed"),
    [
        (["a.example"], False),
        (["a.example", "a.example"], False),
        (["a.example", "sister.example"], False),
        (["a.example", "sister.example", "b.example"], True),
    ],
)
def test_a_story_is_confirmed_by_outlets_of_several_houses(
    outlets: list[str], *, confirmed: bool
) -> None:
    tellings = tuple(telling(n, outlet=outlet) for n, outlet in enumerate(outlets))
    families = {"a.example": "a.example", "sister.example": "a.example"}
    made = edition_of(Draft(1, 2, None, tellings), Guidelines({}, families, min_outlets=2))
    assert (made.confirmed, made.folds) == (confirmed, len(outlets) > 1)
