"""What benchmarks/train.py learned and wrote; its report is docs/matching.md."""

from collections.abc import Mapping

THRESHOLD = 0.6514
BIAS = -2.2141
WEIGHTS: Mapping[str, float] = {
    "lead": 7.7109,
    "undated_lead": 3.8759,
    "shared_names": 1.1253,
    "foreign_names": 5.6819,
    "missing_actors": -1.1923,
    "quotes": 7.0050,
    "figures": 3.2047,
    "other_figures": -2.7682,
    "other_days": -3.2224,
    "apart": -8.8997,
    "vaguer": 36.8131,
    "vague_before": -7.2015,
    "undated": -2.1839,
    "same_outlet": -6.2812,
    "short": 0.5194,
    "untold": -1.3360,
    "foreign": 0.9735,
    "length": 0.6288,
    "by_chance": -2.1251,
}
