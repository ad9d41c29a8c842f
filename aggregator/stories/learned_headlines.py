"""What benchmarks/train_headlines.py learned and wrote; docs/matching.md has more."""

from collections.abc import Mapping

BIAS = -1.2980
WEIGHTS: Mapping[str, float] = {
    "lead": 5.8742,
    "foreign_names": 2.1993,
    "missing_actors": -0.5146,
    "other_figures": -0.6245,
    "other_days": -10.3336,
    "later": -4.7680,
    "same_outlet": -8.5183,
    "foreign": 0.0785,
    "untold": 0.0000,
}
