"""A stream of articles sorted in memory: what the editor decides, without its database."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from aggregator.model import Verdict
from aggregator.stories.comparing import AT_ONCE, Comparison, compare
from aggregator.stories.fingerprint import Fingerprint
from aggregator.stories.index import Index
from aggregator.stories.matching import decide
from aggregator.stories.sides import Sides, weighed
from aggregator.stories.stored import handles
from aggregator.stories.weights import LEARNED, Model


def compare_stream(
    fingerprints: Iterable[Fingerprint],
    general: bytes = b"",
    *,
    window: timedelta | None = None,
    known: int = 0,
) -> Iterable[Sequence[Comparison]]:
    """Yield for each article of a stream what it has in common with its candidates before it.

    They are numbered from 0, in order; the first, as many as are `known`, are
    compared with nothing. What is compared does not depend on what is decided,
    so that one comparison serves many thresholds.
    """
    index = Index(general)
    prints: list[Fingerprint] = []
    questions: list[Sides] = []
    for number, fingerprint in enumerate(fingerprints):
        if window is not None:
            index.forget((fingerprint.published - window).toordinal())
        article = handles(fingerprint)
        found = index.candidates([(number, article)])[0] if number >= known else ()
        candidates = {entry_id: prints[entry_id] for entry_id in found}
        crowd = index.crowd(fingerprint.lang)
        questions.append(weighed(fingerprint, candidates, index.weigh, index.see, crowd))
        index.add(article, number)
        prints.append(fingerprint)
        if len(questions) == AT_ONCE:
            yield from compare(questions)
            questions.clear()
    yield from compare(questions)


def sort_stream(
    comparisons: Iterable[Sequence[Comparison]],
    *,
    model: Model = LEARNED,
    threshold: float | None = None,
) -> tuple[list[int], list[Verdict]]:
    """Return the story of each article of a compared stream, after all joins, and the verdicts.

    A story is named by the number of its first article.
    """
    if threshold is not None:
        model = replace(model, threshold=threshold)
    stories: dict[int, int] = {}
    verdicts = []
    for number, found in enumerate(comparisons):
        verdict = decide(found, stories, model=model)
        story = stories[number] = number if verdict.story_id is None else verdict.story_id
        verdicts.append(verdict)
        for other in verdict.joins:
            older, newer = sorted((story, other))
            stories.update({member: older for member, at in stories.items() if at == newer})
            story = older
    return list(stories.values()), verdicts
