import json

import pytest

from aggregator.errors import ParseError
from aggregator.intake.jsonfeed import parse_json_feed

URL = "https://log.example/feed.json"


def entries_of(*items: object) -> list[tuple[str, str]]:
    feed = parse_json_feed(json.dumps({"items": items}).encode(), URL)
    return [(entry.key, entry.title) for entry in feed.entries]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"{\n?", r"damaged JSON, not a feed \(Expecting property name .* in line 2\)"),
        (b"\xff{}", r"damaged JSON, not a feed \(Expecting value in line 1\)"),
        (b"[" * 100_000, r"damaged JSON, not a feed \(nested too deeply\)"),
        (b"[]", "JSON of another kind"),
        (b'{"version": "https://jsonfeed.org/version/1.1"}', "JSON of another kind"),
        (b'{"items": {}}', "JSON of another kind"),
    ],
)
def test_other_json_is_refused(body: bytes, reason: str) -> None:
    with pytest.raises(ParseError, match=reason):
        parse_json_feed(body, URL)


def test_ids_may_be_numbers_but_not_truths() -> None:
    named = [{"id": 7, "title": "a"}, {"id": 7.5, "title": "b"}, {"id": True, "url": "/c"}]
    assert entries_of(*named) == [
        ("7", "a"),
        ("7.5", "b"),
        ("https://log.example/c", "https://log.example/c"),
    ]


def test_a_number_of_any_length_is_a_name() -> None:
    digits = "7" * 5_000
    body = f'{{"items": [{{"id": {digits}, "title": "a"}}, {{"id": 1e999, "title": "b"}}]}}'
    feed = parse_json_feed(body.encode(), URL)
    assert [(len(entry.key), entry.title) for entry in feed.entries] == [(64, "a"), (5, "b")]


def test_halves_of_characters_are_dropped_and_whole_ones_kept() -> None:
    body = rb'{"items": [{"id": "\ud800", "title": "a\udc00b \ud83d\ude00", "tags": ["\ud800"]}]}'
    (entry,) = parse_json_feed(body, URL).entries
    assert (entry.title, entry.guid, entry.tags) == ("ab \U0001f600", None, ())


def test_bad_items_are_skipped_and_counted() -> None:
    body = json.dumps({"items": [None, 1, {}, [], {"id": "1"}]}).encode()
    feed = parse_json_feed(body, URL)
    assert [entry.title for entry in feed.entries] == ["(untitled)"]
    assert feed.skipped == 4


def test_a_byte_order_mark_and_odd_members_do_no_harm() -> None:
    body = b'\xef\xbb\xbf{"title": 5, "language": [], "items": [{"id": "x", "tags": "no list"}]}'
    feed = parse_json_feed(body, URL)
    assert (feed.title, feed.lang, feed.site_url, feed.entries[0].tags) == ("5", None, None, ())


@pytest.mark.parametrize(
    ("tail", "cut_off"),
    [
        (",]}", False),
        ("]}\n<!-- cached -->", False),
        ("]}\0", False),
        (', {"id": "2", "tags": ["a" "b"], "title": "]"}]}', False),
        (', {"id": 2 "title": "[ \\" ["}]}', False),
        ("", True),
        (", {", True),
        (', {"tags": ["a"], "authors": [{"name": "b"}], "title": "Mist', True),
        (', {"title": "Mist [1] } ] \\"]', True),
        (', {"title": "Mist ]\\', True),
    ],
)
def test_what_is_damaged_behind_its_items_is_not_cut_off(tail: str, cut_off: bool) -> None:  # noqa: FBT001 - a parameter
    feed = parse_json_feed(f'{{"items": [{{"id": "1", "title": "Fog"}}{tail}'.encode(), URL)
    assert (len(feed.entries), feed.damaged, feed.cut_off) == (1, True, cut_off)


def test_json_that_is_not_in_unicode_is_read_and_counts_as_damaged() -> None:
    feed = parse_json_feed('{"items": [{"id": "1", "title": "Café"}]}'.encode("latin-1"), URL)
    assert (feed.entries[0].title, feed.damaged, feed.cut_off) == ("Café", True, False)
