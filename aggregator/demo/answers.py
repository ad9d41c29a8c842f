"""Answers requests from an edition: which document stands where, and whether it changed."""

import gzip
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.message import Message
from email.utils import format_datetime
from functools import partial
from http import HTTPStatus
from urllib.parse import urlsplit

from aggregator.demo.edition import Edition
from aggregator.demo.feeds import FEED_TYPES, feed_body
from aggregator.demo.newsroom import Dialect, Outlet, Piece
from aggregator.demo.pages import article_page, front_page, index_page, picture

HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Document:
    """What stands at an address, and since when."""

    content_type: str
    body: bytes
    changed: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back over the wire."""

    status: HTTPStatus
    headers: dict[str, str]
    body: bytes = b""


def answer_get(edition: Edition, path: str, headers: Message) -> Answer:
    """Return the answer to a GET of this path: a document, 304, a redirect or 404."""
    redirect = _redirects(edition).get(path)
    if redirect is not None:
        return _whole(HTTPStatus.FOUND, {"Location": redirect})
    write_document = _documents(edition).get(path)
    if write_document is None:
        return _whole(HTTPStatus.NOT_FOUND, {"Content-Type": "text/plain"}, b"Not found.\n")
    return _document_answer(write_document(), headers)


def _redirects(edition: Edition) -> dict[str, str]:
    """Return where the aggregator's links lead."""
    return {
        _path(edition.url(piece)): edition.original_url(piece)
        for piece in edition.visible()
        if _aggregated(edition, piece)
    }


def _documents(edition: Edition) -> dict[str, Callable[[], Document]]:
    """Return what writes the document at each path."""
    documents: dict[str, Callable[[], Document]] = {"/": partial(_index, edition)}
    for outlet in edition.newsroom.outlets:
        documents[_path(edition.home_url(outlet))] = partial(_front, edition, outlet)
        documents[_path(edition.feed_url(outlet))] = partial(_feed, edition, outlet)
    for piece in edition.visible():
        if not _aggregated(edition, piece):
            documents[_path(edition.url(piece))] = partial(_article, edition, piece)
            documents[_path(edition.picture_url(piece))] = partial(_picture, edition, piece)
    return documents


def _index(edition: Edition) -> Document:
    return Document(HTML, index_page(edition).encode(), edition.now)


def _front(edition: Edition, outlet: Outlet) -> Document:
    return Document(HTML, front_page(edition, outlet).encode(), edition.changed(outlet))


def _feed(edition: Edition, outlet: Outlet) -> Document:
    return Document(FEED_TYPES[outlet.dialect], feed_body(edition, outlet), edition.changed(outlet))


def _article(edition: Edition, piece: Piece) -> Document:
    return Document(HTML, article_page(edition, piece).encode(), edition.published(piece))


def _picture(edition: Edition, piece: Piece) -> Document:
    return Document("image/svg+xml", picture(piece).encode(), edition.published(piece))


def _aggregated(edition: Edition, piece: Piece) -> bool:
    return edition.newsroom.outlet(piece.outlet).dialect is Dialect.AGGREGATOR


def _path(url: str) -> str:
    return urlsplit(url).path


def _document_answer(document: Document, headers: Message) -> Answer:
    """Return the document, compressed where that is accepted, or 304.

    The ETag is that of the bytes sent: a strong one differs with the encoding.
    """
    compressed = "gzip" in headers.get("Accept-Encoding", "")
    body = gzip.compress(document.body, mtime=0) if compressed else document.body
    validators = {
        "ETag": f'"{hashlib.sha256(body).hexdigest()[:32]}"',
        "Last-Modified": format_datetime(document.changed, usegmt=True),
        "Vary": "Accept-Encoding",
    }
    if _unchanged(validators, headers):
        return Answer(HTTPStatus.NOT_MODIFIED, validators)
    encoding = {"Content-Encoding": "gzip"} if compressed else {}
    content = {"Content-Type": document.content_type} | encoding
    return _whole(HTTPStatus.OK, content | validators, body)


def _unchanged(validators: dict[str, str], headers: Message) -> bool:
    """Return whether the client has this already; its ETag outranks its date (RFC 9110, 13.2.2)."""
    if "If-None-Match" in headers:
        return validators["ETag"] in headers["If-None-Match"]
    return bool(headers.get("If-Modified-Since") == validators["Last-Modified"])


def _whole(status: HTTPStatus, headers: dict[str, str], body: bytes = b"") -> Answer:
    return Answer(status, headers | {"Content-Length": str(len(body))}, body)
