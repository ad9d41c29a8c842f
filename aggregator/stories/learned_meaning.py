"""What benchmarks/train.py learned and wrote; its report is docs/semantic.md."""

from collections.abc import Mapping

THRESHOLD = 0.7311
BIAS = -5.2186
WEIGHTS: Mapping[str, float] = {
    "lead": 4.1191,
    "undated_lead": 4.4106,
    "shared_names": 0.4606,
    "foreign_names": 7.2851,
    "missing_actors": -1.1514,
    "quotes": 7.1650,
    "figures": 3.8007,
    "other_figures": -2.9398,
    "other_days": -3.0184,
    "apart": -12.4784,
    "vaguer": 30.3694,
    "undated": -1.8495,
    "same_outlet": -5.9743,
    "short": 0.5753,
    "untold": 0.0000,
    "foreign": 0.7481,
    "length": 0.2204,
    "by_chance": -2.2306,
    "meaning": 6.6920,
}
