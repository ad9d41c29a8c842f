import re
import tomllib
from collections import Counter
from datetime import timedelta
from difflib import SequenceMatcher
from importlib.resources import files
from itertools import combinations

import pytest

from aggregator.demo.newsroom import Dialect, Newsroom, Piece, PieceKind, load

SHINGLE = 4


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def shingles(piece: Piece) -> set[tuple[str, ...]]:
    text = words(piece.text)
    return {tuple(text[start : start + SHINGLE]) for start in range(len(text) - SHINGLE + 1)}


def containment(one: Piece, other: Piece) -> float:
    smaller, larger = sorted((shingles(one), shingles(other)), key=len)
    return len(smaller & larger) / len(smaller)


def share_of_new_words(piece: Piece, original: Piece) -> float:
    told, first = words(piece.text), words(original.text)
    matcher = SequenceMatcher(None, first, told, autojunk=False)
    return 1 - sum(block.size for block in matcher.get_matching_blocks()) / len(told)


def sentences(piece: Piece) -> set[str]:
    return set(re.split(r"(?<=[.!?])[\"”]?\s+|\n+", piece.text))


def of_kind(newsroom: Newsroom, kind: PieceKind) -> list[Piece]:
    return [piece for piece in newsroom.pieces if piece.kind is kind]


def test_it_is_as_large_as_promised(newsroom: Newsroom) -> None:
    assert len(newsroom.outlets) >= 7
    assert len(newsroom.pieces) >= 44
    assert len({piece.story for piece in newsroom.pieces}) >= 16
    assert len(newsroom.lookalikes) >= 4


def test_every_kind_and_every_dialect_is_present(newsroom: Newsroom) -> None:
    kinds = Counter(piece.kind for piece in newsroom.pieces)
    assert min(kinds[kind] for kind in PieceKind) >= 5
    assert {outlet.dialect for outlet in newsroom.outlets} == set(Dialect)


def test_ids_are_unique_and_every_outlet_publishes(newsroom: Newsroom) -> None:
    assert len({piece.id for piece in newsroom.pieces}) == len(newsroom.pieces)
    assert {piece.outlet for piece in newsroom.pieces} == {o.slug for o in newsroom.outlets}


def test_loading_twice_gives_the_same(newsroom: Newsroom) -> None:
    assert load() == newsroom


def test_a_piece_and_an_outlet_are_found_by_name(newsroom: Newsroom) -> None:
    assert newsroom.piece("kfor-road").story == "kfor-road"
    assert newsroom.outlet("jhq-adria").name == "Joint Headquarters Adria"
    with pytest.raises(KeyError):
        newsroom.piece("no-such-piece")


def test_each_story_begins_with_its_only_original(newsroom: Newsroom) -> None:
    for piece in newsroom.pieces:
        original = newsroom.piece(piece.story)
        assert original.kind is PieceKind.ORIGINAL
        assert (piece is original) == (piece.kind is PieceKind.ORIGINAL)
        assert piece is original or piece.age < original.age
        assert piece is original or piece.outlet != original.outlet


def test_originals_are_150_to_350_words_long(newsroom: Newsroom) -> None:
    for piece in of_kind(newsroom, PieceKind.ORIGINAL):
        assert 150 <= len(piece.text.split()) <= 350, piece.id


def test_copies_are_verbatim(newsroom: Newsroom) -> None:
    for piece in of_kind(newsroom, PieceKind.COPY):
        original = newsroom.piece(piece.story)
        assert (piece.title, piece.text) == (original.title, original.text)


def test_some_copies_name_the_original_as_canonical(newsroom: Newsroom) -> None:
    named = [piece for piece in newsroom.pieces if piece.canonical != piece.id]
    assert named
    assert all(piece.canonical == piece.story for piece in named)


def test_light_edits_change_the_headline_few_words_and_leave_something_out(
    newsroom: Newsroom,
) -> None:
    for piece in of_kind(newsroom, PieceKind.LIGHT):
        original = newsroom.piece(piece.story)
        assert piece.title != original.title
        assert len(piece.text) < len(original.text)
        assert 0.02 <= share_of_new_words(piece, original) <= 0.06, piece.id
        assert containment(piece, original) >= 0.7, piece.id


def test_one_light_edit_is_cut_to_about_two_thirds(newsroom: Newsroom) -> None:
    shares = [
        len(piece.text) / len(newsroom.piece(piece.story).text)
        for piece in of_kind(newsroom, PieceKind.LIGHT)
    ]
    assert sum(0.6 < share < 0.75 for share in shares) == 1


def test_every_edit_finds_its_place(newsroom: Newsroom) -> None:
    for path in (files("aggregator.demo") / "stories").iterdir():
        for table in tomllib.loads(path.read_text("utf-8"))["piece"]:
            for old, _ in table.get("edits", ()):
                assert newsroom.piece(table["of"]).text.count(old) == 1, old


def test_spun_pieces_share_no_sentence_and_caption_the_original_headline(
    newsroom: Newsroom,
) -> None:
    for piece in of_kind(newsroom, PieceKind.SPUN):
        original = newsroom.piece(piece.story)
        assert not sentences(piece) & sentences(original)
        assert containment(piece, original) < 0.02, piece.id
        assert (
            piece.caption == f"{original.title} \N{EN DASH} {newsroom.outlet(original.outlet).name}"
        )


def test_spun_pieces_share_their_padding_but_are_not_made_of_it(newsroom: Newsroom) -> None:
    shared = [
        containment(one, other)
        for one, other in combinations(of_kind(newsroom, PieceKind.SPUN), 2)
        if one.story != other.story
    ]
    assert sum(share > 0.05 for share in shared) >= 10
    assert max(shared) < 0.4


def test_different_stories_share_no_text_but_padding(newsroom: Newsroom) -> None:
    for one, other in combinations(of_kind(newsroom, PieceKind.ORIGINAL), 2):
        assert containment(one, other) < 0.1, (one.id, other.id)


def test_lookalikes_are_different_stories_within_days_of_each_other(newsroom: Newsroom) -> None:
    for lookalike in newsroom.lookalikes:
        one, other = map(newsroom.piece, lookalike.stories)
        assert one.story != other.story
        assert abs(one.age - other.age) < timedelta(days=4)
        assert SequenceMatcher(None, one.title, other.title).ratio() > 0.7, lookalike.reason


def test_the_paper_in_the_local_language_tells_only_its_own_stories_in_both_scripts(
    newsroom: Newsroom,
) -> None:
    own = [piece for piece in newsroom.pieces if piece.outlet == "jadranski-glas"]
    assert all(piece.kind is PieceKind.ORIGINAL for piece in own)
    cyrillic = [piece for piece in own if re.search(r"[\u0400-\u04ff]{5}", piece.text)]
    assert len(cyrillic) == 1
    assert any(set("čćšžđ") <= set(piece.text) for piece in own)


def test_no_text_shows_an_unused_mark(newsroom: Newsroom) -> None:
    for piece in newsroom.pieces:
        assert not re.search(r"^(## |- |\d\. )|\$", piece.text, re.MULTILINE), piece.id
