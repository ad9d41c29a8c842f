"""Leaving out what we have: the rest of a document reads as it would within the whole."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.intake.parse import parse_feed
from aggregator.intake.sift import joined, pieces, sift

CASES = Path(__file__).parents[1] / "golden" / "feeds"
DOCUMENTS = [path for path in sorted(CASES.iterdir()) if path.suffix not in {".json", ".jsonfeed"}]
URL = "https://gazette.example/dir/feed.xml"


def content_type(document: Path) -> str:
    return str(json.loads(document.with_suffix(".json").read_text())["content_type"])


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.stem)
def test_the_rest_of_every_golden_document_reads_as_within_the_whole(document: Path) -> None:
    body, kind = document.read_bytes(), content_type(document)
    whole = parse_feed(body, kind, URL)
    first = sift(body, None, URL, kind)
    memory = first.memory(whole) if first else None
    if first is None or memory is None:
        return
    assert (first.cut, first.rest) == (0, body)
    for known in range(1 << min(len(whole.entries), 6)):
        some = memory[:8] + b"".join(
            memory[8 + 16 * n : 24 + 16 * n] for n in range(len(whole.entries)) if known >> n & 1
        )
        sifted = sift(body, some, URL, kind)
        assert sifted is not None
        assert sifted.cut == known.bit_count()
        rest = parse_feed(sifted.rest, kind, URL)
        if not sifted.doubts(rest):
            kept = [entry for n, entry in enumerate(whole.entries) if not known >> n & 1]
            assert list(rest.entries) == kept
            assert (rest.title, rest.kind, rest.site_url) == (
                whole.title,
                whole.kind,
                whole.site_url,
            )
            assert sifted.memory(rest) == memory


def test_what_is_in_no_encoding_is_never_left_out() -> None:
    """Fewer items might be read in another one than all of them."""
    items = "".join(f"<item><title>café {n}</title><guid>{n}</guid></item>" for n in range(5))
    body = f"<rss version='2.0'><channel>{items}</channel></rss>".encode()
    mixed = body.replace(b"\xc3\xa9", b"\xe9", 2)
    for document, remembered in ((body, True), (mixed, False)):
        sifted = sift(document, None, URL)
        assert sifted is not None
        memory = sifted.memory(parse_feed(document, "application/xml", URL))
        assert (memory is not None) is remembered


def test_most_golden_documents_can_be_sifted() -> None:
    sifted = [sift(path.read_bytes(), None, URL, content_type(path)) for path in DOCUMENTS]
    assert sum(each is not None for each in sifted) > len(DOCUMENTS) / 2


ITEMS = st.lists(
    st.builds(
        "<item{}><title>{}</title>{}{}<description>{}</description>{}</item>".format,
        st.sampled_from(["", " xml:lang='sr'", "\n"]),
        st.sampled_from(["Ferry", "Mole &amp; quay", "<![CDATA[Ferry <b>runs</b>]]>", "Ćevap"]),
        st.sampled_from(
            ["", "<guid>a</guid>", "<guid>b</guid>", "<guid isPermaLink='false'>c</guid>"]
        ),
        st.sampled_from(["", "<link>https://q.example/1</link>", "<link>/2?a=1&amp;b</link>"]),
        st.sampled_from(["", "&lt;p&gt;Words&lt;/p&gt;", "<![CDATA[<p>]]&gt;]]>", "&bull; words"]),
        st.sampled_from(["", "<dc:creator>Ana</dc:creator>", "<category>a</category>", "<!--x-->"]),
    ),
    max_size=6,
)
AROUND = st.sampled_from(
    ["", "<ttl>5</ttl>", "<!-- <item> -->", "<title><![CDATA[The Quay]]></title>", "<image/>"]
)


@settings(max_examples=200, deadline=None)
@given(ITEMS, ITEMS, AROUND, AROUND)
def test_what_a_new_document_adds_is_what_a_full_reading_finds(
    old: list[str], new: list[str], before: str, behind: str
) -> None:
    earlier, later = (
        (
            "<rss version='2.0' xmlns:dc='http://purl.org/dc/elements/1.1/'><channel>"
            f"{before}{''.join(items)}{behind}</channel></rss>"
        ).encode()
        for items in (old, new + old)
    )
    first = sift(earlier, None, URL)
    memory = first.memory(parse_feed(earlier, "", URL)) if first else None
    sifted = sift(later, memory, URL)
    if sifted is None or not sifted.cut:
        return
    rest, whole = parse_feed(sifted.rest, "", URL), parse_feed(later, "", URL)
    if sifted.doubts(rest):
        return
    known = {entry.key for entry in parse_feed(earlier, "", URL).entries}
    assert [e for e in whole.entries if e.key not in known] == [
        e for e in rest.entries if e.key not in known
    ]


ONE = b"<rss version='2.0'><channel>%s</channel></rss>"
ITEM = b"<item><guid>%s</guid><title>T</title></item>"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b'{"items": []}',
        ONE % b"",
        ONE % b"<item><guid>a</guid>",
        ONE % b"<item/><item><guid>a</guid></item>",
        ONE % b"<item><!-- </item> --><guid>a</guid></item>",
        ONE % b"<item><title><![CDATA[</item>]]></title></item>",
        ONE % (b"<!-- " + ITEM % b"a" + b" -->"),
        ONE % (b"<description><![CDATA[" + ITEM % b"a" + b"]]></description>"),
        b"<!DOCTYPE rss [<!ENTITY a 'b'>]>" + ONE % (ITEM % b"a"),
        (ONE % (ITEM % b"a")).decode().encode("utf-16"),
    ],
)
def test_what_is_in_doubt_is_read_whole(body: bytes) -> None:
    assert sift(body, None, URL) is None


def test_another_context_knows_none_of_the_items() -> None:
    body = ONE % (ITEM % b"a" + ITEM % b"b")
    first = sift(body, None, URL)
    assert first is not None
    memory = first.memory(parse_feed(body, "", URL))
    for url, other in (
        ("https://elsewhere.example/", body),
        (URL, body.replace(b"<rss", b"<rss xml:base='https://x.example/'")),
        (URL, body.replace(b"<channel", b"<channel xml:lang='sr'")),
    ):
        again = sift(other, memory, url)
        assert again is not None
        assert again.cut == 0
    same = sift(body, memory, URL)
    assert same is not None
    assert (same.cut, same.rest) == (2, ONE % b"")


def test_a_new_item_that_goes_by_a_known_name_is_in_doubt() -> None:
    body = ONE % (ITEM % b"a" + ITEM % b"b")
    first = sift(body, None, URL)
    assert first is not None
    memory = first.memory(parse_feed(body, "", URL))
    later = ONE % (b"<item><guid>a</guid><title>Other</title></item>" + ITEM % b"a")
    sifted = sift(later, memory, URL)
    assert sifted is not None
    assert sifted.cut == 1
    assert sifted.doubts(parse_feed(sifted.rest, "", URL))


@pytest.mark.parametrize(
    "items",
    [ITEM % b"a" * 2, ITEM % b"a" + b"<item/>", ITEM % b"a" + b"<item><guid>&x;</guid></item>"],
)
def test_items_that_cannot_be_told_apart_are_not_remembered(items: bytes) -> None:
    body = ONE % items
    sifted = sift(body, None, URL)
    assert sifted is None or sifted.memory(parse_feed(body, "", URL)) is None


def test_a_long_document_falls_into_pieces_that_together_say_the_same() -> None:
    items = b"\n".join(ITEM % b"%d" % n for n in range(7))
    body = ONE % (b"<title>Quay</title>" + items + b"<ttl>90</ttl>")
    parts = pieces(body, 3)
    feeds = [parse_feed(part, "", URL) for part in parts]
    whole = parse_feed(body, "", URL)
    assert [len(feed.entries) for feed in feeds] == [3, 3, 1]
    assert tuple(entry for feed in feeds for entry in feed.entries) == whole.entries
    assert {(feed.title, feed.hints) for feed in feeds} == {(whole.title, whole.hints)}
    assert pieces(body, 7) == [body]
    assert pieces(b"<rss>", 1) == [b"<rss>"]


@pytest.mark.parametrize("opened", [b"<a", b"<channel "])
def test_tags_that_are_never_ended_cost_no_more_than_others(opened: bytes) -> None:
    """Here the loop itself waits: were each sought to the end, the test would hit its limit."""
    body = b"<rss " + opened * (65_000 // len(opened)) + ITEM % b"a"
    assert all(sift(body, None, URL) for _ in range(250))


def test_pieces_are_remembered_as_one_document() -> None:
    items = [b"<item><title>T%d</title><guid>%d</guid></item>" % (n, n) for n in range(4)]
    parts = pieces(b"<rss version='2.0'><channel>%s</channel></rss>" % b"".join(items), 3)
    memories = []
    for part in parts:
        sifted = sift(part, None, URL)
        assert sifted is not None
        memories.append(sifted.memory(parse_feed(part, "application/xml", URL)))
    whole = joined(memories)
    assert whole is not None
    assert len(whole) == 8 + 16 * 4
    assert joined(memories[:1]) == memories[0]
    assert joined([*memories, None]) is None
    assert joined([*memories, memories[0]]) is None, "two of one name"
    assert joined([*memories, b"another." + bytes(16)]) is None, "of another document"
