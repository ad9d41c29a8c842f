"""The newsroom at a moment and an address: what is visible, since when, and where."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from aggregator.demo.newsroom import Dialect, Newsroom, Outlet, Piece

FEED_FILES = {
    Dialect.RSS_FULL: "feed.xml",
    Dialect.RSS_SUMMARY: "rss.xml",
    Dialect.ATOM: "atom.xml",
    Dialect.RDF: "index.rdf",
    Dialect.JSON: "feed.json",
    Dialect.AGGREGATOR: "rss.xml",
}


@dataclass(frozen=True, slots=True)
class Edition:
    """What the outlets show at `base_url` (without a slash at its end).

    `hidden` are the ids of pieces yet to appear; `revealed` tells when those
    appeared that were hidden at first.
    """

    newsroom: Newsroom
    now: datetime
    base_url: str
    hidden: frozenset[str] = frozenset()
    revealed: Mapping[str, datetime] = field(default_factory=dict)

    def reveal(self, piece_ids: Iterable[str]) -> "Edition":
        """Return the next edition, in which these pieces have appeared, too.

        Each appears a second after the one before, beginning after `now`, so
        that every feed that gets one has a new Last-Modified.
        """
        revealed = dict(self.revealed)
        for piece_id in piece_ids:
            revealed[piece_id] = self.now + timedelta(seconds=len(revealed) + 1)
        return replace(self, hidden=self.hidden - revealed.keys(), revealed=revealed)

    def visible(self) -> tuple[Piece, ...]:
        """Return the pieces that have appeared, newest first."""
        shown = (piece for piece in self.newsroom.pieces if piece.id not in self.hidden)
        return tuple(sorted(shown, key=lambda piece: piece.age))

    def of(self, outlet: Outlet) -> tuple[Piece, ...]:
        """Return the outlet's visible pieces, newest first."""
        return tuple(piece for piece in self.visible() if piece.outlet == outlet.slug)

    def published(self, piece: Piece) -> datetime:
        """Return when the piece says that it was published."""
        return self.now - piece.age

    def changed(self, outlet: Outlet) -> datetime:
        """Return when the outlet last showed something new; a week ago if it shows nothing."""
        appeared = (self.revealed.get(piece.id, self.published(piece)) for piece in self.of(outlet))
        return max(appeared, default=self.now - timedelta(days=7))

    def home_url(self, outlet: Outlet) -> str:
        """Return the address of the outlet's front page."""
        return f"{self.base_url}/{outlet.slug}/"

    def feed_url(self, outlet: Outlet) -> str:
        """Return the address of the outlet's feed."""
        return self.home_url(outlet) + FEED_FILES[outlet.dialect]

    def url(self, piece: Piece) -> str:
        """Return the address that the outlet's feed gives for the piece."""
        outlet = self.newsroom.outlet(piece.outlet)
        aggregated = outlet.dialect is Dialect.AGGREGATOR
        return self.home_url(outlet) + (f"read/{piece.id}" if aggregated else f"{piece.id}.html")

    def picture_url(self, piece: Piece) -> str:
        """Return the address of the picture above the piece."""
        return f"{self.base_url}/{piece.outlet}/{piece.id}.svg"

    def canonical_url(self, piece: Piece) -> str:
        """Return the address that the piece's page names as the one to link to."""
        return self.url(self.newsroom.piece(piece.canonical))

    def original_url(self, piece: Piece) -> str:
        """Return the address of the piece that first told the story."""
        return self.url(self.newsroom.piece(piece.story))
