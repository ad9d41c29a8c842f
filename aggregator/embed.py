"""Embed: give the articles of the window what the present encoder makes of them.

New articles get it as they are read. Those that stand were read by another
encoder, or by none: vectors of two encoders cannot be compared.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from aggregator.desk import Desk
from aggregator.store import prints, readings
from aggregator.store.database import Session
from aggregator.stories.meaning import text_to_embed
from aggregator.stories.stored import from_bytes
from aggregator.window import renewal_of

# Of entries, in one step: some seconds of work at most.
PAGE = 25


class Embedder:
    """Goes through the window once, a few entries a step; `done` says when.

    It passes over fingerprints that another version wrote: these are the
    editor's to compute anew.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._after = 0
        self.done = desk.embedding is None

    async def step(self) -> int:
        """Embed the next articles that need it; return how many those were, 0 at the end."""
        store, embedding = self._desk.store, self._desk.embedding
        while embedding and not self.done:
            page = partial(
                prints.next_prints,
                after=self._after,
                oldest=self._desk.clock() - self._desk.settings.match.window,
                limit=PAGE,
            )
            rows = await store.read(page)
            self._after = rows[-1][0] if rows else self._after
            self.done = len(rows) < PAGE
            legible = [(entry_id, found) for entry_id, at in rows if (found := from_bytes(at))]
            stale = {
                entry_id: found
                for entry_id, found in legible
                if not found.meaning or found.meaning.model != embedding.model
            }
            if stale:
                texts = await store.read(partial(_texts, entry_ids=[*stale]))
                renewals = [
                    renewal_of(entry_id, replace(found, meaning=await embedding.of(text)))
                    for (entry_id, found), text in zip(stale.items(), texts, strict=True)
                ]
                await store.write(partial(prints.renew, renewals=renewals))
                return len(renewals)
        return 0


def _texts(session: Session, entry_ids: Sequence[int]) -> Sequence[str]:
    articles = [readings.load_article(session, entry_id) for entry_id in entry_ids]
    return [text_to_embed(article.title, article.text) for article in articles]
