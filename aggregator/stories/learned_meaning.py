"""What benchmarks/train.py learned and wrote; its report is docs/semantic.md."""

from collections.abc import Mapping

THRESHOLD = 0.7549
BIAS = -5.6559
WEIGHTS: Mapping[str, float] = {
    "lead": 4.1685,
    "undated_lead": 2.1727,
    "shared_names": 0.5072,
    "foreign_names": 7.2774,
    "missing_actors": -1.1773,
    "quotes": 7.4380,
    "figures": 3.7755,
    "other_figures": -2.9643,
    "other_days": -3.1064,
    "apart": -9.2230,
    "vaguer": 35.4628,
    "vague_before": -7.6927,
    "undated": -1.7974,
    "same_outlet": -6.0487,
    "short": 0.5664,
    "untold": 0.0000,
    "foreign": 0.8828,
    "length": 0.2560,
    "by_chance": -2.1237,
    "meaning": 7.2073,
}
