"""Fuzzing of what reads foreign words: feeds, pages, lists, addresses, rules, searches.

    .venv/bin/python benchmarks/fuzz.py --seconds 45

Documents are mutated from the golden ones. A finding is an error outside our own tree, or a
property that does not hold; its input is kept below tests/golden/fuzz, and is a test from then on.
"""

import argparse
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from aggregator.errors import AggregatorError
from aggregator.intake.article import article_from_page
from aggregator.intake.opml import parse_opml
from aggregator.intake.parse import parse_feed
from aggregator.intake.sanitize import clean_html, plain_text
from aggregator.intake.sift import pieces, sift
from aggregator.model import Article
from aggregator.stories.query import Document, compile_query
from aggregator.stories.search import parse_search
from aggregator.stories.urls import canonical_url, host_of, outlet_of

TESTS = Path(__file__).resolve().parents[1] / "tests"
KEPT = TESTS / "golden" / "fuzz"
URL = "https://gazette.example/dir/feed.xml"
NOON = datetime(2026, 4, 2, 12, tzinfo=UTC)
STUB = Article(entry_id=1, title="Depot opens", text="", outlet="gazette.example", published=NOON)
MOST = 60_000  # bytes of a document
UNSAFE = re.compile(
    r"<(script|style|iframe|object|svg)\b|<[^>]*\s(on\w+=|href=.javascript:)", re.IGNORECASE
)
TOKENS = (
    b"<![CDATA[", b"]]>", b"<!--", b"-->", b"<", b">", b"&", b"&amp;", b"&#0;", b"&#xD800;", b"\0",
    b"<item>", b"</item>", b"<entry>", b"<![", b"<?", b"'", b'"', b"{", b"[", b"\xff\xfe", b"\x80",
    b"<!DOCTYPE x [", b"<!ENTITY a 'b'>", b"xmlns='", b"://", b"http://[::1", b"//", b"..", b"%00",
    b"%zz", b"#", b"?", b"@", b":", b"99999999999", b"-1", b"1e999", b" AND ", b" OR ", b"NOT ",
    b"(", b")", b"*", b"~", b"^", b"/", b"title:", b"\\", b"\xe2\x80\xae", b"\xcc\x80",
    b"\xed\xa0\x80",
)  # fmt: skip
RULES = (
    b'title:"nato summit" AND (kfor OR eufor) NOT sport*',
    b"outlet:nato.int OR lang:en tag:defence /[a-z]+/ fuzzy~2 near~ boost^3",
)
ADDRESSES = (
    b"https://user:pw@www.Gazette.example:443/a/../b/%7Ec?utm_source=x&b=2&a=1#top",
    b"http://[2001:db8::1]:8080/;p?url=https%3A%2F%2Fother.example%2Fnews",
)


@dataclass(frozen=True)
class Target:
    """What is fuzzed: it raises where something does not hold. `seeds` is what to begin with."""

    run: Callable[[bytes], object]
    seeds: Callable[[], Sequence[bytes]]


def _feed(body: bytes) -> None:
    parse_feed(body, "application/xml", URL)


def _page(body: bytes) -> None:
    article_from_page(STUB, "", body, "text/html", URL)


def _sift(body: bytes) -> None:
    sift(body, None, URL)
    parts = pieces(body, 1)
    assert all(len(part) <= len(body) for part in parts)  # noqa: S101 - a property


def _html(body: bytes) -> None:
    cleaned = clean_html(body.decode("utf-8", "replace"), URL)
    assert not UNSAFE.search(cleaned)  # noqa: S101 - a property
    plain_text(cleaned)


def _address(body: bytes) -> None:
    text = body.decode("utf-8", "replace")
    host_of(text)
    outlet_of(text)
    once = canonical_url(text)
    assert once is None or canonical_url(once) == once  # noqa: S101 - a property


def _rule(body: bytes) -> None:
    query = compile_query(body.decode("utf-8", "replace"))
    query.matches(Document("NATO summit", "KFOR troops on the quay.", "nato.int", "NATO", "en", ()))


def _search(body: bytes) -> None:
    parse_search(body.decode("utf-8", "replace"))


def _documents() -> list[bytes]:
    files = (TESTS / "golden" / "feeds").iterdir()
    return [path.read_bytes() for path in sorted(files) if path.suffix != ".json"]


def _pages() -> list[bytes]:
    return [path.read_bytes() for path in sorted((TESTS / "intake" / "pages").glob("*.html"))]


def _lists() -> list[bytes]:
    return [(TESTS.parent / "config" / "sources.opml").read_bytes()]


TARGETS = {
    "feed": Target(_feed, _documents),
    "page": Target(_page, _pages),
    "sift": Target(_sift, _documents),
    "html": Target(_html, _pages),
    "opml": Target(parse_opml, _lists),
    "address": Target(_address, lambda: ADDRESSES),
    "rule": Target(_rule, lambda: RULES),
    "search": Target(_search, lambda: RULES),
}


def fault(target: Target, body: bytes) -> str | None:
    """Return what does not hold of the target given this, None where all does."""
    try:
        target.run(body)
    except AggregatorError:
        return None
    except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding
        return f"{type(error).__name__}: {error}"
    return None


def mutated(seeds: Sequence[bytes], chance: random.Random) -> bytes:
    """Return a seed with some of its bytes changed, moved, left out or put in."""
    body = bytearray(chance.choice(seeds))
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(body) + 1)
        length = min(chance.choice((1, 4, 30, 400)), len(body) - at)
        kind = chance.randrange(5)
        if kind == 0:
            body[at:at] = chance.choice(TOKENS) * chance.choice((1, 1, 1, 50))
        elif kind == 1:
            del body[at : at + length]
        elif kind == 2:  # noqa: PLR2004 - one of five
            body[at:at] = body[at : at + length] * chance.choice((1, 20))
        elif kind == 3:  # noqa: PLR2004 - one of five
            other = chance.choice(seeds)
            start = chance.randrange(len(other) + 1)
            body[at : at + length] = other[start : start + length]
        else:
            body[at : at + length] = bytes(
                letter ^ 1 << chance.randrange(8) for letter in body[at : at + length]
            )
    return bytes(body[:MOST])


def smallest(target: Target, body: bytes) -> bytes:
    """Return less of the input with which something still does not hold."""
    step = len(body) // 2
    while step:
        at = 0
        while at < len(body):
            less = body[:at] + body[at + step :]
            if fault(target, less) is None:
                at += step
            else:
                body = less
        step //= 2
    return body


def main() -> int:
    """Fuzz for a while; keep what is found; return whether there was anything."""
    words = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    words.add_argument("--seconds", type=float, default=45)
    words.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    words.add_argument("--target", choices=[*TARGETS])
    given = words.parse_args()
    chance = random.Random(given.seed)
    names = [given.target] if given.target else [*TARGETS]
    seeds = {name: TARGETS[name].seeds() for name in names}
    tried: Counter[str] = Counter()
    findings: dict[str, str] = {}
    spent = dict.fromkeys(names, 0.0)
    end = time.monotonic() + given.seconds
    while (begun := time.monotonic()) < end:
        name = min(names, key=lambda each: spent[each])  # each has as much time as the others
        body = mutated(seeds[name], chance)
        found = fault(TARGETS[name], body)
        if found is not None and f"{name}: {found[:60]}" not in findings:
            findings[f"{name}: {found[:60]}"] = found
            least = smallest(TARGETS[name], body)
            (KEPT / name).mkdir(parents=True, exist_ok=True)
            (KEPT / name / sha256(least).hexdigest()[:16]).write_bytes(least)
            print(f"{name}: {found[:200]}\n  {least[:200]!r}", flush=True)
        tried[name] += 1
        spent[name] += time.monotonic() - begun
    print(f"seed {given.seed}: {dict(tried)} tried, {len(findings)} findings")
    return bool(findings)


if __name__ == "__main__":
    sys.exit(main())
