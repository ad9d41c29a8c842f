"""The HTTP side: published feeds, pages, and the two probes."""

from collections.abc import Awaitable, Callable
from importlib.resources import files
from pathlib import Path
from urllib.parse import quote

from aiohttp import web

from aggregator.errors import AggregatorError
from aggregator.logs import get_logger
from aggregator.web import pages
from aggregator.web.published import (
    CONTENT_TYPES,
    Document,
    PublishedFiles,
    Representation,
    document,
)
from aggregator.web.view import CategoryView, Moved, View

_STORIES_SHOWN = 100
logger = get_logger(__name__)

_MAX_BODY = 16 * 1024  # nothing here takes a body
_CACHE = "public, max-age=300"
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src https: http: data:; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Server": "aggregator",
}
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def application(view: View, directory: Callable[[], Path]) -> web.Application:
    """Return the application that serves the published files and the pages over `view`.

    `directory` is asked at each request, so that a reload may move it.
    """
    app = web.Application(middlewares=[_problems_as_pages], client_max_size=_MAX_BODY)
    site = _Site(view, PublishedFiles(directory))
    app.add_routes(
        [
            web.get("/", site.index),
            web.get("/feeds/{name:.+}", site.feed),
            web.get("/categories/{slug}", site.category),
            web.get("/stories/{key:.+}", site.story),
            web.get("/sources", site.sources),
            web.get("/status", site.status),
            web.get("/static/style.css", site.style),
            web.get("/healthz", site.alive),
            web.get("/readyz", site.ready),
        ]
    )
    app.on_response_prepare.append(_harden)
    return app


class _Site:
    """The handlers, and what they share."""

    def __init__(self, view: View, published: PublishedFiles) -> None:
        self._view = view
        self._published = published
        self._style = _stylesheet()

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
            case Moved(key):
                home = f"{_root(request)}stories/{quote(key, safe='')}"
                raise web.HTTPMovedPermanently(home)
        return _page(pages.story(_root(request), found, await self._view.categories()))

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
        return _conditional(request, self._style)

    async def alive(self, _request: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def ready(self, _request: web.Request) -> web.Response:
        facts = await self._view.readiness()
        return web.json_response(dict(facts), status=200 if facts["ready"] else 503)


def _stylesheet() -> Document:
    body = (files("aggregator.web") / "static" / "style.css").read_bytes()
    return document(body, CONTENT_TYPES[".css"])


def _page(html: str, status: int = 200) -> web.Response:
    return web.Response(text=html, status=status, content_type="text/html")


def _root(request: web.Request) -> str:
    """Return the relative way to `/`, which also holds behind a proxy that adds a prefix."""
    return "../" * (request.rel_url.raw_path.count("/") - 1) or "./"


def _conditional(request: web.Request, found: Document) -> web.Response:
    """Return the document in the encoding asked for, or 304 where the client has it."""
    chosen = found.gzipped if _takes_gzip(request) else found.plain
    response = web.Response(headers={"Cache-Control": _CACHE, "Vary": "Accept-Encoding"})
    response.etag = chosen.etag
    response.last_modified = found.modified
    if _is_current(request, found, chosen):
        response.set_status(304)
        return response
    response.headers["Content-Type"] = found.content_type
    if chosen.encoding:
        response.headers["Content-Encoding"] = chosen.encoding
    response.body = chosen.body
    return response


def _is_current(request: web.Request, found: Document, chosen: Representation) -> bool:
    """Return whether the client holds this representation (RFC 9110 section 13.2.2)."""
    if (known := request.if_none_match) is not None:
        return any(tag.value in {"*", chosen.etag} for tag in known)
    try:
        since = request.if_modified_since
    except (OverflowError, ValueError):
        return False  # a date beyond all calendars
    if since is None or found.modified is None:
        return False
    return found.modified.replace(microsecond=0) <= since


def _takes_gzip(request: web.Request) -> bool:
    """Return whether gzip is acceptable (RFC 9110 section 12.5.3)."""
    weights: dict[str, str] = {}
    for offer in request.headers.get("Accept-Encoding", "").lower().split(","):
        coding, _, weight = offer.partition(";")
        weights[coding.strip()] = weight.replace(" ", "").removeprefix("q=")
    weight = weights.get("gzip", weights.get("*", "0"))
    return weight.strip("0.") != "" or weight == ""


@web.middleware
async def _problems_as_pages(request: web.Request, handler: _Handler) -> web.StreamResponse:
    root = _root(request)
    try:
        return await handler(request)
    except web.HTTPNotFound:
        advice = "Nothing stands at this address. The front page lists every feed."
        return _page(pages.problem(root, 404, "Not found", advice), 404)
    except web.HTTPMethodNotAllowed as error:
        advice = "These pages can only be read; administration is the command line's."
        response = _page(pages.problem(root, 405, "Not allowed", advice), 405)
        response.headers["Allow"] = error.headers["Allow"]
        return response
    except AggregatorError as error:
        logger.warning("page.failed", path=request.path, reason=str(error))
        advice = "The database does not answer at the moment. Try again in a minute."
        return _page(pages.problem(root, 503, "Not available", advice), 503)


async def _harden(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(_HEADERS)
