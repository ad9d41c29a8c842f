"""What benchmarks/train.py learned and wrote; its report is docs/semantic.md."""

from collections.abc import Mapping

THRESHOLD = 0.7058
BIAS = -7.5476
WEIGHTS: Mapping[str, float] = {
    "lead": 5.1721,
    "undated_lead": 0.4244,
    "shared_names": 1.2046,
    "foreign_names": 7.9763,
    "missing_actors": -0.8760,
    "quotes": 5.2546,
    "figures": 3.2764,
    "other_figures": -3.2316,
    "other_days": -2.4093,
    "apart": -10.7662,
    "vaguer": 30.8662,
    "vague_before": -7.3698,
    "undated": -1.1302,
    "same_outlet": -4.7995,
    "short": 0.5288,
    "untold": 0.0000,
    "foreign": 1.2848,
    "length": 0.2700,
    "by_chance": -2.1811,
    "meaning": 8.5318,
}
