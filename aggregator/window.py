"""The window: what a new article is matched with, and the verdict on it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain

from aggregator.lexicon import general_terms
from aggregator.model import Verdict
from aggregator.settings import Settings
from aggregator.store import prints, readings
from aggregator.store.database import Session
from aggregator.store.merging import kept_apart
from aggregator.store.prints import Renewal, Unplaced
from aggregator.stories.comparing import AT_ONCE, compare
from aggregator.stories.fingerprint import Fingerprint, fingerprint
from aggregator.stories.index import Index
from aggregator.stories.lead import is_named_as_original
from aggregator.stories.matching import decide
from aggregator.stories.sides import Sides, weighed
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


@dataclass(frozen=True, slots=True)
class _Waiting:
    entry_id: int
    fingerprint: Fingerprint
    handles: Handles
    sought: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a batch has met, by the ids of entries: those that have a place, and its own.

    `joined` are the stories that became others in this batch.
    """

    prints: dict[int, Fingerprint] = field(default_factory=dict)
    stories: dict[int, int] = field(default_factory=dict)
    joined: dict[int, int] = field(default_factory=dict)

    def look_up(self, session: Session, entry_ids: Iterable[int]) -> None:
        """Read those of some entries that have a place and were not met yet."""
        new = [entry_id for entry_id in entry_ids if entry_id not in self.prints]
        for entry_id, story_id, stored in prints.placed_among(session, new):
            self.prints[entry_id] = stored_fingerprint(session, entry_id, stored)
            self.stories[entry_id] = self.joined.get(story_id, story_id)

    def join(self, session: Session, story_id: int, others: Iterable[int]) -> None:
        """Take stories for one that a verdict shows to be one, as they are once it is written."""
        ones = [story_id, *(o for o in others if not kept_apart(session, story_id, o))]
        # One that is written already, if there is any: on that an operator may have ruled.
        home = max(ones)
        for known in (self.stories, self.joined):
            known.update({key: home for key, story in known.items() if story in ones})
        self.joined.update((story, home) for story in ones if story != home)


class Window:
    """An index of the articles published of late: a cache of the database.

    It takes in what other processes placed, so that a restart or a second
    editor changes nothing. Days are whole, in UTC: those of the window and the
    one on which it begins.
    """

    def __init__(self) -> None:
        self.index = Index(general_terms())
        self._sequence: int | None = None
        self._begins: datetime | None = None

    def __len__(self) -> int:
        """Return how many articles are in."""
        return len(self.index)

    def catch_up(self, session: Session, oldest: datetime) -> None:
        """Take in what was placed since this was last done, drop the days before.

        All that was placed of the window where a clock was ahead, and days were dropped for it.
        """
        begins = oldest.replace(hour=0, minute=0, second=0, microsecond=0)
        if self._sequence is None or (self._begins and begins < self._begins):
            placed = prints.placed_in(session, begins)
        else:
            placed = prints.placed_since(session, self._sequence)
        self._sequence, self._begins = prints.last_sequence(session), begins
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
        articles = [_waiting(session, each.entry_id, each.fingerprint) for each in waiting]
        holders = prints.holders(session, [each.sought for each in articles])
        seen = _Seen()
        for start in range(0, len(articles), AT_ONCE):
            part = slice(start, start + AT_ONCE)
            questions = self._questions(session, articles[part], holders[part], seen)
            yield from _decisions(session, articles[part], questions, seen, model)

    def _questions(
        self,
        session: Session,
        articles: Sequence[_Waiting],
        holders: Sequence[Sequence[int]],
        seen: _Seen,
    ) -> list[Sides]:
        """Return articles beside their candidates, each as the stream is with those before it.

        And add them. Whom one is compared with, and what their terms are worth,
        does not depend on what is decided of those before it, so that all are
        looked up and read at once.
        """
        asking = [(each.entry_id, each.handles) for each in articles]
        candidates = self.index.candidates(asking)
        wanted = [dict.fromkeys(chain(*found)) for found in zip(candidates, holders, strict=True)]
        seen.look_up(session, dict.fromkeys(chain.from_iterable(wanted)))
        return [
            self._question(each, entry_ids, seen)
            for each, entry_ids in zip(articles, wanted, strict=True)
        ]

    def _question(self, article: _Waiting, wanted: Iterable[int], seen: _Seen) -> Sides:
        """Return an article beside those of the wanted that were met, and add it."""
        candidates = {
            entry_id: seen.prints[entry_id] for entry_id in wanted if entry_id in seen.prints
        }
        index, crowd = self.index, self.index.crowd(article.fingerprint.lang)
        question = weighed(article.fingerprint, candidates, index.weigh, index.see, crowd)
        self.index.add(article.handles, article.entry_id)
        seen.prints[article.entry_id] = article.fingerprint
        return question


def _decisions(
    session: Session,
    articles: Sequence[_Waiting],
    questions: Sequence[Sides],
    seen: _Seen,
    model: Model,
) -> list[Decision]:
    """Return the decision on each article, one after the other, and let them be seen."""
    decisions = []
    for each, sides, compared in zip(articles, questions, compare(questions), strict=True):
        doubt = DOUBT_OF_OLD if each.fingerprint.told_day is not None else 1.0
        verdict = decide(compared, seen.stories, model=model, doubt=doubt)
        members = [
            found
            for entry_id, found in zip(sides.entry_ids, sides.prints[1:], strict=True)
            if seen.stories[entry_id] == verdict.story_id
        ]
        story_id = -each.entry_id if verdict.story_id is None else verdict.story_id
        seen.stories[each.entry_id] = story_id
        if verdict.joins:
            seen.join(session, story_id, verdict.joins)
        is_original = _is_original(each.fingerprint, members)
        decisions.append(Decision(each.entry_id, verdict, is_original))
    return decisions


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


def _waiting(session: Session, entry_id: int, stored: bytes) -> _Waiting:
    found = stored_fingerprint(session, entry_id, stored)
    return _Waiting(entry_id, found, _stored_handles(session, entry_id, stored), found.sought_keys)
