"""Word runs that two texts have in common, of which long texts keep but the smallest hashes."""

from bisect import bisect_right
from typing import TYPE_CHECKING

from aggregator.stories.fingerprint import MAX_SHINGLES

if TYPE_CHECKING:
    from array import array  # takes its item's type only from Python 3.12 on

# Fewer shared runs are chance or a "read more" line.
MIN_RUNS = 20
_MIN_SAMPLE = 10  # as few are left of a short text beside the sketch of a very long one
_LARGEST_RUN = 0xFFFFFFFF


def contained(one: "array[int]", other: "array[int]", shared: int) -> float:
    """Return the share of the smaller text's runs that the larger has, given how many both have.

    Of runs of which one text may have more than it kept, none is counted.
    """
    if min(len(one), len(other)) < MIN_RUNS:
        return 0.0
    limit = min(_reach(one), _reach(other))
    smaller = min(bisect_right(one, limit), bisect_right(other, limit))
    return shared / smaller if smaller >= _MIN_SAMPLE else 0.0


def _reach(runs: "array[int]") -> int:
    """Return the largest hash up to which the runs are complete."""
    return runs[-1] if len(runs) == MAX_SHINGLES else _LARGEST_RUN
