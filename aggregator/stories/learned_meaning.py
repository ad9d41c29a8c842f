"""What benchmarks/train.py learned and wrote; its report is docs/semantic.md."""

from collections.abc import Mapping

THRESHOLD = 0.6792
BIAS = -5.0402
WEIGHTS: Mapping[str, float] = {
    "lead": 4.0851,
    "undated_lead": 3.2360,
    "shared_names": 0.0028,
    "foreign_names": 7.6508,
    "missing_actors": -1.1753,
    "quotes": 7.0289,
    "figures": 6.9871,
    "other_figures": -3.4100,
    "other_days": -2.2705,
    "apart": -8.5288,
    "vaguer": 19.8133,
    "undated": -1.4281,
    "same_outlet": -6.0218,
    "short": -0.1163,
    "untold": 0.0000,
    "foreign": 1.1852,
    "length": -0.1721,
    "by_chance": -1.0000,
    "meaning": 6.7831,
}
