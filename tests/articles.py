"""Articles for the tests of matching: our own little news, easily varied."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, TypedDict, Unpack

from aggregator.model import Article, Credit, Origin, Verdict
from aggregator.stories.comparing import compare
from aggregator.stories.fingerprint import Fingerprint, fingerprint
from aggregator.stories.lineup import Lineup
from aggregator.stories.matching import decide
from aggregator.stories.meaning import Meaning
from aggregator.stories.sides import weighed
from aggregator.stories.weighing import Weigh, equally
from aggregator.stories.weights import LEARNED, Model

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)

DEPOT = (
    "Engineers from the port of Bar handed the keys of a new fuel depot to the harbour authority "
    "on Monday after fourteen months of work on the eastern quay. Minister Ranka Stojovic said "
    "that ships of the Alliance would be able to take on diesel in Bar without waiting for a barge "
    "from Brindisi, and thanked the crew that had poured concrete through two winters. The depot "
    "holds nine thousand cubic metres in six tanks, each with its own pump and its own alarm. A "
    "fire brigade of thirty will stand by day and night. Fishermen at the quay asked whether the "
    "new lights would drive away the mullet; the harbour master promised to dim them after ten."
)
BRIDGE = (
    "A convoy of forty lorries crossed the pontoon bridge near Loznica on Thursday morning while "
    "observers from seven countries counted axles and minutes. Colonel Imre Halasz called the "
    "result two minutes better than the plan. The bridge was taken apart before dusk, and the "
    "farmers on both banks got back the meadow with a few more ruts in it than before. Every rut "
    "will be paid for, said the mayor, who had brought a tape measure and a patient clerk."
)
NOTICE = (
    "You have read all the free pieces that we offer in a month. To go on reading, please choose "
    "one of our subscriptions or sign in with the address that you gave us. Our newsroom lives on "
    "its readers, and a subscription costs less than a coffee a week. It can be ended at any time, "
    "by mail or by telephone, and takes effect at once."
)


class Facts(TypedDict, total=False):
    """What a test may say of an article."""

    title: str
    text: str
    outlet: str
    lang: str
    guid: str
    link: str
    canonical_url: str
    captions: tuple[str, ...]
    credits: tuple[Credit, ...]
    origin: Origin


ARTICLE = Article(
    entry_id=1,
    title="New fuel depot handed over in Bar",
    text=DEPOT,
    outlet="barharbour.me",
    published=NOON,
)


def print_of(
    *, after: timedelta = timedelta(), meaning: Meaning | None = None, **facts: Unpack[Facts]
) -> Fingerprint:
    """Return the fingerprint of an article on the depot, except for the facts given.

    `after` is how long after noon it was published.
    """
    found = fingerprint(replace(ARTICLE, published=NOON + after, **facts))
    return replace(found, meaning=meaning)


class Placed(NamedTuple):
    """A candidate: an entry, the story that it was placed in, its fingerprint."""

    entry_id: int
    story_id: int
    fingerprint: Fingerprint


def beside(one: Fingerprint, *others: Fingerprint, weigh: Weigh = equally) -> Lineup:
    """Return an article beside others."""
    return Lineup(weighed(one, dict(enumerate(others)), weigh))


def matching_story(
    article: Fingerprint,
    candidates: Sequence[Placed],
    *,
    weigh: Weigh = equally,
    model: Model = LEARNED,
) -> Verdict:
    """Return the verdict on an article among candidates."""
    prints = {placed.entry_id: placed.fingerprint for placed in candidates}
    (compared,) = compare([weighed(article, prints, weigh)])
    return decide(
        compared, {placed.entry_id: placed.story_id for placed in candidates}, model=model
    )


def lightly_edited(text: str) -> str:
    """Return the text as a hasty desk leaves it: every thirtieth word replaced, the end cut off."""
    found = text.split()
    found[15::30] = ["reportedly" for _ in found[15::30]]
    return " ".join(found[: len(found) * 9 // 10])
