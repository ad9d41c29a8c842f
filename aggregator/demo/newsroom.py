"""The sample newsroom as values: outlets, the pieces they publish, which stories look alike.

The facts stand in `newsroom.toml` and `stories/*.toml`, each once: a piece that
tells another's story names it with `of`, and what is not said of it is the
original's.
"""

import re
import tomllib
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from importlib.resources import files
from string import Template
from typing import Any

from aggregator.model import Role

MARKS = re.compile(r"^(?:## |- |\d+\. )", re.MULTILINE)
LIST_MARK = re.compile(r"- |\d+\. ")

Table = dict[str, Any]  # a TOML table, as untyped as the file; types begin with the dataclasses


class PieceKind(StrEnum):
    """How a piece came about."""

    ORIGINAL = "original"
    COPY = "copy"
    LIGHT = "light"
    SPUN = "spun"


class Dialect(StrEnum):
    """The kind of feed that an outlet offers."""

    RSS_FULL = "rss-full"
    RSS_SUMMARY = "rss-summary"
    ATOM = "atom"
    RDF = "rdf"
    JSON = "json"
    AGGREGATOR = "aggregator"


@dataclass(frozen=True, slots=True)
class Outlet:
    """A publisher: what it is, what it offers, what its pages look like."""

    slug: str
    name: str
    role: Role
    lang: str
    dialect: Dialect
    template: str
    byline: str
    tagline: str


@dataclass(frozen=True, slots=True)
class Piece:
    """One article of one outlet.

    `story` is the id of the original. Of the `paragraphs`, those that begin
    with "## " are headings, those whose lines begin with "- " or "1. " are
    lists. `canonical` is the id of the piece that the page names as the one
    to link to. `age` is how long before now it was published.
    """

    id: str
    outlet: str
    story: str
    kind: PieceKind
    title: str
    caption: str | None
    paragraphs: tuple[str, ...]
    authors: tuple[str, ...]
    tags: tuple[str, ...]
    canonical: str
    age: timedelta

    @property
    def text(self) -> str:
        """Return the plain text, without the marks of headings and lists."""
        return MARKS.sub("", "\n\n".join(self.paragraphs))


@dataclass(frozen=True, slots=True)
class LookAlike:
    """Two different stories that resemble each other, and how."""

    stories: tuple[str, str]
    reason: str


@dataclass(frozen=True, slots=True)
class Newsroom:
    """All outlets, all pieces (originals before what retells them), all look-alikes."""

    outlets: tuple[Outlet, ...]
    pieces: tuple[Piece, ...]
    lookalikes: tuple[LookAlike, ...]

    def piece(self, piece_id: str) -> Piece:
        """Return the piece with this id; raises KeyError if there is none."""
        return {piece.id: piece for piece in self.pieces}[piece_id]

    def outlet(self, slug: str) -> Outlet:
        """Return the outlet with this slug; raises KeyError if there is none."""
        return {outlet.slug: outlet for outlet in self.outlets}[slug]


def load() -> Newsroom:
    """Return the newsroom that comes with the package."""
    folder = files("aggregator.demo")
    facts = tomllib.loads((folder / "newsroom.toml").read_text("utf-8"))
    outlets = {table["slug"]: _outlet(table) for table in facts["outlet"]}
    pieces: dict[str, Piece] = {}
    for path in sorted((folder / "stories").iterdir(), key=lambda path: path.name):
        text = Template(path.read_text("utf-8")).substitute(facts["padding"])
        for table in tomllib.loads(text)["piece"]:
            pieces[table["id"]] = _piece(table, outlets, pieces)
    lookalikes = (LookAlike((*pair["stories"],), pair["reason"]) for pair in facts["lookalike"])
    return Newsroom(tuple(outlets.values()), tuple(pieces.values()), tuple(lookalikes))


def _outlet(table: Table) -> Outlet:
    return Outlet(**{**table, "role": Role(table["role"]), "dialect": Dialect(table["dialect"])})


def _piece(table: Table, outlets: dict[str, Outlet], pieces: dict[str, Piece]) -> Piece:
    original = pieces.get(table.get("of", ""))
    return Piece(
        id=table["id"],
        outlet=table["outlet"],
        story=original.story if original else table["id"],
        kind=PieceKind(table["kind"]),
        title=table["title"] if "title" in table or not original else original.title,
        caption=_caption(table, original, outlets),
        paragraphs=_paragraphs(table, original),
        authors=tuple(table.get("authors", [outlets[table["outlet"]].byline])),
        tags=tuple(table.get("tags", original.tags if original else ())),
        canonical=table.get("canonical") or table["id"],
        age=timedelta(minutes=table["age"]),
    )


def _caption(table: Table, original: Piece | None, outlets: dict[str, Outlet]) -> str | None:
    """Return what stands under the picture: on spun pieces, the headline they were spun from."""
    if original is None:
        return table.get("caption")
    if table["kind"] == PieceKind.SPUN:
        return f"{original.title} \N{EN DASH} {outlets[original.outlet].name}"
    return original.caption


def _paragraphs(table: Table, original: Piece | None) -> tuple[str, ...]:
    """Return the piece's own text, or the original's with the edits made and the end cut off."""
    text = table["text"] if "text" in table or not original else "\n\n".join(original.paragraphs)
    for old, new in table.get("edits", ()):
        text = text.replace(old, new)
    blocks = [block.strip() for block in text.strip().split("\n\n")]
    return tuple(map(_unwrapped, blocks))[: table.get("keep")]


def _unwrapped(block: str) -> str:
    return block if LIST_MARK.match(block) else " ".join(block.split())
