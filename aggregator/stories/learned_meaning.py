"""What benchmarks/train.py learned and wrote; its report is docs/semantic.md."""

from collections.abc import Mapping

THRESHOLD = 0.6514
BIAS = -6.7647
WEIGHTS: Mapping[str, float] = {
    "lead": 4.7013,
    "undated_lead": 1.2505,
    "shared_names": 1.1260,
    "foreign_names": 8.3509,
    "missing_actors": -1.0623,
    "quotes": 8.3785,
    "figures": 3.6317,
    "other_figures": -3.1074,
    "other_days": -2.5981,
    "apart": -10.3320,
    "vaguer": 35.4097,
    "vague_before": -7.0746,
    "undated": -1.4077,
    "same_outlet": -6.7452,
    "short": 0.6806,
    "untold": 0.0000,
    "foreign": 1.1525,
    "length": 0.3362,
    "by_chance": -2.2158,
    "meaning": 7.7704,
}
