"""What benchmarks/train.py learned and wrote; its report is docs/matching.md."""

from collections.abc import Mapping

THRESHOLD = 0.5
BIAS = -0.3439
WEIGHTS: Mapping[str, float] = {
    "lead": 6.8699,
    "undated_lead": 6.9013,
    "rare_names": 2.4843,
    "foreign_names": 1.1293,
    "missing_actors": -1.1974,
    "quotes": 6.6367,
    "figures": 7.0059,
    "other_figures": -6.1521,
    "other_days": -2.9809,
    "apart": -3.7766,
    "undated": -3.5975,
    "same_outlet": -5.6330,
    "short": -0.5604,
    "untold": -2.2300,
    "foreign": 1.4990,
    "length": -1.7299,
}
