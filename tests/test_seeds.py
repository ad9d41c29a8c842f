"""Pages of content farms, wrapped in markup and served: their articles come in, nothing else."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from html import escape
from itertools import groupby
from pathlib import Path

import pytest
from newsdesk import published_stories
from rawweb import RawWeb, raw_web, reply
from sqlalchemy import select

from aggregator.desk import Desk
from aggregator.dispatch import Dispatch
from aggregator.round import run_round
from aggregator.store.database import Session
from aggregator.store.tables import ArticleRow, EntryRow
from aggregator.subscribe import Wish, subscribe

HERE = Path(__file__).parent
OURS = HERE / "intake" / "pages" / "farm.txt"
SEEDS = HERE.parents[1] / "shared" / "seeds"
FOUND = [path for name in ("000", "002", "003") if (path := SEEDS / f"{name}.txt").is_file()]
BULLET = "•"
# A line this long is prose; a shorter one without a sign at its end heads a part (in characters).
PROSE, HEADING = 150, 130
ENDS = ("Tags:", "Related posts")
LABELS = [
    "Related Posts", "Related posts", "No Result", "View All Result", "ADVERTISEMENT", "MTWTFSS",
    "Table of Contents", "Toggle", "Previous Post", "Next Post", "Our authors", "uses cookies",
    "Go to mobile version", "Tags:", "©",
]  # fmt: skip


@dataclass(frozen=True)
class Farmed:
    """A page as a text browser shows it: one line a paragraph, item, row or label."""

    name: str
    lines: tuple[str, ...]

    @classmethod
    def read(cls, path: Path) -> "Farmed":
        lines = (" ".join(line.split()) for line in path.read_text("utf-8").splitlines())
        return cls(path.stem, tuple(line for line in lines if line))

    @property
    def title(self) -> str:
        return next(line for line in self.lines if len(line) > len("Sunday, February 1, 2026 ..."))

    @property
    def start(self) -> int:
        """Return the place of the first paragraph."""
        return next(i for i, line in enumerate(self.lines) if len(line) > PROSE)

    @property
    def end(self) -> int:
        """Return the place behind the last paragraph."""
        return next(i for i, line in enumerate(self.lines) if line.startswith(ENDS))

    @property
    def article(self) -> list[str]:
        """Return the article's lines: all from start to end but the table of contents."""
        lines = self.lines[self.start : self.end]
        if "Toggle" not in lines:
            return [unmarked(line) for line in lines]
        before = lines.index("Toggle")
        after = next(i for i in range(before + 1, len(lines)) if not lines[i].startswith(BULLET))
        return [unmarked(line) for line in (*lines[: before - 1], *lines[after:])]


def unmarked(line: str) -> str:
    return line.removeprefix(BULLET).strip()


def as_paragraphs(farmed: Farmed) -> str:
    """Return a page of nothing but paragraphs."""
    rows = "".join(f"<p>{escape(line)}</p>" for line in farmed.lines)
    return f"<title>{escape(farmed.title)}</title><body><main>{rows}</main></body>"


def as_boxes(farmed: Farmed) -> str:
    """Return a page of boxes without names and without a title; only the feed knows that."""
    rows = "".join(f"<div><div>{escape(line)}</div></div>" for line in farmed.lines)
    return f"<html><body>{rows}</body></html>"


def as_breaks(farmed: Farmed) -> str:
    """Return a page whose lines are parted by nothing but breaks."""
    rows = "<br>".join(map(escape, farmed.lines))
    return f"<head><title>{escape(farmed.title)} | News</title></head><body>{rows}</body>"


def as_theme(farmed: Farmed) -> str:
    """Return a page with a header, an article of headings, lists and paragraphs, and a footer."""
    top, rest = farmed.lines[: farmed.start], farmed.lines[farmed.end :]
    inner = "".join(blocks(farmed.lines[farmed.start : farmed.end]))
    label = escape(rest[0])
    return f"""<!doctype html><html lang="en"><head><meta charset="utf-8">
      <title>{escape(farmed.title)} - {escape(top[0])}</title></head><body>
      <div class="top"><ul>{"".join(f"<li><a href='/'>{escape(line)}</a></li>" for line in top)}
      </ul></div><div class="page"><h1>{escape(farmed.title)}</h1>{inner}<p>{label}</p>
      <div class="more">{"".join(f"<div><h4>{escape(line)}</h4></div>" for line in rest[1:])}</div>
      </div></body></html>"""


def blocks(lines: tuple[str, ...]) -> Iterator[str]:
    for marked, run in groupby(lines, key=lambda line: line.startswith(BULLET)):
        if marked:
            yield f"<ul>{''.join(f'<li>{escape(unmarked(line))}</li>' for line in run)}</ul>"
            continue
        for line in run:
            heads = len(line) < HEADING and line[-1] not in ".:"
            yield f"<h2>{escape(line)}</h2>" if heads else f"<p>{escape(line)}</p>"


def feed_of(farmed: Farmed, link: str) -> bytes:
    outlet, day = TOLD.get(farmed.name, (farmed.name, 10))
    return (
        f"<rss version='2.0'><channel><title>{outlet}</title><link>{link}</link>"
        f"<item><title>{escape(farmed.title)}</title><link>{link}</link><guid>{link}</guid>"
        f"<pubDate>{day} Mar 2025 09:00:00 GMT</pubDate>"
        "<description>A word on who met whom.</description></item></channel></rss>"
    ).encode()


# Which outlet has which page, and on which day of March; the honest report as if of those days.
TOLD = {"000": ("Farm", 13), "002": ("Farm", 17), "003": ("Honest Press", 12)}


Wrap = Callable[[Farmed], str]
WRAPS: list[Wrap] = [as_paragraphs, as_boxes, as_breaks, as_theme]


async def take_in(desk: Desk, web: RawWeb, pages: Iterable[Farmed], wrap: Wrap) -> dict[str, str]:
    """Serve the pages with a feed each, take them in by the real verbs; return the articles."""
    for farmed in pages:
        path, link = f"/{farmed.name}", web.url(f"/{farmed.name}")
        markup, feed = wrap(farmed).encode(), feed_of(farmed, link)
        web.answers[path] = reply(markup, Content_Type="text/html; charset=utf-8")
        web.answers[f"{path}.xml"] = reply(feed, Content_Type="application/rss+xml")
        await subscribe(desk, Wish(f"{link}.xml"))
    await run_round(desk, Dispatch(desk))
    return desk.store.read_now(articles_in)


def articles_in(session: Session) -> dict[str, str]:
    """Return the articles' texts by the last part of their address."""
    query = select(EntryRow.link, ArticleRow.text).join_from(
        EntryRow, ArticleRow, ArticleRow.entry_id == EntryRow.id
    )
    return {(link or "").rpartition("/")[2]: text for link, text in session.execute(query)}


def told_in(lines: Iterable[str]) -> list[str]:
    """Return the lines without their bullets; a heading that stands twice in a row counts once."""
    return [line for line, _ in groupby(unmarked(line) for line in lines if line)]


@pytest.mark.parametrize("wrap", WRAPS)
async def test_a_farmed_page_comes_in_whole_and_without_its_chrome(desk: Desk, wrap: Wrap) -> None:
    farmed = Farmed.read(OURS)
    async with raw_web() as web:
        texts = await take_in(desk, web, [farmed], wrap)
    article = (line for line in farmed.article if line != "Share")
    assert told_in(texts["farm"].split("\n")) == told_in(article)


@pytest.mark.skipif(not FOUND, reason="the sample pages lie beside some checkouts only")
@pytest.mark.parametrize("wrap", WRAPS)
async def test_the_sample_pages_come_in_whole_and_tell_two_stories(desk: Desk, wrap: Wrap) -> None:
    pages = [Farmed.read(path) for path in FOUND]
    async with raw_web() as web:
        texts = await take_in(desk, web, pages, wrap)
    for farmed in pages:
        text = texts[farmed.name]
        assert told_in(text.split("\n")) == told_in(farmed.article)
        assert [label for label in LABELS if label in text] == []
    titles = {farmed.name: farmed.title for farmed in pages}
    told = [
        {telling.title for telling in story.tellings} for story in published_stories(desk.store)
    ]
    assert sorted(told, key=len) == [{titles["002"]}, {titles["000"], titles["003"]}]
