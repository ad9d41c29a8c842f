"""Learn what titles are weighed by where they are all there is; write it, and how good it is.

    .venv/bin/python benchmarks/train_headlines.py FILE... [--newsroom FILE]... [--write]

Each FILE holds labelled news as `aggregator evaluate` reads it, of which the titles are taken
alone, and so are those of the newsrooms: what looks alike there is not the same. A file is learned
from in halves that share no story; the table says what the weights of one half make of the titles
of the other, those of each language as one stream, beside TF-IDF (see `headlines.py`). The weights
that are written have seen all. How rare a word is, is told by the general frequencies as they are
shipped.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path

from headlines import THRESHOLDS, Sort, tf_idf
from train import OURS, Labelled, Lesson, learn, lesson, load

from aggregator.lexicon import general_terms
from aggregator.stories.fingerprint import fingerprint
from aggregator.stories.measures import joined, measure
from aggregator.stories.similarity import HEADLINE_SIGNALS
from aggregator.stories.stream import compare_stream, sort_stream
from aggregator.stories.weights import LEARNED, Model

WEIGHTS_FILE = Path(__file__).parents[1] / "aggregator" / "stories" / "learned_headlines.py"


def main() -> None:
    """Learn, report, and write where asked to."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--newsroom", type=Path, action="append", default=[], metavar="FILE")
    parser.add_argument("--write", action="store_true", help="write the weights")
    asked = parser.parse_args()
    rooms = [_lesson(one) for path in (*OURS, *asked.newsroom) for one in _titles(path, "newsroom")]
    halves = [_lesson(one) for path in asked.files for one in _titles(path, "general")]
    print("| titles | documents | stories | ours | lost | ours, best | TF-IDF, best | lost |")
    print("|---|---|---|---|---|---|---|---|")
    for number, half in enumerate(halves):
        stem = half.labelled.name.partition("/")[0]
        others = [other for other in halves if not other.labelled.name.startswith(f"{stem}/")]
        model = _model([*rooms, *others, halves[number ^ 1]])
        for language, said in _by_language(half.labelled):
            print(_line(f"{half.labelled.name} {language}", said, model), flush=True)
    model = _model([*rooms, *halves])
    for room in rooms:
        print(_joined(room, model))
    print(f"bias {model.bias:+.2f}")
    for name, weight in model.likeness.items():
        print(f"{name} {weight:+.2f}")
    if asked.write:
        _write(model)


def _titles(path: Path, sort: str) -> Iterator[Labelled]:
    """Yield the sets in a file, of each document nothing but its title and when it was news."""
    for found in load(path, sort, lambda _: None):
        documents = [
            replace(each, article=replace(each.article, text="", captions=(), credits=()))
            for each in found.documents
        ]
        prints = [fingerprint(each.article) for each in documents]
        yield replace(found, documents=documents, prints=prints, sort="headlines")


def _lesson(labelled: Labelled) -> Lesson:
    return lesson(labelled, general_terms())


def _model(lessons: Sequence[Lesson]) -> Model:
    names = list(HEADLINE_SIGNALS)
    return replace(learn(lessons, LEARNED.threshold, names), lone=True)


def _by_language(labelled: Labelled) -> Iterator[tuple[str, Labelled]]:
    """Yield what is said in each language, as a set of its own."""

    def language(number: int) -> str:
        return labelled.documents[number].article.lang or ""

    for lang, numbers in groupby(sorted(range(len(labelled.documents)), key=language), language):
        chosen = list(numbers)
        documents = [labelled.documents[number] for number in chosen]
        prints = [labelled.prints[number] for number in chosen]
        yield lang, replace(labelled, documents=documents, prints=prints)


def _line(name: str, said: Labelled, model: Model) -> str:
    compared = list(compare_stream(said.prints, general_terms()))

    def ours(threshold: float) -> Sequence[int]:
        return sort_stream(compared, model=model, threshold=threshold)[0]

    def best(sort: Sort) -> float:
        return max(THRESHOLDS, key=lambda step: measure(said.truth, sort(step)).f1)

    other = tf_idf(said.documents)
    at_default = measure(said.truth, ours(model.threshold))
    at_best, theirs = measure(said.truth, ours(best(ours))), measure(said.truth, other(best(other)))
    return (
        f"| {name} | {len(said.truth):,} | {len(set(said.truth)):,} | {at_default.f1:.3f} | "
        f"{at_default.lost:.3f} | {at_best.f1:.3f} | {theirs.f1:.3f} | {theirs.lost:.3f} |"
    )


def _joined(room: Lesson, model: Model) -> str:
    found = sort_stream(room.stream, model=model)[0]
    labelled = room.labelled
    pairs = joined(labelled.truth, found, labelled.lookalikes)
    f1 = measure(labelled.truth, found).f1
    return f"{labelled.name}: F1 {f1:.3f}, look-alikes joined: {pairs}"


def _write(model: Model) -> None:
    weights = "".join(f'    "{name}": {weight:.4f},\n' for name, weight in model.likeness.items())
    WEIGHTS_FILE.write_text(
        '"""What benchmarks/train_headlines.py learned and wrote; docs/matching.md has more."""\n\n'
        "from collections.abc import Mapping\n\n"
        f"BIAS = {model.bias:.4f}\n"
        f"WEIGHTS: Mapping[str, float] = {{\n{weights}}}\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
