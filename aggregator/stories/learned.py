"""What benchmarks/train.py learned and wrote; its report is docs/matching.md."""

from collections.abc import Mapping

THRESHOLD = 0.852
BIAS = 1.2458
WEIGHTS: Mapping[str, float] = {
    "words": 0.0000,
    "lead": 8.0086,
    "lead_in_text": 0.0000,
    "headlines": 0.0000,
    "headline_in_text": 0.0000,
    "shared_names": 0.0000,
    "rare_names": 1.9547,
    "foreign_names": 1.2215,
    "missing_actors": -1.1473,
    "quotes": 5.6579,
    "figures": 5.9398,
    "other_figures": -3.9743,
    "runs": 0.0000,
    "common_day": 0.0000,
    "other_days": -2.2005,
    "apart": -4.7433,
    "undated": -1.7147,
    "same_outlet": -2.6157,
    "short": -0.2525,
    "untold": -2.1259,
    "untitled": 0.0557,
    "foreign": 0.5228,
    "length": -1.6574,
}
