import gzip
import random
import tracemalloc
import zlib
from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.errors import FetchError, TooLargeError
from aggregator.intake.decode import Decoder

TEXT = b"<rss>" + b"All the news that is fit to fetch. " * 50 + b"</rss>"


def squeezed(body: bytes) -> bytes:
    return gzip.compress(body, mtime=0)


def bare(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


def by_coding(value: object) -> str | None:
    """Name a case by its coding: bodies make long and ugly names."""
    return value if isinstance(value, str) else "body" if isinstance(value, bytes) else None


def decoded(body: bytes, encoding: str = "", *, limit: int = 100_000, step: int = 7) -> bytes:
    decoder = Decoder(encoding, limit)
    for start in range(0, len(body), step):
        more = decoder.feed(body[start : start + step])
        while more:
            more = decoder.go_on()
    return decoder.finish()


@pytest.mark.parametrize("step", [1, 2, 3, 10_000])
@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("", TEXT),
        ("identity", TEXT),
        ("gzip", squeezed(TEXT)),
        ("x-gzip", squeezed(TEXT)),
        (" GZIP ", squeezed(TEXT)),
        ("gzip", squeezed(TEXT[:100]) + squeezed(TEXT[100:])),
        ("gzip", squeezed(TEXT) + b"\0\x1f\x8bpadding"),
        ("deflate", zlib.compress(TEXT)),
        ("deflate", zlib.compress(TEXT) + b"\x1f\x8bpadding"),
        ("deflate", bare(TEXT)),
        ("deflate, gzip", squeezed(zlib.compress(TEXT))),
        ("gzip, deflate", zlib.compress(squeezed(TEXT))),
        ("gzip, gzip", squeezed(squeezed(TEXT))),
        ("", squeezed(TEXT)),
        ("gzip", squeezed(squeezed(TEXT))),
    ],
    ids=by_coding,
)
def test_every_coding_is_undone(encoding: str, body: bytes, step: int) -> None:
    assert decoded(body, encoding, step=step) == TEXT


def test_unannounced_gzip_is_undone_only_once() -> None:
    inner = squeezed(TEXT)
    assert decoded(squeezed(inner)) == inner


@given(st.binary(max_size=300), st.sampled_from(["", "gzip", "deflate", "gzip, deflate"]))
def test_rubbish_is_an_error_of_ours_or_a_body(body: bytes, encoding: str) -> None:
    with suppress(FetchError):
        assert len(decoded(body, encoding, limit=1000)) <= 1000


@given(st.binary(max_size=300).filter(lambda body: not body.startswith(b"\x1f\x8b")))
def test_a_body_comes_out_as_it_went_in(body: bytes) -> None:
    assert decoded(body) == body
    assert decoded(squeezed(body), "gzip") == body
    assert decoded(bare(zlib.compress(body)), "deflate, deflate") == body


@pytest.mark.parametrize("body", [b"", b"<"])
@pytest.mark.parametrize("encoding", ["", "gzip", "deflate"])
def test_what_is_too_short_for_a_coding_is_left_as_it_is(body: bytes, encoding: str) -> None:
    assert decoded(body, encoding) == body


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", squeezed(TEXT)[:-1]),
        ("gzip", squeezed(TEXT)[:20]),
        ("gzip", squeezed(TEXT) + squeezed(TEXT)[:-5]),
        ("deflate", zlib.compress(TEXT)[:-1]),
        ("deflate", bare(TEXT)[:-1]),
        ("deflate, gzip", squeezed(zlib.compress(TEXT)[:-1])),
        ("", squeezed(TEXT)[:-1]),
    ],
    ids=by_coding,
)
def test_a_truncated_body_is_an_error(encoding: str, body: bytes) -> None:
    with pytest.raises(FetchError, match="breaks off"):
        decoded(body, encoding)


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", TEXT),
        ("deflate", TEXT),
        ("gzip", squeezed(TEXT)[:-8] + b"\0" * 8),
        ("gzip", zlib.compress(TEXT)),
    ],
    ids=by_coding,
)
def test_a_body_in_another_coding_is_an_error(encoding: str, body: bytes) -> None:
    with pytest.raises(FetchError, match="not compressed as announced"):
        decoded(body, encoding)


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, br", "gzip;q=1", "\x00", "x" * 1000])
def test_an_unknown_coding_is_named(encoding: str) -> None:
    with pytest.raises(FetchError, match=r"unknown content encoding .*gzip, deflate") as caught:
        Decoder(encoding, 100)
    assert len(str(caught.value)) < 120


def test_codings_do_not_pile_up() -> None:
    with pytest.raises(FetchError, match="3 content encodings"):
        Decoder("gzip, gzip, gzip", 100)


def test_the_cap_is_exact() -> None:
    for body, encoding in ((b"x" * 1000, ""), (squeezed(b"x" * 1000), "gzip")):
        assert len(decoded(body, encoding, limit=1000)) == 1000
        with pytest.raises(TooLargeError, match="larger than 999 bytes"):
            decoded(body, encoding, limit=999)


@pytest.mark.parametrize("encoding", ["gzip", "gzip, gzip"])
def test_a_body_grows_by_small_steps_however_dense_it_is(encoding: str) -> None:
    body = bytes(1_000_000)
    packed = squeezed(body) if encoding == "gzip" else squeezed(squeezed(body))
    decoder, lengths = Decoder(encoding, 1_000_000), [0]
    more = decoder.feed(packed)
    lengths.append(len(decoder))
    while more:
        more = decoder.go_on()
        lengths.append(len(decoder))
    assert decoder.finish() == body
    assert max(later - before for before, later in pairwise(lengths)) <= 2 * 65_536


def test_the_cap_holds_over_members_and_chunks() -> None:
    members = squeezed(b"x" * 400) * 3
    for step in (1, 10_000):
        with pytest.raises(TooLargeError):
            decoded(members, "gzip", limit=1000, step=step)


def test_members_are_counted() -> None:
    assert decoded(squeezed(b"x") * 100, "gzip", step=10_000) == b"x" * 100
    with pytest.raises(FetchError, match="more than 100 gzip members"):
        decoded(squeezed(b"") * 101, "gzip", step=10_000)
    with pytest.raises(FetchError, match="more than 100 gzip members"):
        decoded(squeezed(squeezed(b"") * 400), "gzip")


def test_members_longer_than_a_piece_and_shorter_are_put_together() -> None:
    noise = random.Random(7).randbytes(40_000)
    members = [noise, b"", noise[:100], noise[:20_000]]
    body = b"".join(map(squeezed, members)) + b"\0" * 20_000
    assert decoded(body, "gzip", step=len(body)) == b"".join(members)


def test_padding_without_end_meets_the_cap() -> None:
    with pytest.raises(TooLargeError):
        decoded(squeezed(b"x") + b"\0" * 2000, "gzip", limit=1000)


@pytest.mark.parametrize("encoding", ["gzip", "gzip, gzip", ""])
def test_a_bomb_costs_no_memory(encoding: str) -> None:
    bomb = squeezed(bytes(100_000_000))
    if encoding == "gzip, gzip":
        bomb = squeezed(bomb)
    tracemalloc.start()
    try:
        with pytest.raises(TooLargeError):
            decoded(bomb, encoding, limit=1_000_000, step=65_536)
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


def test_what_holds_next_to_nothing_for_long_is_taken_in_little_by_little() -> None:
    # Blocks of no bytes (RFC 1951, section 3.2.4).
    nothing = squeezed(b"")[:10] + b"\0\0\0\xff\xff" * 200_000
    decoder = Decoder("gzip, gzip", 2_000_000)
    more, steps = decoder.feed(squeezed(nothing)), 1
    while more:
        more, steps = decoder.go_on(), steps + 1
    assert (len(decoder), steps > 2) == (0, True)
