"""What benchmarks/train_headlines.py learned and wrote; docs/matching.md has more."""

from collections.abc import Mapping

BIAS = -3.4357
WEIGHTS: Mapping[str, float] = {
    "same_words": 2.6764,
    "shared_words": 5.8672,
    "foreign_names": 1.0644,
    "missing_actors": -0.5090,
    "other_figures": -0.9760,
    "other_days": -12.4249,
    "later": -4.9210,
    "same_outlet": -8.3134,
    "foreign": 0.8924,
    "untold": 0.0000,
}
