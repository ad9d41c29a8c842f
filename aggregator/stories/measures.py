"""How well a stream was sorted into stories, beside how it should have been."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import fsum

Sorted = Sequence[Hashable]


@dataclass(frozen=True, slots=True)
class Measures:
    """What an assignment of articles to stories is worth, each from 0 to 1.

    `precision`, `recall` and `f1` are B-cubed (Bagga and Baldwin 1998).
    `lost` is the share of the true stories that no lead belongs to: the news
    that nobody would see. `repeats` are the surplus leads over the surplus
    articles: how much of what should be folded away is shown.
    """

    precision: float
    recall: float
    f1: float
    lost: float
    repeats: float


def measure(truth: Sorted, found: Sorted) -> Measures:
    """Return the measures of an assignment; both name the story of each article, in order.

    The lead of a found story is its first article.

    >>> measure(["a", "a", "b"], [1, 1, 1]).lost
    0.5
    """
    true_sizes, found_sizes = Counter(truth), Counter(found)
    shared = Counter(zip(truth, found, strict=True))
    pairs = shared.items()
    count = max(len(truth), 1)
    precision = fsum(both**2 / found_sizes[story] for (_, story), both in pairs) / count
    recall = fsum(both**2 / true_sizes[story] for (story, _), both in pairs) / count
    total = precision + recall
    led = Counter(_leads(truth, found))
    surplus = len(truth) - len(true_sizes)
    return Measures(
        precision=precision,
        recall=recall,
        f1=2 * precision * recall / total if total else 0.0,
        lost=1 - len(led) / len(true_sizes) if true_sizes else 0.0,
        repeats=(led.total() - len(led)) / surplus if surplus else 0.0,
    )


def _leads(truth: Sorted, found: Sorted) -> Iterable[Hashable]:
    """Yield the true story of each found story's first article."""
    seen: set[Hashable] = set()
    for true_story, story in zip(truth, found, strict=True):
        if story not in seen:
            seen.add(story)
            yield true_story


def joined(
    truth: Sorted, found: Sorted, pairs: Iterable[tuple[Hashable, Hashable]]
) -> list[tuple[Hashable, Hashable]]:
    """Return those of the pairs of true stories that have articles in one found story."""
    homes: Mapping[Hashable, set[Hashable]] = defaultdict(set)
    for true_story, story in zip(truth, found, strict=True):
        homes[true_story].add(story)
    return [(one, other) for one, other in pairs if homes[one] & homes[other]]
