"""What benchmarks/train.py learned and wrote; its report is docs/semantic.md."""

from collections.abc import Mapping

THRESHOLD = 0.6792
BIAS = -5.0400
WEIGHTS: Mapping[str, float] = {
    "lead": 4.0852,
    "undated_lead": 3.2359,
    "shared_names": 0.0028,
    "foreign_names": 7.6507,
    "missing_actors": -1.1753,
    "quotes": 7.0288,
    "figures": 6.9871,
    "other_figures": -3.4100,
    "other_days": -2.2706,
    "apart": -8.5286,
    "vaguer": 19.8129,
    "undated": -1.4280,
    "same_outlet": -6.0214,
    "short": -0.1164,
    "untold": 0.0000,
    "foreign": 1.1851,
    "length": -0.1722,
    "by_chance": -0.9207,
    "meaning": 6.7830,
}
