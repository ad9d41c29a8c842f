"""What benchmarks/train.py learned and wrote; its report is docs/semantic.md."""

from collections.abc import Mapping

THRESHOLD = 0.6225
BIAS = -7.5945
WEIGHTS: Mapping[str, float] = {
    "lead": 5.0096,
    "undated_lead": 0.2308,
    "shared_names": 1.0519,
    "foreign_names": 7.3425,
    "missing_actors": -1.2140,
    "quotes": 5.4804,
    "figures": 3.3113,
    "other_figures": -3.0322,
    "other_days": -3.1605,
    "apart": -10.6158,
    "vaguer": 19.7361,
    "vague_before": -9.6894,
    "undated": -1.0784,
    "same_outlet": -4.5363,
    "short": 0.6649,
    "untold": 0.0000,
    "foreign": 1.2470,
    "length": 0.2930,
    "by_chance": -3.7321,
    "meaning": 8.9899,
}
