"""The window: what a new article is matched with, and the verdict on it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from aggregator.lexicon import general_terms
from aggregator.model import Verdict
from aggregator.settings import Settings
from aggregator.store import prints, readings
from aggregator.store.database import Session
from aggregator.store.prints import Renewal, Unplaced
from aggregator.stories.fingerprint import Fingerprint, fingerprint
from aggregator.stories.index import Index
from aggregator.stories.lead import is_named_as_original
from aggregator.stories.matching import Placed, matching_story
from aggregator.stories.stored import Handles, from_bytes, handles, stored_handles, to_bytes
from aggregator.stories.weights import LEARNED, LEARNED_WITH_MEANING, Model

# What is found for news of a day long past is all of that day, unlike what the window yields: with
# doubts no look-alikes of such days were joined in the newsrooms; without, four of a hundred.
DOUBT_OF_OLD = 2.2
# So many are read from the database before they are sorted in.
_LOADED_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict on an article; `original`: the story's tellings name it as their original."""

    entry_id: int
    verdict: Verdict
    original: bool


class Window:
    """An index of the articles published of late: a cache of the database.

    It takes in what other processes placed, so that a restart or a second
    editor changes nothing. Days are whole, in UTC: those of the window and the
    one on which it begins.
    """

    def __init__(self) -> None:
        self.index = Index(general_terms())
        self._sequence: int | None = None

    def __len__(self) -> int:
        """Return how many articles are in."""
        return len(self.index)

    def catch_up(self, session: Session, oldest: datetime) -> None:
        """Take in what was placed since this was last done, drop the days before."""
        begins = oldest.replace(hour=0, minute=0, second=0, microsecond=0)
        if self._sequence is None:
            placed = prints.placed_in(session, begins)
        else:
            placed = prints.placed_since(session, self._sequence)
        self._sequence = prints.last_sequence(session)
        new = [entry_id for entry_id in placed if entry_id not in self.index]
        for start in range(0, len(new), _LOADED_AT_ONCE):
            stored = prints.fingerprints_of(session, new[start : start + _LOADED_AT_ONCE])
            self.index.load(
                (entry_id, _stored_handles(session, entry_id, form)) for entry_id, form in stored
            )
        self.index.forget(begins.toordinal())

    def decide(
        self, session: Session, waiting: Sequence[Unplaced], model: Model
    ) -> Iterator[Decision]:
        """Yield the decision on each article that waits, and add it.

        What is matched with is found through the index and, beyond its window,
        by exact keys. The story of a verdict may be minus the id of an entry
        among those before it: the one that this began.
        """
        seen: dict[int, Placed] = {}
        articles = [
            (
                each.entry_id,
                stored_fingerprint(session, each.entry_id, each.fingerprint),
                _stored_handles(session, each.entry_id, each.fingerprint),
            )
            for each in waiting
        ]
        sought = [found.sought_keys for _, found, _ in articles]
        # Asked once for all: most seek no key that any other has, and are spared a look-up.
        held = prints.held(session, frozenset().union(*sought))
        for (entry_id, found, article), keys in zip(articles, sought, strict=True):
            wanted = dict.fromkeys(
                (
                    *self.index.candidates(article),
                    *_holders(session, keys & held),
                )
            )
            seen |= _placed(session, [number for number in wanted if number not in seen])
            candidates = [seen[number] for number in wanted if number in seen]
            verdict = matching_story(
                found,
                candidates,
                weigh=self.index.weigh,
                see=self.index.see,
                model=model,
                doubt=DOUBT_OF_OLD if found.told_day is not None else 1.0,
            )
            self.index.add(article, entry_id)
            story_id = -entry_id if verdict.story_id is None else verdict.story_id
            seen[entry_id] = Placed(entry_id, story_id, found)
            members = [one.fingerprint for one in candidates if one.story_id == verdict.story_id]
            yield Decision(entry_id, verdict, _is_original(found, members))


def matching_model(settings: Settings) -> Model:
    """Return what articles are matched with: as it was learned, but for an operator's threshold."""
    model = LEARNED_WITH_MEANING if settings.semantic.model else LEARNED
    return replace(model, threshold=settings.match.threshold or model.threshold)


def stored_fingerprint(session: Session, entry_id: int, stored: bytes) -> Fingerprint:
    """Return the stored fingerprint, computed anew where an older version wrote it."""
    return from_bytes(stored) or fingerprint(readings.load_article(session, entry_id))


def renewal_of(entry_id: int, found: Fingerprint) -> Renewal:
    """Return what to write of a fingerprint that was computed anew."""
    return Renewal(entry_id, to_bytes(found), found.exact_keys)


def _is_original(found: Fingerprint, members: Sequence[Fingerprint]) -> bool:
    """Return whether the members of a story name an article as their original, and none other."""
    return is_named_as_original(found, members) and not any(
        is_named_as_original(member, members) for member in members
    )


def _stored_handles(session: Session, entry_id: int, stored: bytes) -> Handles:
    return stored_handles(stored) or handles(stored_fingerprint(session, entry_id, stored))


def _holders(session: Session, keys: frozenset[str]) -> Sequence[int]:
    return prints.holders_of(session, keys) if keys else ()


def _placed(session: Session, entry_ids: Sequence[int]) -> dict[int, Placed]:
    return {
        each.entry_id: Placed(
            each.entry_id,
            each.story_id,
            stored_fingerprint(session, each.entry_id, each.fingerprint),
        )
        for each in prints.placed_among(session, entry_ids)
    }
