"""Checks of texts that name places: each returns the text, tidied, or raises ValueError.

The error says what is allowed and never quotes the text, which may hold a
password.
"""

import ipaddress
import re
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from aggregator.stories.urls import ascii_address

BASE_URL = 'an absolute address such as "https://news.example.org", with no query'
PROXY = '"http://HOST:PORT", or "" for none'
DATABASE = '"sqlite:///PATH" or "postgresql+psycopg://USER:PASSWORD@HOST/NAME"'
HOST = 'a host name or an address such as "127.0.0.1" or "::"'
ADMIN = (
    '"127.0.0.1:8081" (a loopback address and a port) or "/run/aggregator/admin.sock" (a socket)'
)
USER_AGENT = 'printable ASCII, such as "aggregator/1.0"'
FOLDER = "the path of a folder"
MODEL = 'the folder of a sentence encoder, its name as "OWNER/NAME", or "" for none'
CONTACT = 'an address that people can write to or open, in printable ASCII, or ""'

_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_HOST_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*\.?", re.IGNORECASE)
_ADMIN = re.compile(r"(?:\[(?P<v6>[^\]]+)\]|(?P<name>[^:\[\]]+)):(?P<port>[0-9]{1,5})")
_HIGHEST_PORT = 65_535


def base_url(text: str) -> str:
    """Return an http(s) address without trailing slash, in ASCII."""
    parts = _split(text, ("http", "https"), BASE_URL)
    if parts.username is not None or parts.query or parts.fragment or not parts.hostname:
        raise ValueError(BASE_URL)
    return ascii_address(text).rstrip("/")


def proxy(text: str | None) -> str | None:
    """Return the address of an HTTP proxy, None for the empty text."""
    if not text:
        return None
    parts = _split(text, ("http", "https"), PROXY)
    if not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError(PROXY)
    return text


def database_url(text: str) -> str:
    """Return the address of a database that we speak to."""
    path = text.removeprefix("sqlite:///")
    if path == ":memory:":
        msg = f"{DATABASE}; in memory nothing would be remembered"
        raise ValueError(msg)
    if path == text:
        _split(text, ("postgresql+psycopg",), DATABASE)
    elif not path or not path.isprintable() or "?" in path or "#" in path:
        raise ValueError(DATABASE)
    return text


def folder(path: Path) -> Path:
    """Return a path that says where it leads."""
    if path == Path():
        raise ValueError(FOLDER)
    return path


def host(text: str) -> str:
    """Return a name or address that a server can listen at."""
    if not _is_address(text) and not _HOST_NAME.fullmatch(text):
        raise ValueError(HOST)
    return text


def admin(text: str) -> str:
    """Return a loopback address with port, or the absolute path of a socket."""
    if text.startswith("/") and text.isprintable():
        return text
    found = _ADMIN.fullmatch(text)
    if found is None or int(found["port"]) > _HIGHEST_PORT:
        raise ValueError(ADMIN)
    name = found["v6"] or found["name"]
    if name != "localhost" and not (_is_address(name) and ipaddress.ip_address(name).is_loopback):
        raise ValueError(ADMIN)
    return text


def user_agent(text: str) -> str:
    """Return a text that can stand in a request's User-Agent."""
    if not text.strip() or not _fits_header(text):
        raise ValueError(USER_AGENT)
    return text


def contact(text: str) -> str:
    """Return a text that can stand in a comment of a User-Agent."""
    if not _fits_header(text) or "(" in text or ")" in text:
        raise ValueError(CONTACT)
    return text


def model(text: str) -> str:
    """Return a text that can be a folder or a model's name."""
    if not text.isprintable() or text.strip() != text:
        raise ValueError(MODEL)
    return text


def _split(text: str, schemes: tuple[str, ...], allowed: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018 - reading it is what checks it
    except ValueError:
        raise ValueError(allowed) from None
    spaced = not text.isprintable() or " " in text
    if spaced or parts.scheme not in schemes or not text.startswith(f"{parts.scheme}://"):
        raise ValueError(allowed)
    return parts


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _fits_header(text: str) -> bool:
    return text.isascii() and text.isprintable()
