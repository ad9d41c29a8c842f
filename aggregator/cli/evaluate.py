"""The command that measures matching on labelled news, with the code that the daemon runs."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from time import perf_counter
from typing import Annotated

import typer

from aggregator.cli.context import settings_of
from aggregator.cli.lines import say
from aggregator.cli.printing import AsJson, print_json, print_table, progress_bar
from aggregator.errors import RefusedError
from aggregator.intake.encoder import embed
from aggregator.intake.hub import model_folder
from aggregator.labelled import Document, read_documents
from aggregator.lexicon import general_terms
from aggregator.model import Verdict
from aggregator.settings import Settings
from aggregator.stories.comparing import Comparison
from aggregator.stories.fingerprint import Fingerprint, fingerprint
from aggregator.stories.meaning import text_to_embed
from aggregator.stories.measures import Measures, measure
from aggregator.stories.stream import compare_stream, sort_stream
from aggregator.window import matching_model

SWEEP = [
    0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.92, 0.94, 0.96, 0.97,
    0.98, 0.99, 0.995,
]  # fmt: skip

_NAMES = {
    "precision": "B-cubed precision",
    "recall": "B-cubed recall",
    "f1": "B-cubed F1",
    "lost": "stories lost",
    "repeats": "repeats",
}


def add_to(app: typer.Typer) -> None:
    """Add this command to the program."""
    app.command("evaluate")(evaluate)


def evaluate(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Labelled news, as JSON lines.")],
    assignments: Annotated[
        Path | None, typer.Option(metavar="OUT", help="Where to write the story of each document.")
    ] = None,
    threshold: Annotated[
        float | None, typer.Option(min=0, max=1, help="Instead of the one in the settings.")
    ] = None,
    sweep: Annotated[bool, typer.Option("--sweep", help="Try many thresholds.")] = False,
    as_json: AsJson = False,
) -> None:
    """Measure matching on labelled documents, in the order of the file, in one open window."""
    settings = settings_of(context)
    documents = read_documents(file)
    if not documents:
        message = f"{file} holds no documents"
        raise RefusedError(message)
    if assignments:  # before the work, which may take long
        with _writing(assignments):
            assignments.open("a").close()
    started = perf_counter()
    compared = _compare(_fingerprints(documents, settings), len(documents))
    truth = [document.story for document in documents]
    model = matching_model(settings)
    used = model.threshold if threshold is None else threshold
    found, verdicts = sort_stream(compared, model=model, threshold=used)
    speed = len(documents) / (perf_counter() - started)
    if assignments:
        _write(assignments, _assigned(documents, found, verdicts))
    report = {
        "documents": len(documents),
        "stories": len(set(truth)),
        "stories_found": len(set(found)),
        "threshold": used,
        **asdict(measure(truth, found)),
        "documents_per_second": round(speed, 1),
    }
    steps = SWEEP if sweep else ()
    curve = [
        (step, measure(truth, sort_stream(compared, model=model, threshold=step)[0]))
        for step in steps
    ]
    if as_json:
        points = [{"threshold": step, **asdict(measures)} for step, measures in curve]
        print_json(report | {"sweep": points} if sweep else report)
        return
    _say(report)
    if sweep:
        _say_curve(curve)


def _fingerprints(documents: Sequence[Document], settings: Settings) -> Iterator[Fingerprint]:
    """Yield what the children would make of the articles, where asked for with their meaning."""
    if not settings.semantic.model:
        yield from (fingerprint(document.article) for document in documents)
        return
    folder = model_folder(settings)
    for document in documents:
        article = document.article
        meaning = embed(folder, text_to_embed(article.title, article.text))
        yield replace(fingerprint(article), meaning=meaning)


def _compare(prints: Iterable[Fingerprint], count: int) -> list[Sequence[Comparison]]:
    compared = []
    with progress_bar() as show:
        for done, found in enumerate(compare_stream(prints, general_terms()), start=1):
            compared.append(found)
            show("compare", done, count)
    return compared


def _assigned(
    documents: Sequence[Document], found: Sequence[int], verdicts: Sequence[Verdict]
) -> Iterator[Mapping[str, object]]:
    for document, story, verdict in zip(documents, found, verdicts, strict=True):
        yield {
            "id": document.id,
            "story": documents[story].id,
            "kind": verdict.kind,
            "score": verdict.score,
        }


def _write(path: Path, rows: Iterator[Mapping[str, object]]) -> None:
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    with _writing(path):
        path.write_text(lines, encoding="utf-8")


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        message = f"cannot write {path}: {error.strerror}"
        raise RefusedError(message) from error


def _say(report: Mapping[str, object]) -> None:
    say(
        f"{report['documents']} documents, {report['stories']} stories; "
        f"found {report['stories_found']} at threshold {report['threshold']:.3f}"
    )
    for name, words in _NAMES.items():
        say(f"{words}: {report[name]:.3f}")
    say(f"{report['documents_per_second']} documents a second")


def _say_curve(curve: Sequence[tuple[float, Measures]]) -> None:
    rows = [
        (f"{step:.3f}", *(f"{getattr(measures, name):.3f}" for name in _NAMES))
        for step, measures in curve
    ]
    print_table(("threshold", *_NAMES.values()), rows)
