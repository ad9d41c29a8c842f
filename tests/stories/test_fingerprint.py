from dataclasses import replace
from datetime import timedelta

import pytest
from articles import ARTICLE, DEPOT, NOTICE, print_of
from hypothesis import strategies as st

from aggregator.model import Credit, Origin
from aggregator.stories.fingerprint import (
    MAX_SHINGLES,
    fingerprint,
    link_keys,
)

TEXTS = st.text(max_size=300)


@pytest.mark.parametrize(
    ("guid", "means_something"),
    [
        ("1", False),
        ("", False),
        ("https://example.org/", False),
        ("https://example.org/?p=1", True),
        ("tag:example.org,2026:1", True),
        ("urn:uuid:0b5d", True),
    ],
)
def test_only_global_guids_are_keys(guid: str, *, means_something: bool) -> None:
    assert (print_of(guid=guid).guid is not None) is means_something


def test_only_texts_of_some_length_are_keys() -> None:
    assert print_of(text=" ".join(["word"] * 39)).text is None
    assert print_of(text=" ".join(["word"] * 40)).text is not None


def test_case_and_layout_make_no_difference_to_the_text_key() -> None:
    assert print_of(text=DEPOT.upper().replace(". ", ".\n\n")).text == print_of().text


def test_a_notice_does_not_speak_of_the_title() -> None:
    assert print_of().headed > 0.5 > print_of(text=NOTICE).headed
    assert print_of(title="").headed == 0.0


def test_a_long_text_keeps_the_smallest_runs() -> None:
    text = " ".join(str(number) for number in range(5000))
    runs = print_of(text=text).shingles
    assert len(runs) == MAX_SHINGLES
    assert list(runs) == sorted(runs)
    assert runs[-1] < 2**32 / 5


def test_a_megabyte_is_no_trouble() -> None:
    assert len(print_of(text="depot in Bar " * 100_000, title="depot " * 10**5).title) < 200


def test_the_origin_is_its_title_where_it_has_no_address() -> None:
    assert print_of(origin=Origin("KFOR", None)).origins == ("KFOR",)
    assert fingerprint(ARTICLE).origins == ()


def without_days(keys: frozenset[str]) -> frozenset[str]:
    return frozenset(key for key in keys if not key.startswith("day:"))


def test_whom_an_article_names_on_its_day_leads_back_to_it() -> None:
    then = ARTICLE.published.date()
    kept = {key for key in print_of().exact_keys if key.startswith("day:")}
    assert len(kept) == 6
    assert {int(key.split(":")[1]) for key in kept} == {then.toordinal()}
    again = print_of(
        text=f"On {then.day} {then:%B %Y}, the depot of Bar was opened by Ranka Stojovic.",
        after=timedelta(days=100),
    )
    assert again.told_day == then.toordinal()
    assert again.told_at.date() == then
    assert again.lead_days == (again.told_day,)
    assert len(again.sought_keys & kept) >= 2
    news = print_of(after=timedelta(days=100))
    assert (news.told_day, news.told_at) == (None, news.published)
    assert not news.sought_keys & kept
    undated = fingerprint(replace(ARTICLE, dated=False))
    assert without_days(undated.exact_keys) == undated.exact_keys


def test_exact_keys_are_found_again_by_address() -> None:
    link = "https://barharbour.me/2026/depot"
    plain = print_of(text="")
    assert {key.partition(":")[0] for key in without_days(plain.exact_keys)} == {"title"}
    keys = without_days(print_of(link=link, guid="tag:barharbour.me,2026:1").exact_keys)
    assert sorted(key.partition(":")[0] for key in keys) == ["guid", "link", "text", "title"]
    assert link_keys(f"{link}?utm_source=rss#top") < keys
    assert link_keys("https://barharbour.me/") == frozenset()


def test_a_title_is_sought_by_those_who_name_it_and_not_by_those_who_bear_it() -> None:
    titled = print_of(text="")
    (key,) = without_days(titled.exact_keys)
    assert titled.sought_keys == frozenset()
    assert print_of(title="Live", text="").exact_keys == frozenset()
    named = f"{ARTICLE.title} | Bar Harbour"
    spun = print_of(title="", text="", outlet="farm.example", captions=(named,))
    assert spun.exact_keys == frozenset()
    assert spun.sought_keys == {key}
    own = print_of(title="", text="", captions=(named,))
    assert own.sought_keys == frozenset()
    as_a_search_engine_shows_it = print_of(title=named, text="")
    assert without_days(as_a_search_engine_shows_it.exact_keys) == {key}
    assert as_a_search_engine_shows_it.sought_keys == frozenset()


def test_the_address_that_a_line_credits_is_a_key_and_ones_own_is_none() -> None:
    link = "https://gazette.example/2026/depot"
    credited = print_of(
        text="", title="", credits=(Credit("Gazette", "gazette.example", url=link),)
    )
    assert link_keys(link) == credited.sought_keys == credited.exact_keys
    own = Credit(
        "Bar Harbour", "en.barharbour.me", "Depot opens", "https://barharbour.me/2026/depot"
    )
    assert print_of(credits=(own,)) == print_of()


def test_quotes_are_sought_and_found() -> None:
    quote = "nobody redraws a map in our neighbourhood any more"
    one, other = (
        print_of(title="", text=text)
        for text in (f'"{quote}," he said.', f"\u201c{quote}\u201d: so he told them.")
    )
    assert one.sought_keys & other.exact_keys
    assert not print_of(title="", text=quote).exact_keys & one.sought_keys
