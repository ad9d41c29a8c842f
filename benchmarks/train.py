"""Learn what matching weighs by, from labelled news; write it, and a report of how good it is.

    .venv/bin/python benchmarks/train.py [--strict FILE]... [--general FILE]...
        [--newsroom FILE]... [--crowd FILE]... [--semantic FOLDER] [--vectors FILE] [--write]

All are labelled news as `aggregator evaluate` reads them. In `--strict` files a label means one
event; in `--general` ones it means less: what follows up a story is another, or is not.
`--newsroom` files are news of our own domain; beside `NAME.jsonl` stands `NAME-lookalikes.json`:
pairs of stories that look alike and are not the same. Where there are `--crowd` files, of any news,
each newsroom is learned from and measured a second time, among all their articles: "crowded".

Everything reported is measured on what was held out: each newsroom by a model that never saw it,
each other file in two halves, divided by story. The model that is written has seen them all. The
threshold is the lowest score, but no less than even odds, at which no pair of look-alike stories is
joined and at most 1 % of the strict stories and the newsrooms' are lost.

`--semantic` learns what the meanings are worth that the sentence encoder in a folder gives: weights
and a threshold of their own (at which 1.5 % of the look-alikes may be joined), in files of their
own. Vectors take their time; `--vectors` names a file that keeps them for the next run.
"""

import argparse
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from babble import babble
from numpy.typing import NDArray
from scipy.optimize import minimize

from aggregator.intake.encoder import open_encoder
from aggregator.labelled import Document, read_documents
from aggregator.model import Article
from aggregator.stories.chance import by_chance
from aggregator.stories.comparing import Comparison, compare
from aggregator.stories.fingerprint import Fingerprint, fingerprint
from aggregator.stories.meaning import Centre, Meaning, meaning_of, text_to_embed
from aggregator.stories.measures import Measures, joined, measure
from aggregator.stories.provenance import attributed
from aggregator.stories.sides import weighed
from aggregator.stories.similarity import LEARNED_SIGNALS
from aggregator.stories.stream import compare_stream, sort_stream
from aggregator.stories.terms import View, by_view
from aggregator.stories.text import digest
from aggregator.stories.weighing import UNKNOWN_SHARE, TermWeights, pack_shares
from aggregator.stories.weights import DOUBTS, MEANING, Model

ROOT = Path(__file__).parents[1]
OURS = sorted(Path(__file__).with_name("newsrooms").glob("*.jsonl"))
WEIGHTS_FILE = ROOT / "aggregator" / "stories" / "learned.py"
TERMS_FILE = ROOT / "aggregator" / "lexicon" / "terms.bin"
REPORT_FILE = ROOT / "docs" / "matching.md"
SEMANTIC_WEIGHTS_FILE = ROOT / "aggregator" / "stories" / "learned_meaning.py"
SEMANTIC_REPORT_FILE = ROOT / "docs" / "semantic.md"
REPORT_MARK = "<!-- written by benchmarks/train.py from here on -->\n"

# A likeness must not speak against a story, nor a difference for it, whatever one set of news says.
SPEAKS_FOR = {
    "lead", "undated_lead", "shared_names", "foreign_names", "quotes", "figures", "vaguer", MEANING,
    "same_words", "shared_words",
}  # fmt: skip
SPEAKS_AGAINST = {
    "missing_actors", "other_figures", "other_days", "apart", "later", "same_outlet", *DOUBTS,
}  # fmt: skip
# Pairs of a newsroom count more: there are few of them, and they are what the program is for. What
# is loosely labelled counts little: half of its "false" pairs are true for a reader. From babble
# only `by_chance` is learned: there all is that is alike.
WEIGHTS = {"newsroom": 25.0, "strict": 1.0, "general": 0.1, "babble": 0.0, "headlines": 1.0}
BABBLE, CHANCE_IN_BABBLE = 1500, 0.3
RIDGE = 1.0
# Learned last, one by one, with all else as it was learned without them: they show in few pairs,
# and what they explain there must not be asked of all other news. A rewrite in which `vaguer` shows
# counts more, as few of them are there to learn from.
LAST = {"vaguer": 6.0, **dict.fromkeys(DOUBTS, 1.0)}
# Of stories, and of pairs of look-alikes. Who runs an encoder wants repeats found, and takes a
# little more risk for it.
MOST_LOST, MOST_JOINED, MOST_JOINED_WITH_MEANING = 0.01, 0.0, 0.015
EVEN_ODDS = 0.5
# Coprime to the sizes of all sets: any article of a set may meet any other.
STRIDE = 7919
THRESHOLDS = [round(float(1 / (1 + np.exp(-step))), 4) for step in np.arange(-1.5, 3.51, 0.125)]
NAMES_OF_ALL = "names"
Embed = Callable[[Article], Meaning | None]
Vector = NDArray[np.float64]
Stream = Sequence[Sequence[Comparison]]


@dataclass(frozen=True)
class Labelled:
    """A set of labelled news, as one stream."""

    name: str
    documents: Sequence[Document]
    prints: Sequence[Fingerprint]
    sort: str
    lookalikes: Sequence[tuple[str, str]] = ()
    # So many of the documents are others' news, which were there before.
    known: int = 0

    @property
    def newsroom(self) -> bool:
        """Return whether it is news of our own domain."""
        return self.sort == "newsroom"

    @property
    def room(self) -> str:
        """Return what it is called, crowded or not."""
        return self.name.partition(",")[0]

    @property
    def signals(self) -> list[str]:
        """Return the signals that there are to learn."""
        semantic = all(found.meaning for found in self.prints)
        return [*LEARNED_SIGNALS, MEANING] if semantic else list(LEARNED_SIGNALS)

    @property
    def truth(self) -> list[str]:
        """Return the true story of each document."""
        return [document.story for document in self.documents]

    def counted(self) -> list[int]:
        """Return the numbers of the documents that count: all, or a newsroom's English ones."""
        numbers = range(self.known, len(self.documents))
        if not self.newsroom:
            return list(numbers)
        return [number for number in numbers if self.documents[number].article.lang == "en"]


def load(path: Path, sort: str, embed: Embed) -> list[Labelled]:
    """Return the set in a file; one that is no newsroom in two halves that share no story."""
    documents = read_documents(path)
    if sort == "newsroom":
        ordered = sorted(documents, key=lambda document: document.article.published)
        beside = path.with_name(f"{path.stem}-lookalikes.json")
        pairs = json.loads(beside.read_text(encoding="utf-8"))
        lookalikes = [(one, other) for one, other, _ in pairs]
        return [_labelled(path.stem, ordered, sort, embed, lookalikes)]
    halves: tuple[list[Document], list[Document]] = ([], [])
    for document in documents:
        halves[digest(document.story) % 2].append(document)
    return [
        _labelled(f"{path.stem}/{number}", half, sort, embed) for number, half in enumerate(halves)
    ]


def _labelled(
    name: str,
    documents: Sequence[Document],
    sort: str,
    embed: Embed,
    lookalikes: Sequence[tuple[str, str]] = (),
) -> Labelled:
    articles = [document.article for document in documents]
    prints = [replace(fingerprint(article), meaning=embed(article)) for article in articles]
    return Labelled(name, documents, prints, sort, lookalikes)


def crowded(newsroom: Labelled, crowd: Labelled) -> Labelled:
    """Return a newsroom among other articles, which were published all through its time."""
    first, last = newsroom.prints[0].published, newsroom.prints[-1].published
    step = (last - first) / len(crowd.prints)
    spread = [
        replace(found, published=first + step * number, dated=True)
        for number, found in enumerate(crowd.prints)
    ]
    return replace(
        newsroom,
        name=f"{newsroom.name}, crowded",
        documents=[*crowd.documents, *newsroom.documents],
        prints=[*spread, *newsroom.prints],
        known=len(spread),
    )


class Vectors:
    """What a sentence encoder makes of articles, kept in a file from run to run."""

    def __init__(self, folder: Path, file: Path | None) -> None:
        self._encoder = open_encoder(folder)
        self._file = file
        self._kept: dict[str, NDArray[np.float32]] = {}
        if file and file.exists():
            self._kept = dict(np.load(file))

    def __call__(self, article: Article) -> Meaning:
        """Return what an article means."""
        text = text_to_embed(article.title, article.text)
        key = f"{self._encoder.model}-{digest(text):016x}"
        if key not in self._kept:
            self._kept[key] = self._encoder.encode(text)
        return meaning_of(self._encoder.model, self._kept[key])

    def save(self) -> None:
        """Write what is to be kept."""
        if self._file:
            np.savez(self._file, allow_pickle=False, **self._kept)


def general_shares(sets: Iterable[Labelled]) -> bytes:
    """Return the share of articles that have each term: in the language where it is largest.

    Names belong to no language: their share is that of all articles. Terms of one article in all
    are left out, as are those that are no more common than unknown ones are held to be.
    """
    holders: dict[str, Counter[int]] = defaultdict(Counter)
    articles: Counter[str] = Counter()
    for labelled in sets:
        for found in labelled.prints if not labelled.known else ():
            ids = np.frombuffer(found.terms.ids, np.uint32)
            named = by_view(found.terms.counts)[:, View.NAMES] > 0
            for group, held in ((found.lang, ids[~named]), (NAMES_OF_ALL, ids[named])):
                holders[group].update(held.tolist())
                articles[group] += 1
    shares: dict[int, float] = {}
    for group, counts in holders.items():
        for term, count in counts.items():
            share = count / (articles[group] + 50)
            if count > 1 and share > 1.2 * UNKNOWN_SHARE:
                shares[term] = max(share, shares.get(term, 0.0))
    return pack_shares(shares)


def shares_of_others(labelled: Labelled, sets: Iterable[Labelled]) -> bytes:
    """Return the general shares of terms as all other sets have them.

    The names of tomorrow's news are in no set. Were those of the set held for known ones, they
    would tell less than they do in news that nobody has seen.
    """
    return general_shares(other for other in sets if other.room != labelled.room)


def compared(labelled: Labelled, general: bytes) -> Stream:
    """Return the comparisons of a set as one stream."""
    return list(compare_stream(labelled.prints, general, known=labelled.known))


@dataclass(frozen=True)
class Lesson:
    """A set to learn from: its stream, and pairs of strangers."""

    labelled: Labelled
    stream: Stream
    strangers: Sequence[Comparison]


def lesson(labelled: Labelled, general: bytes) -> Lesson:
    """Return what is to be learned from a set."""
    return Lesson(labelled, compared(labelled, general), list(strangers(labelled, general)))


def learn(
    lessons: Iterable[Lesson],
    threshold: float = 0.5,
    names: Sequence[str] = (),
) -> Model:
    """Return a logistic regression over the pairs of the sets, its signs bounded, ridged.

    It learns the signals of some `names`, by default all that there are to learn.
    """
    values, labels, weights = [], [], []
    lessons = list(lessons)
    names = names or lessons[0].labelled.signals
    for lesson_ in lessons:
        labelled = lesson_.labelled
        weight = WEIGHTS[labelled.sort]
        for document, found in zip(labelled.documents, lesson_.stream, strict=True):
            for pair in found:
                values.append([pair.values.get(name, 0.0) for name in names])
                labels.append(labelled.documents[pair.entry_id].story == document.story)
                weights.append(weight)
        for pair in lesson_.strangers:
            values.append([pair.values.get(name, 0.0) for name in names])
            labels.append(False)
            weights.append(weight)
    columns, truth, weighed_by = np.array(values), np.array(labels, float), np.array(weights)
    first = [at for at, name in enumerate(names) if name not in LAST]
    bias, likeness = _fit(columns[:, first], truth, weighed_by, [names[at] for at in first])
    known = bias + columns[:, first] @ np.array(list(likeness.values()))
    with_babble = np.where(weighed_by == WEIGHTS["babble"], CHANCE_IN_BABBLE, weighed_by)
    last = {
        name: _fit_last(
            name,
            columns[:, names.index(name)],
            truth,
            with_babble if name == by_chance.__name__ else weighed_by,
            known,
        )
        for name in LAST
        if name in names
    }
    return Model(bias, {name: {**likeness, **last}[name] for name in names}, threshold)


def strangers(labelled: Labelled, general: bytes) -> Iterable[Comparison]:
    """Yield comparisons of articles that nothing brought together, as if published at one time.

    Candidates have much in common by their choice; without these the model would hold two articles
    of one hour for one story until something speaks against it.
    """
    weigh, see = TermWeights(general), Centre()
    for found in labelled.prints:
        see.add(found.meaning)
    for number, document in enumerate(labelled.documents if not labelled.known else ()):
        other = (number * STRIDE + STRIDE) % len(labelled.documents)
        if labelled.documents[other].story != document.story:
            one, two = labelled.prints[number], labelled.prints[other]
            at_once = replace(two, published=one.published, dated=True)
            pair = weighed(replace(one, dated=True), {other: at_once}, weigh, see)
            yield from compare([pair])[0]


def _fit(
    values: Vector, labels: Vector, weights: Vector, names: Sequence[str]
) -> tuple[float, Mapping[str, float]]:
    middle, spread = values.mean(0), values.std(0) + 1e-6
    scaled = (values - middle) / spread

    def loss(at: Vector) -> tuple[float, Vector]:
        evidence = np.clip(scaled @ at[:-1] + at[-1], -35, 35)
        likely = 1 / (1 + np.exp(-evidence))
        miss = labels * np.log(likely + 1e-12) + (1 - labels) * np.log(1 - likely + 1e-12)
        slope = weights * (likely - labels)
        return (
            float(-(weights * miss).sum() + RIDGE * (at[:-1] ** 2).sum() / 2),
            np.append(scaled.T @ slope + RIDGE * at[:-1], slope.sum()),
        )

    bounds = [(_low(name), _high(name)) for name in names] + [(None, None)]
    start = np.zeros(len(names) + 1)
    options = {"maxiter": 2000}
    fit = minimize(loss, start, jac=True, bounds=bounds, method="L-BFGS-B", options=options)
    likeness = fit.x[:-1] / spread
    bias = float(fit.x[-1] - (likeness * middle).sum())
    return bias, dict(zip(names, likeness.tolist(), strict=True))


def _fit_last(name: str, values: Vector, labels: Vector, weights: Vector, known: Vector) -> float:
    """Return the weight of one of the last signals, given the evidence that is known without it."""
    weights = weights * np.where((labels > 0) & (values > 0), LAST[name], 1.0)

    def loss(at: Vector) -> float:
        evidence = np.clip(known + values * at[0], -35, 35)
        miss = np.logaddexp(0.0, evidence) - labels * evidence
        return float((weights * miss)[values > 0].sum() + RIDGE * at[0] ** 2 / 2)

    bounds = [(_low(name), _high(name))]
    return float(minimize(loss, np.zeros(1), bounds=bounds, method="L-BFGS-B").x[0])


def _low(name: str) -> float | None:
    return 0.0 if name in SPEAKS_FOR else None


def _high(name: str) -> float | None:
    return 0.0 if name in SPEAKS_AGAINST else None


@dataclass(frozen=True)
class HeldOut:
    """What a model that never saw a set makes of it, at each threshold."""

    labelled: Labelled
    found: Mapping[float, list[int]]

    def measures(self, threshold: float) -> Measures:
        """Return the measures at a threshold; of a newsroom those of its English tellings."""
        chosen = self.labelled.counted()
        truth, found = self.labelled.truth, self.found[threshold]
        return measure([truth[at] for at in chosen], [found[at] for at in chosen])

    @property
    def stories(self) -> int:
        """Return how many stories there are, those of a crowd left out."""
        return len(set(self.labelled.truth[self.labelled.known :]))

    def lost(self, threshold: float) -> float:
        """Return the share of these stories that are lost at a threshold."""
        known = self.labelled.known
        return measure(self.labelled.truth[known:], self.found[threshold][known:]).lost

    def joined(self, threshold: float) -> int:
        """Return how many look-alike pairs are joined at a threshold."""
        return len(joined(self.labelled.truth, self.found[threshold], self.labelled.lookalikes))

    def placed(self, threshold: float) -> Counter[tuple[str, bool]]:
        """Return how many tellings of each kind stand with their original, and how many do not."""
        found = self.found[threshold]
        originals = {
            document.story: found[number]
            for number, document in enumerate(self.labelled.documents)
            if document.kind == "original"
        }
        counts: Counter[tuple[str, bool]] = Counter()
        for number, document in enumerate(self.labelled.documents):
            if document.kind and document.kind != "original":
                counts[_kind(document), found[number] == originals.get(document.story)] += 1
        return counts


def _kind(document: Document) -> str:
    if document.article.lang != "en":
        return "local"
    if document.kind != "spun":
        return document.kind
    captioned = any(map(attributed, document.article.captions))
    return "spun, captioned" if captioned else "spun"


def hold_out(sets: Sequence[Labelled], lessons: Sequence[Lesson]) -> list[HeldOut]:
    """Return what models make of the sets that they have not seen."""
    results = []
    for number, labelled in enumerate(sets):
        _say(f"held out {number + 1} of {len(sets)}: {labelled.name}")
        model = learn(lesson for lesson in lessons if lesson.labelled.room != labelled.room)
        stream = lessons[number].stream
        found = {at: sort_stream(stream, model=model, threshold=at)[0] for at in THRESHOLDS}
        results.append(HeldOut(labelled, found))
    return results


def risks(results: Sequence[HeldOut]) -> dict[float, tuple[float, int]]:
    """Return for each threshold the share of stories lost and how many look-alikes are joined.

    Stories of loosely labelled sets do not count: a lost one is often none.
    """
    counted = [result for result in results if result.labelled.sort in {"newsroom", "strict"}]
    stories = sum(result.stories for result in counted)
    return {
        threshold: (
            sum(result.lost(threshold) * result.stories for result in counted) / stories,
            sum(result.joined(threshold) for result in counted),
        )
        for threshold in THRESHOLDS
    }


def most_joined(results: Sequence[HeldOut]) -> float:
    """Return the share of the pairs of look-alikes that may be joined."""
    return MOST_JOINED_WITH_MEANING if MEANING in results[0].labelled.signals else MOST_JOINED


def choose_threshold(results: Sequence[HeldOut]) -> float:
    """Return the lowest threshold of even odds or better at which risks are small enough."""
    most_joins = most_joined(results) * sum(len(result.labelled.lookalikes) for result in results)
    small = (
        threshold
        for threshold, (lost, joins) in risks(results).items()
        if threshold >= EVEN_ODDS and lost <= MOST_LOST and joins <= most_joins
    )
    return next(small, THRESHOLDS[-1])


def report(results: Sequence[HeldOut], model: Model) -> str:
    """Return the report as Markdown."""
    at, most = model.threshold, most_joined(results)
    some = f"at most {100 * most:g} %" if most else "none"
    lines = [
        f"Default threshold: {at:.4f}, the lowest of even odds or better at which {some} of the",
        "pairs of look-alikes are joined and at most 1 % of the stories of strict sets and",
        "newsrooms are lost. Measures are those of held-out sets, each as one open window;",
        "newsrooms count their English tellings. `*`: loosely labelled. Crowded: among other news,",
        "published throughout. Babble is a made-up stream in which all speak alike and nothing is",
        "told twice.",
        "",
        "| set | documents | precision | recall | F1 | best F1 | lost | repeats | joined |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for result in results:
        one = result.measures(at)
        best = max(result.measures(other).f1 for other in THRESHOLDS)
        pairs = len(result.labelled.lookalikes)
        lines.append(
            f"| {_named(result.labelled)} | {len(result.labelled.documents)} | "
            f"{one.precision:.3f} | {one.recall:.3f} | {one.f1:.3f} | {best:.3f} | "
            f"{one.lost:.3f} | {one.repeats:.3f} | "
            f"{f'{result.joined(at)} of {pairs}' if pairs else ''} |"
        )
    counts: Counter[tuple[str, bool]] = Counter()
    for result in results:
        if result.labelled.newsroom:
            counts += result.placed(at)
    lines += ["", "| kind of telling (newsrooms) | placed with its original |", "|---|---|"]
    for kind in sorted({name for name, _ in counts}):
        placed, all_of = counts[kind, True], counts[kind, True] + counts[kind, False]
        lines.append(f"| {kind} | {placed} of {all_of} ({placed / all_of:.0%}) |")
    lines += [
        "",
        "| threshold | strict stories lost | look-alikes joined |",
        "|---|---|---|",
    ]
    for threshold, (lost, joins) in risks(results).items():
        lines.append(f"| {threshold} | {lost:.3f} | {joins} |")
    lines += ["", "| signal | weight |", "|---|---|", f"| (bias) | {model.bias:+.2f} |"]
    ranked = sorted(model.likeness.items(), key=lambda item: -item[1])
    lines += [f"| {name} | {weight:+.2f} |" for name, weight in ranked]
    return "\n".join(lines) + "\n"


def _named(labelled: Labelled) -> str:
    return f"{labelled.name} \\*" if labelled.sort == "general" else labelled.name


def write(model: Model, general: bytes, text: str) -> None:
    """Write the weights that the package ships, the general shares and the report.

    The general shares are those of the model without meanings: both are used side by side.
    """
    semantic = MEANING in model.likeness
    report_file = SEMANTIC_REPORT_FILE if semantic else REPORT_FILE
    weights = "".join(f'    "{name}": {weight:.4f},\n' for name, weight in model.likeness.items())
    (SEMANTIC_WEIGHTS_FILE if semantic else WEIGHTS_FILE).write_text(
        '"""What benchmarks/train.py learned and wrote; its report is '
        f'docs/{report_file.name}."""\n\n'
        "from collections.abc import Mapping\n\n"
        f"THRESHOLD = {model.threshold}\n"
        f"BIAS = {model.bias:.4f}\n"
        f"WEIGHTS: Mapping[str, float] = {{\n{weights}}}\n",
        encoding="utf-8",
    )
    if not semantic:
        TERMS_FILE.write_bytes(general)
    written = report_file.read_text(encoding="utf-8").partition(REPORT_MARK)[0]
    report_file.write_text(f"{written}{REPORT_MARK}\n{text}", encoding="utf-8")


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def main() -> None:
    """Learn, report, and write where asked to."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    for sort in ("newsroom", "strict", "general"):
        parser.add_argument(f"--{sort}", type=Path, action="append", default=[], metavar="FILE")
    parser.add_argument("--crowd", type=Path, action="append", default=[], metavar="FILE")
    parser.add_argument("--semantic", type=Path, metavar="FOLDER", help="a sentence encoder's")
    parser.add_argument("--vectors", type=Path, metavar="FILE", help="keeps its vectors (.npz)")
    parser.add_argument("--write", action="store_true", help="write weights and report")
    asked = parser.parse_args()
    asked.newsroom = [*OURS, *asked.newsroom]
    files = {sort: vars(asked)[sort] for sort in ("newsroom", "strict", "general")}
    vectors = Vectors(asked.semantic, asked.vectors) if asked.semantic else None
    embed: Embed = vectors or (lambda _: None)
    sets = [
        one for sort, paths in files.items() for path in paths for one in load(path, sort, embed)
    ]
    others = [document for path in asked.crowd for document in read_documents(path)]
    if others:
        # Each is a story of its own, and no telling of any kind.
        unlike = [replace(one, story=f"other {at}", kind="") for at, one in enumerate(others)]
        crowd = _labelled("crowd", unlike, "general", embed)
        sets += [crowded(labelled, crowd) for labelled in sets if labelled.newsroom]
    sets.append(_labelled("babble", list(babble(BABBLE)), "babble", embed))
    if vectors:
        vectors.save()
    _say(f"{len(sets)} sets, {sum(len(labelled.documents) for labelled in sets)} documents")
    lessons = [lesson(labelled, shares_of_others(labelled, sets)) for labelled in sets]
    results = hold_out(sets, lessons)
    model = learn(lessons, choose_threshold(results))
    text = report(results, model)
    print(text)
    if asked.write:
        write(model, general_shares(sets), text)


if __name__ == "__main__":
    main()
