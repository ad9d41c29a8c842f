"""Whether our intake reads every dialect of feeds, beside what other parsers make of it.

    python3 -m venv /tmp/parsers
    /tmp/parsers/bin/pip install feedparser fastfeedparser feedparser-rs
    /tmp/parsers/bin/pip install atoma podcastparser rss-parser
    .venv/bin/python benchmarks/parsers.py --others /tmp/parsers/bin/python

The documents are our own (benchmarks/dialects.py and its neighbours) and say what is in them. An
entry is what it is called, what it is titled and where it leads; of titles and addresses only what
no two parsers write alike is left out of account. Of each document is told whether we found exactly
its entries, and where three or more of the others agree, whether we agree with them.
"""

import argparse
import base64
import html
import json
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias
from urllib.parse import quote, urljoin

from dialect_damage import damaged
from dialect_items import FEED_URL
from dialects import Document, documents

from aggregator.errors import ParseError
from aggregator.intake.parse import parse_feed

OTHERS = Path(__file__).with_name("other_parsers.py")
AGREEING = 3
NOTHING: frozenset[tuple[str, str, str]] = frozenset()
TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
Entries: TypeAlias = frozenset[tuple[str, str, str]]


def ours(document: Document) -> Entries | None:
    """Return what we read in a document, None where we refuse it."""
    try:
        feed = parse_feed(document.body, document.content_type, FEED_URL)
    except ParseError:
        return None
    return _entries((one.title, one.link or "", one.guid or "") for one in feed.entries)


def stated(document: Document) -> Entries:
    """Return what stands in a document."""
    return _entries((one.title, one.link, one.guid) for one in document.entries)


def _entries(said: Iterable[Sequence[str]]) -> Entries:
    return frozenset((_line(title), _address(link), guid.strip()) for title, link, guid in said)


def _line(title: str) -> str:
    """Return a title without markup, references and odd blanks; some hand over all of them."""
    text = html.unescape(html.unescape(TAG.sub("", html.unescape(title))))
    return " ".join(TAG.sub("", text).split())


def _address(link: str) -> str:
    address = urljoin(FEED_URL, link.strip()) if link.strip() else ""
    return quote(address, safe=":/?#[]@!$&'()*+,;=%~") if address.startswith("http") else ""


def others(python: str, cases: Sequence[Document]) -> list[Mapping[str, Entries | None]]:
    """Return what the other parsers make of each document."""
    with subprocess.Popen(  # noqa: S603 - the caller's own interpreter
        [python, "-W", "ignore", str(OTHERS)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as reader:
        assert reader.stdin is not None  # noqa: S101 - piped above
        assert reader.stdout is not None  # noqa: S101 - piped above
        found: list[Mapping[str, Entries | None]] = []
        for case in cases:
            body = base64.b64encode(case.body).decode()
            print(json.dumps([FEED_URL, body]), file=reader.stdin, flush=True)
            said = json.loads(reader.stdout.readline())
            found.append(
                {name: None if one is None else _entries(one) for name, one in said.items()}
            )
        reader.stdin.close()
    return found


def agreed(said: Mapping[str, Entries | None]) -> Entries | None:
    """Return what three or more of the others say alike, None where there is no such thing."""
    alike = Counter(one for one in said.values() if one)
    most, times = next(iter(alike.most_common(1)), (None, 0))
    return most if times >= AGREEING else None


def main() -> int:
    """Compare, print what differs and the sums; return whether anything was not read as stated."""
    words = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    words.add_argument("--others", metavar="PYTHON", help="an interpreter that has the others")
    words.add_argument("--only", default="", help="a part of the documents' names")
    words.add_argument("--show", action="store_true", help="also tell what was read")
    given = words.parse_args()
    cases = [case for case in (*documents(), *damaged()) if given.only in case.name]
    begun = time.process_time()
    read = [ours(case) for case in cases]
    took = time.process_time() - begun
    said = others(given.others, cases) if given.others else [{}] * len(cases)
    right, compared, alike = 0, 0, 0
    exact: Counter[str] = Counter()
    for case, mine, theirs in zip(cases, read, said, strict=True):
        truth, common = stated(case), agreed(theirs)
        exact.update(name for name, one in theirs.items() if (one or NOTHING) == truth)
        is_right = (mine or NOTHING) == truth
        is_alike = common is None or (mine or NOTHING) == common
        right += is_right
        compared += common is not None
        alike += common is not None and is_alike
        if not (is_right and is_alike):
            fault = "not as stated" if not is_right else "otherwise than the others"
            fault += "" if common is None else ", who agree" + (" with us" if is_alike else "")
            print(f"{case.name}: {fault}")
            if given.show:
                _show(mine, truth, common)
    total = len(cases)
    print(f"{total} documents, {right} read exactly as stated ({right / total:.1%}), {took:.1f} s")
    for name, count in exact.most_common():
        print(f"  {name}: {count} ({count / total:.1%})")
    if compared:
        print(f"{AGREEING} others agree on {compared}, we with them on {alike}")
    return int(right < total)


def _show(mine: Entries | None, truth: Entries, common: Entries | None) -> None:
    for what, one in (("read", mine), ("stated", truth), ("agreed", common)):
        rest = None if one is None else sorted((one - truth) or (one - (mine or NOTHING)))
        print(f"    {what}: {'nothing' if rest is None else rest}")


if __name__ == "__main__":
    sys.exit(main())
