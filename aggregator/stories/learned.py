"""What benchmarks/train.py learned and wrote; its report is docs/matching.md."""

from collections.abc import Mapping

THRESHOLD = 0.6792
BIAS = -2.9628
WEIGHTS: Mapping[str, float] = {
    "lead": 8.7225,
    "undated_lead": 2.3704,
    "shared_names": 1.7620,
    "foreign_names": 5.5086,
    "missing_actors": -1.2286,
    "quotes": 8.2306,
    "figures": 2.9996,
    "other_figures": -2.8842,
    "other_days": -3.3191,
    "apart": -9.7628,
    "vaguer": 37.8313,
    "vague_before": -6.5754,
    "undated": -1.6054,
    "same_outlet": -6.9900,
    "short": 0.6196,
    "untold": -1.2282,
    "foreign": 1.2264,
    "length": 0.6332,
    "by_chance": -2.7719,
}
