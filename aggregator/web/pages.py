"""The pages that people see; plain HTML that needs no script."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from itertools import groupby

from jinja2 import Environment, PackageLoader, StrictUndefined

from aggregator.model import Story
from aggregator.web.view import CategoryView, SourceView, StatusView, StoryView

# The sanitizer has closed every element, so these find their ends.
_ASIDE = re.compile(r"<(figure|h[1-6]|table)\b.*?</\1>", re.DOTALL)
_BLOCK_END = re.compile(r"</(?:p|h[1-6]|li|div|td|th|figcaption|blockquote)>|<br")


def index(root: str, categories: Sequence[CategoryView]) -> str:
    """Return the front page. `root` leads from the page's address to `/`, here and below."""
    return _render("index.html", root=root, categories=categories)


def category(root: str, shown: CategoryView, stories: Iterable[Story]) -> str:
    """Return the page of one feed: its stories under the days they were published."""
    newest_first = sorted(stories, key=lambda story: story.published, reverse=True)
    days = [(day, list(told)) for day, told in groupby(newest_first, _published_on)]
    return _render("category.html", root=root, category=shown, days=days)


def story(root: str, shown: StoryView, categories: Sequence[CategoryView]) -> str:
    """Return the page of one story, with all its tellings in order of their placing."""
    titles = {known.slug: known.title for known in categories}
    return _render("story.html", root=root, view=shown, story=shown.story, titles=titles)


def search(root: str, query: str, stories: Sequence[Story], fault: str = "") -> str:
    """Return the page of a search: the form, and what was found, newest first."""
    return _render("search.html", root=root, query=query, stories=stories, fault=fault)


def sources(root: str, shown: Sequence[SourceView]) -> str:
    """Return the page of the sources and how they do."""
    return _render("sources.html", root=root, sources=shown)


def status(root: str, shown: StatusView) -> str:
    """Return the page of how things stand."""
    return _render("status.html", root=root, status=shown)


def problem(root: str, status: int, title: str, advice: str) -> str:
    """Return a page that says what went wrong and what to do."""
    return _render("problem.html", root=root, status=status, title=title, advice=advice)


def _render(template: str, **values: object) -> str:
    return _ENVIRONMENT.get_template(template).render(values)


def _published_on(told: Story) -> date:
    return told.published.astimezone(UTC).date()


def _day(day: date) -> str:
    return f"{day:%A}, {day.day} {day:%B %Y}"


def _moment(moment: datetime) -> str:
    utc = moment.astimezone(UTC)
    return f"{utc.day} {utc:%b %Y, %H:%M} UTC"


def _clock(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%H:%M}"


def _iso(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _running(html: str) -> str:
    """Return the HTML for a teaser: no captions or headings, a space where a block ends."""
    return _BLOCK_END.sub(r" \g<0>", _ASIDE.sub("", html))


def _is_web_link(url: str | None) -> bool:
    """Return whether the address may stand in a page; `javascript:` and its like may not."""
    return url is not None and url.lower().startswith(("http://", "https://"))


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("aggregator.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(day=_day, moment=_moment, clock=_clock, iso=_iso, running=_running)
    environment.tests["web_link"] = _is_web_link
    return environment


_ENVIRONMENT = _environment()
