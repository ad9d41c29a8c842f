"""What benchmarks/train.py learned and wrote; its report is docs/matching.md."""

from collections.abc import Mapping

THRESHOLD = 0.852
BIAS = -0.2455
WEIGHTS: Mapping[str, float] = {
    "lead": 6.4060,
    "undated_lead": 6.6210,
    "rare_names": 2.4327,
    "foreign_names": 3.3626,
    "missing_actors": -1.0244,
    "quotes": 6.9213,
    "figures": 5.5885,
    "other_figures": -6.3661,
    "other_days": -3.0752,
    "apart": -4.0209,
    "undated": -3.7810,
    "same_outlet": -6.0264,
    "short": -0.4612,
    "untold": -2.1870,
    "foreign": 1.0407,
    "length": -1.5359,
}
