"""What a page's head states of its article: never guessed, None where it says nothing."""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from aggregator.intake.labels import SIGNED as PERSON
from aggregator.intake.page import HtmlElement
from aggregator.intake.sanitize import web_address

LANGUAGE = re.compile(r"([a-z]{2,3})(?:[-_]([a-z]{4}))?(?:[-_]([a-z]{2}|\d{3}))?", re.IGNORECASE)
AUTHOR = ("author", "article:author", "dc.creator", "parsely-author", "sailthru.author")


@dataclass(frozen=True, slots=True)
class Statements:
    """What a page's head says of the article; None where it says nothing."""

    published: datetime | None
    lang: str | None
    image: str | None
    image_text: str
    canonical_url: str | None
    authors: tuple[str, ...]

    @classmethod
    def of(cls, tree: HtmlElement, base: str) -> "Statements":
        """Return what the page says; addresses are made absolute with `base`."""
        image = meta(tree, "og:image", "og:image:url", "twitter:image")
        return cls(
            published(tree),
            language(tree),
            web_address(image or "", base),
            _sentence(meta(tree, "og:image:alt", "twitter:image:alt") or ""),
            canonical_url(tree, base),
            authors(tree),
        )


def _sentence(text: str) -> str:
    """Return the text unless it is a single word: "image", a file's name."""
    return text if " " in text else ""


def meta(tree: HtmlElement, *names: str) -> str | None:
    """Return the content of the first meta element that goes by one of the names.

    Earlier names are preferred to later ones.
    """
    stated: dict[str, str] = {}
    for node in tree.iter("meta"):
        for key in ("property", "name", "itemprop", "http-equiv"):
            stated.setdefault(node.get(key, "").lower(), node.get("content", "").strip())
    return next((stated[name] for name in names if stated.get(name)), None)


def language(tree: HtmlElement) -> str | None:
    """Return the page's language as it states it (BCP 47), None where it does not."""
    told = (
        tree.get("lang"),
        tree.get("{http://www.w3.org/XML/1998/namespace}lang") or tree.get("xml:lang"),
        meta(tree, "og:locale", "content-language", "dc.language", "inlanguage"),
    )
    for tag in told:
        if match := LANGUAGE.fullmatch((tag or "").strip()):
            main, script, region = match.groups()
            parts = (main.lower(), script and script.title(), region and region.upper())
            return "-".join(part for part in parts if part)
    return None


def canonical_url(tree: HtmlElement, url: str) -> str | None:
    """Return the address that the page gives as its own."""
    links = (
        link for link in tree.iter("link") if "canonical" in link.get("rel", "").lower().split()
    )
    stated = (*(link.get("href") for link in links), meta(tree, "og:url"))
    return next((found for link in stated if (found := web_address(link or "", url))), None)


def published(tree: HtmlElement) -> datetime | None:
    """Return when the page says that it was first published; without a zone it means UTC."""
    stated = (
        meta(tree, "article:published_time", "og:article:published_time"),
        *_linked_data(tree, "datePublished"),
        meta(tree, "datepublished", "dc.date.issued", "parsely-pub-date"),
    )
    for text in stated:
        with suppress(ValueError, OverflowError):
            at = datetime.fromisoformat(str(text or "").strip())
            return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    return None


def authors(tree: HtmlElement) -> tuple[str, ...]:
    """Return the authors that JSON-LD names, else those of the meta element; each once.

    An address is no name.
    """
    told = [node for found in _linked_data(tree, "author") for node in _each(found)]
    names = [node.get("name") if isinstance(node, dict) else node for node in told]
    stated = [name for name in names if isinstance(name, str) and name.strip()]
    people = [one for name in stated or [meta(tree, *AUTHOR) or ""] for one in _people(name)]
    return tuple(dict.fromkeys(name for name in people if "://" not in name))


def _people(names: str) -> Iterator[str]:
    """Yield the names in one statement.

    Only a semicolon is sure to separate two; a comma may belong to an
    office's name, or stand between a family name and a given one.
    """
    for name in filter(None, map(str.strip, names.split(";"))):
        people = [person.strip() for person in name.split(",")]
        yield from people if all(map(PERSON.fullmatch, people)) else [name]


def _each(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def _linked_data(tree: HtmlElement, key: str) -> Iterator[object]:
    """Yield what stands under `key` in the page's JSON-LD, outermost first."""
    for script in tree.xpath("//script[@type='application/ld+json']"):
        with suppress(ValueError, RecursionError):
            queue = [json.loads(script.text or "")]
            for node in queue:
                if isinstance(node, dict):
                    if key in node:
                        yield node[key]
                    queue.extend(node.values())
                elif isinstance(node, list):
                    queue.extend(node)
