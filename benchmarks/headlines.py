"""How well headlines alone are sorted into stories, within each language, beside TF-IDF.

    .venv/bin/python benchmarks/headlines.py FILE [--languages en es de]

FILE holds labelled news as `aggregator evaluate` reads it. The headlines of each language are one
stream. TF-IDF knows how rare each word is among all of them, later ones included; a headline joins
the story of the one before it that is most like it, from a cosine on. Figures are B-cubed F1: ours
at the default threshold, and of either way at the threshold that suits it best.
"""

import argparse
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from aggregator.labelled import Document, read_documents
from aggregator.lexicon import general_terms
from aggregator.stories.fingerprint import fingerprint
from aggregator.stories.measures import measure
from aggregator.stories.stream import compare_stream, sort_stream
from aggregator.stories.weights import LEARNED

THRESHOLDS = [round(step / 20, 2) for step in range(1, 20)]

Sort = Callable[[float], Sequence[int]]


def main() -> None:
    """Print a line for each language."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--languages", nargs="+", metavar="LANG")
    options = parser.parse_args()
    documents = read_documents(options.file)
    found = {document.article.lang or "" for document in documents}
    print("| language | headlines | stories | ours | ours, best | TF-IDF, best |")
    print("|---|---|---|---|---|---|")
    for language in options.languages or sorted(found):
        said = [each for each in documents if (each.article.lang or "") == language]
        print(_line(language, said), flush=True)


def ours(documents: Sequence[Document]) -> Sort:
    """Return how the daemon sorts headlines at a threshold."""
    articles = (replace(document.article, text="") for document in documents)
    compared = list(compare_stream(map(fingerprint, articles), general_terms()))
    return lambda threshold: sort_stream(compared, threshold=threshold)[0]


def tf_idf(documents: Sequence[Document]) -> Sort:
    """Return how cosines of weighted words sort headlines at a threshold."""
    vectors = TfidfVectorizer(sublinear_tf=True).fit_transform(
        document.article.title for document in documents
    )
    cosines = (vectors @ vectors.T).toarray()

    def sort(threshold: float) -> Sequence[int]:
        stories: list[int] = []
        for number, row in enumerate(cosines):
            nearest = int(np.argmax(row[:number])) if number else 0
            alike = number > 0 and row[nearest] >= threshold
            stories.append(stories[nearest] if alike else number)
        return stories

    return sort


def _line(language: str, documents: Sequence[Document]) -> str:
    truth = [document.story for document in documents]

    def best(sort: Sort, thresholds: Iterable[float]) -> str:
        return f"{max(measure(truth, sort(step)).f1 for step in thresholds):.3f}"

    sort, other = ours(documents), tf_idf(documents)
    figures = best(sort, [LEARNED.threshold]), best(sort, THRESHOLDS), best(other, THRESHOLDS)
    return f"| {language} | {len(truth):,} | {len(set(truth)):,} | {' | '.join(figures)} |"


if __name__ == "__main__":
    main()
