"""What benchmarks/train.py learned and wrote; its report is docs/matching.md."""

from collections.abc import Mapping

THRESHOLD = 0.7058
BIAS = -2.9414
WEIGHTS: Mapping[str, float] = {
    "lead": 8.2987,
    "undated_lead": 3.0020,
    "shared_names": 1.7768,
    "foreign_names": 6.5078,
    "missing_actors": -1.1769,
    "quotes": 7.7366,
    "figures": 3.1450,
    "other_figures": -2.8849,
    "other_days": -2.5797,
    "apart": -9.7798,
    "vaguer": 37.8397,
    "vague_before": -6.6355,
    "undated": -1.7292,
    "same_outlet": -6.9093,
    "short": 0.6001,
    "untold": -1.1753,
    "foreign": 1.2508,
    "length": 0.6694,
    "by_chance": -2.6753,
}
