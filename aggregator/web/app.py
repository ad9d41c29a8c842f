"""The HTTP side: published feeds, pages, and the two probes."""

import asyncio
from collections.abc import Awaitable, Callable
from importlib.resources import files
from pathlib import Path
from typing import TypeVar
from unicodedata import normalize
from urllib.parse import quote

from aiohttp import web

from aggregator.errors import AggregatorError, RuleError
from aggregator.logs import get_logger
from aggregator.media_types import CONTENT_TYPES
from aggregator.stories.hubs import HUB_PATH
from aggregator.web import pages
from aggregator.web.conditions import HEEDED, Verdict, choose_coding, is_browser, judge
from aggregator.web.conversation import counted
from aggregator.web.hardening import HARDENING
from aggregator.web.hubdoor import Hub, HubDoor
from aggregator.web.lobby import DEFAULT, Limits
from aggregator.web.published import (
    Document,
    Links,
    PublishedFiles,
    document,
    no_links,
)
from aggregator.web.view import CategoryView, Moved, Pruned, View
from aggregator.web.websub import Callbacks, Inbox

_STORIES_SHOWN = 100
logger = get_logger(__name__)

_LONGEST_QUERY = 500
_MAX_BODY = 16 * 1024  # the longest that a hub is asked has two addresses and a secret
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_Subscription = TypeVar("_Subscription")


PUBLISHED = web.AppKey("published", PublishedFiles)
LIMITS = web.AppKey("limits", Limits)
_PAGES = web.AppKey("pages", asyncio.Semaphore)


def application(
    view: View,
    directory: Callable[[], Path],
    links: Links = no_links,
    hub: Hub | None = None,
    inbox: Callable[[], Inbox[_Subscription] | None] = lambda: None,
    limits: Limits = DEFAULT,
) -> web.Application:
    """Return the application that serves the published files and the pages over `view`.

    `directory` is asked at each request, so that a reload may move it; so is
    `inbox`, which takes what hubs send. `links` gives the Link header of a
    file, `hub` takes subscriptions to them. `limits` bound what a client takes.
    """
    app = web.Application(middlewares=[counted, _problems_as_pages], client_max_size=_MAX_BODY)
    app[PUBLISHED] = PublishedFiles(directory, links)
    app[LIMITS] = limits
    app[_PAGES] = asyncio.Semaphore(limits.pages)
    site = _Site(view, app[PUBLISHED])
    app.add_routes(
        [
            web.get("/", _one_of_few(site.index)),
            web.get("/feeds/{name:.+}", site.feed),
            web.get("/categories/{slug}", _one_of_few(site.category)),
            web.get("/stories/{key:.+}", _one_of_few(site.story)),
            web.get("/search", _one_of_few(site.search)),
            web.get("/search.atom", _one_of_few(site.search_feed)),
            web.get("/sources", _one_of_few(site.sources)),
            web.get("/status", _one_of_few(site.status)),
            web.get("/static/{name}", site.style),
            web.get("/healthz", site.alive),
            web.get("/readyz", site.ready),
        ]
    )
    if hub is not None:
        app.router.add_post(HUB_PATH, HubDoor(hub).post)
    app.add_routes(Callbacks(inbox).routes())
    app.on_response_prepare.append(_harden)
    return app


class _Site:
    """The handlers, and what they share."""

    def __init__(self, view: View, published: PublishedFiles) -> None:
        self._view = view
        self._published = published
        self._styles = {name: _stylesheet(name) for name in ("style.css", "feed.css")}

    async def index(self, request: web.Request) -> web.Response:
        return _page(pages.index(_root(request), await self._view.categories()))

    async def category(self, request: web.Request) -> web.Response:
        shown = await self._category(request.match_info["slug"])
        stories = await self._view.stories(shown.slug, _STORIES_SHOWN)
        return _page(pages.category(_root(request), shown, stories))

    async def _category(self, slug: str) -> CategoryView:
        for category in await self._view.categories():
            if category.slug == slug:
                return category
        raise web.HTTPNotFound

    async def story(self, request: web.Request) -> web.Response:
        found = await self._view.story(request.match_info["key"])
        match found:
            case None:
                raise web.HTTPNotFound
            case Pruned():
                raise web.HTTPGone
            case Moved(key):
                home = f"{_root(request)}stories/{quote(key, safe='')}"
                # Asked again each time: a merge can be undone.
                raise web.HTTPMovedPermanently(home, headers={"Cache-Control": "no-cache"})
        return _page(pages.story(_root(request), found, await self._view.categories()))

    async def search(self, request: web.Request) -> web.Response:
        query = _query(request)
        try:
            stories = await self._view.found(query, _STORIES_SHOWN) if query else ()
        except RuleError as error:
            return _page(pages.search(_root(request), query, (), str(error)), 400)
        return _page(pages.search(_root(request), query, stories))

    async def search_feed(self, request: web.Request) -> web.Response:
        query = _query(request)
        try:
            feed = await self._view.search_feed(query)
        except RuleError as error:
            return _page(pages.problem(_root(request), 400, "No search", str(error)), 400)
        answer = _conditional(request, document(feed, CONTENT_TYPES[".atom"]))
        # However the query was spelled: the feed calls itself by this address.
        answer.headers["Content-Location"] = f"search.atom?q={quote(query, safe='')}"
        return answer

    async def sources(self, request: web.Request) -> web.Response:
        return _page(pages.sources(_root(request), await self._view.sources()))

    async def status(self, request: web.Request) -> web.Response:
        return _page(pages.status(_root(request), await self._view.status()))

    async def feed(self, request: web.Request) -> web.Response:
        found = self._published.get(request.match_info["name"])
        if found is None:
            raise web.HTTPNotFound
        return _conditional(request, found)

    async def style(self, request: web.Request) -> web.Response:
        found = self._styles.get(request.match_info["name"])
        if found is None:
            raise web.HTTPNotFound
        return _conditional(request, found)

    async def alive(self, _request: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def ready(self, _request: web.Request) -> web.Response:
        facts = await self._view.readiness()
        return web.json_response(dict(facts), status=200 if facts["ready"] else 503)


def _query(request: web.Request) -> str:
    """Return what is sought: one line, no longer than anybody types, its letters composed."""
    words = normalize("NFC", request.query.get("q", "")).split()
    return " ".join(words)[:_LONGEST_QUERY]


def _stylesheet(name: str) -> Document:
    body = (files("aggregator.web") / "static" / name).read_bytes()
    return document(body, CONTENT_TYPES[".css"])


def _page(html: str, status: int = 200) -> web.Response:
    return web.Response(text=html, status=status, content_type="text/html")


def _root(request: web.Request) -> str:
    """Return the relative way to `/`, which also holds behind a proxy that adds a prefix."""
    return "../" * (request.rel_url.raw_path.count("/") - 1) or "./"


def _conditional(request: web.Request, found: Document) -> web.Response:
    """Return the document as the client takes it, or 304 where the client has it."""
    fields = {
        name.lower(): request.headers.getall(name)
        for name in request.headers
        if name.lower() in HEEDED
    }
    chosen = found.coded(
        choose_coding(fields.get("accept-encoding", ())),
        for_browser=is_browser(fields.get("accept", ())),
    )
    verdict = judge(fields, chosen.etag, found.modified)
    if verdict is not Verdict.SEND:
        return web.Response(status=verdict, headers=chosen.brief)
    return web.Response(headers=chosen.head, body=chosen.body)


@web.middleware
async def _problems_as_pages(request: web.Request, handler: _Handler) -> web.StreamResponse:
    root = _root(request)
    try:
        async with asyncio.timeout(request.app[LIMITS].answer):
            return await handler(request)
    except web.HTTPNotFound:
        advice = "Nothing stands at this address. The front page lists every feed."
        return _page(pages.problem(root, 404, "Not found", advice), 404)
    except web.HTTPGone:
        advice = "This story is past its time here. The archives of its feeds still hold it."
        return _page(pages.problem(root, 410, "Gone", advice), 410)
    except web.HTTPMethodNotAllowed as error:
        advice = "These pages can only be read; administration is the command line's."
        if request.method in {"GET", "HEAD"}:
            advice = "Nothing can be read at this address: programs send something to it."
        response = _page(pages.problem(root, 405, "Not allowed", advice), 405)
        response.headers["Allow"] = error.headers["Allow"]
        return response
    except TimeoutError:
        logger.warning("page.overdue", path=request.path)
        return _unavailable(root, "This takes too long at the moment. Try again in a minute.")
    except AggregatorError as error:
        logger.warning("page.failed", path=request.path, reason=str(error))
        advice = "The database does not answer at the moment. Try again in a minute."
        return _unavailable(root, advice)


def _unavailable(root: str, advice: str) -> web.Response:
    return _page(pages.problem(root, 503, "Not available", advice), 503)


def _one_of_few(handler: _Handler) -> _Handler:
    """Return a handler that asks the database in its turn, so that polls need not wait for all."""

    async def in_turn(request: web.Request) -> web.StreamResponse:
        async with request.app[_PAGES]:
            return await handler(request)

    return in_turn


async def _harden(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(HARDENING)
