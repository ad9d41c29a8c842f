"""What benchmarks/train.py learned and wrote; its report is docs/matching.md."""

from collections.abc import Mapping

THRESHOLD = 0.6792
BIAS = -1.9701
WEIGHTS: Mapping[str, float] = {
    "lead": 7.3926,
    "undated_lead": 6.4394,
    "shared_names": 1.0720,
    "foreign_names": 5.7873,
    "missing_actors": -1.1286,
    "quotes": 6.7868,
    "figures": 3.2386,
    "other_figures": -2.7495,
    "other_days": -3.1809,
    "apart": -12.0334,
    "vaguer": 30.9736,
    "undated": -2.3913,
    "same_outlet": -6.1725,
    "short": 0.5108,
    "untold": -1.4537,
    "foreign": 0.7870,
    "length": 0.4651,
    "by_chance": -2.2955,
}
