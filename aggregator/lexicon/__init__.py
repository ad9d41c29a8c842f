"""How common terms are in the news at large: what matching knows before it has read a word.

`terms.bin` is written by benchmarks/train.py.
"""

from functools import cache
from importlib.resources import files


@cache
def general_terms() -> bytes:
    """Return the shares of articles that have each term, as `TermWeights` reads them."""
    return (files(__name__) / "terms.bin").read_bytes()
