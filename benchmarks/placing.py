"""How fast an article finds its story, in windows of different sizes, beside a plain scan.

    .venv/bin/python benchmarks/placing.py [--sizes 1000 10000]

The articles are made up (`babble.py`): all speak alike, which is the worst that a window can be.
The plain scan compares an article with each one of the window. Figures are of one core; compare
them within one run, as machines differ.
"""

import argparse
import resource
from collections.abc import Sequence
from time import perf_counter

from babble import babble

from aggregator.lexicon import general_terms
from aggregator.stories.fingerprint import Fingerprint, fingerprint
from aggregator.stories.index import Index
from aggregator.stories.matching import Placed, compare, matching_story
from aggregator.stories.pair import Side

PLACED = 300
SCANNED = 3


def main() -> None:
    """Print a line for each size of the window."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 10_000], metavar="N")
    sizes = sorted(parser.parse_args().sizes)
    made = babble(sizes[-1] + PLACED, seed=2)
    started = perf_counter()
    newest = [fingerprint(next(made).article) for _ in range(PLACED)]
    took = perf_counter() - started
    print(f"a fingerprint takes {took / PLACED * 1e3:.2f} ms, in the process that parses")
    print("window | look-up ms | placed/s | p99 ms | plain scan/s | kB an entry")
    index, begun = Index(general_terms()), _resident()
    for size in sizes:
        while len(index) < size:
            index.add(fingerprint(next(made).article), len(index))
        print(_line(index, newest, _resident() - begun))


def _line(index: Index, newest: Sequence[Fingerprint], grown: int) -> str:
    looked, placed = [], []
    for found in newest:
        started = perf_counter()
        candidates = index.candidates(found)
        looked.append(perf_counter() - started)
        seen = [Placed(entry, entry, index.fingerprint(entry)) for entry in candidates]
        matching_story(found, seen, weigh=index.weigh, among=len(index))
        placed.append(perf_counter() - started)
    started = perf_counter()
    for found in newest[:SCANNED]:
        article = Side(found, index.weigh)
        for entry in range(len(index)):
            compare(article, entry, Side(index.fingerprint(entry), index.weigh))
    scanned = perf_counter() - started
    return (
        f"{len(index):6} | {sum(looked) / len(looked) * 1e3:10.2f} | "
        f"{len(placed) / sum(placed):8.0f} | {sorted(placed)[-len(placed) // 100] * 1e3:6.1f} | "
        f"{SCANNED / scanned:12.2f} | {grown / len(index):11.1f}"
    )


def _resident() -> int:
    """Return the most memory that this process has had, in kB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    main()
