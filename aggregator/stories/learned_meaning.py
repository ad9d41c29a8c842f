"""What benchmarks/train.py learned and wrote; its report is docs/semantic.md."""

from collections.abc import Mapping

THRESHOLD = 0.7058
BIAS = -6.6568
WEIGHTS: Mapping[str, float] = {
    "lead": 5.1964,
    "undated_lead": 0.6524,
    "shared_names": 1.1041,
    "foreign_names": 7.3441,
    "missing_actors": -1.1164,
    "quotes": 8.7917,
    "figures": 3.4969,
    "other_figures": -3.1175,
    "other_days": -3.2710,
    "apart": -10.2697,
    "vaguer": 35.5031,
    "vague_before": -6.9724,
    "undated": -1.2909,
    "same_outlet": -6.8460,
    "short": 0.6865,
    "untold": 0.0000,
    "foreign": 1.1047,
    "length": 0.2886,
    "by_chance": -2.2934,
    "meaning": 7.5794,
}
