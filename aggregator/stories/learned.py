"""What benchmarks/train.py learned and wrote; its report is docs/matching.md."""

from collections.abc import Mapping

THRESHOLD = 0.6792
BIAS = -1.5882
WEIGHTS: Mapping[str, float] = {
    "lead": 7.3707,
    "undated_lead": 5.0375,
    "shared_names": 0.5904,
    "foreign_names": 4.7013,
    "missing_actors": -1.2848,
    "quotes": 6.9174,
    "figures": 6.5359,
    "other_figures": -3.2059,
    "other_days": -2.4893,
    "apart": -8.0114,
    "vaguer": 20.0868,
    "undated": -1.9291,
    "same_outlet": -6.5775,
    "short": -0.2528,
    "untold": -1.0345,
    "foreign": 1.3116,
    "length": 0.0777,
    "by_chance": -3.6220,
}
