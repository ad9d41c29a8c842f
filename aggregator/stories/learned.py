"""What benchmarks/train.py learned and wrote; its report is docs/matching.md."""

from collections.abc import Mapping

THRESHOLD = 0.6792
BIAS = -3.0796
WEIGHTS: Mapping[str, float] = {
    "lead": 9.0097,
    "undated_lead": 2.2543,
    "shared_names": 1.7919,
    "foreign_names": 5.3752,
    "missing_actors": -1.4021,
    "quotes": 5.2052,
    "figures": 2.6176,
    "other_figures": -2.7912,
    "other_days": -3.0842,
    "apart": -10.1194,
    "vaguer": 22.2290,
    "vague_before": -9.3785,
    "undated": -1.4111,
    "same_outlet": -4.6473,
    "short": 0.5674,
    "untold": -1.1191,
    "foreign": 1.3860,
    "length": 0.6514,
    "by_chance": -4.5209,
}
