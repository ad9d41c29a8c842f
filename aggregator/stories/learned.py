"""What benchmarks/train.py learned and wrote; its report is docs/matching.md."""

from collections.abc import Mapping

THRESHOLD = 0.7311
BIAS = -3.3736
WEIGHTS: Mapping[str, float] = {
    "lead": 9.0173,
    "undated_lead": 2.4154,
    "shared_names": 1.9592,
    "foreign_names": 6.0657,
    "missing_actors": -0.9893,
    "quotes": 4.9571,
    "figures": 2.7125,
    "other_figures": -2.9682,
    "other_days": -2.3741,
    "apart": -10.2335,
    "vaguer": 33.8313,
    "vague_before": -6.8859,
    "undated": -1.4938,
    "same_outlet": -4.9229,
    "short": 0.4804,
    "untold": -0.9931,
    "foreign": 1.3816,
    "length": 0.6395,
    "by_chance": -2.5442,
}
