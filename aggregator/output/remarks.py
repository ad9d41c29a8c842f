"""What the feeds beside the news say: which entries were folded and why, which sources fail."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from html import escape

from aggregator.model import Folded, HealthTurn, Kind, Signal
from aggregator.output.entry import UNTITLED, outlet_name, story_page
from aggregator.output.feed import OutCategory, OutEntry, OutFeed, OutLink
from aggregator.output.legal import legal_line, legal_url

_SIGNALS = 3
_KEPT = 2000  # an entry that was folded is told of in several feeds, again and again
_REASONS = {
    Kind.ORIGINAL: "The story began with this entry; it is led by a better telling.",
    Kind.COPY: "The text is the same, up to light edits.",
    Kind.RETELLING: "It tells the same event in other words.",
}
_JOINED = {
    "operator": "It stood in another story; an operator said that both are one.",
    "article": "It stood in another story; an article showed that both are one.",
    "split": "It stood in another story; an operator took it out of that one.",
}


def folded_entries(feed: OutFeed, entity: str, folded: Iterable[Folded]) -> list[OutEntry]:
    """Return an entry for each that was folded: its own link, the story, the reason."""
    return [_folded(feed.base_url, entity, each) for each in folded]


@lru_cache(maxsize=_KEPT)
def _folded(base_url: str, entity: str, folded: Folded) -> OutEntry:
    telling = folded.telling
    page = story_page(base_url, folded.story_key)
    lead = f"{legal_line(folded.story_outlet)}: {legal_line(folded.story_title) or UNTITLED}"
    return OutEntry(
        uri=f"{entity}:entry/{telling.entry_id}",
        title=f"{legal_line(telling.outlet)}: {legal_line(telling.title) or UNTITLED}",
        html=(
            f'<p>Folded into <a href="{escape(page)}">{escape(lead)}</a> as {telling.kind.value}. '
            f"{_JOINED.get(folded.joined) or _REASONS[telling.kind]}</p>\n"
            f"<p>{escape(_reckoning(folded))}</p>"
        ),
        published=telling.published,
        updated=apart(folded.changed_at, telling.entry_id),
        authors=(outlet_name(telling.outlet),),
        links=(
            OutLink("alternate", legal_url(telling.url) or page),
            OutLink("related", page, lead),
        ),
        categories=(OutCategory(telling.kind.value),),
    )


def _reckoning(folded: Folded) -> str:
    """Return the score that decided and the signals that spoke for it most, in words."""
    if folded.joined == "split":
        return "It was not placed by a comparison with what this story tells."
    if folded.telling.kind is Kind.ORIGINAL or not folded.signals:
        return "It was not placed by a comparison: a story began with it."
    speaking = [signal for signal in folded.signals if signal.value * signal.weight > 0]
    strongest = sorted(speaking, key=lambda signal: -signal.value * signal.weight)
    score = f"Score {folded.telling.score:.3f}, threshold {folded.threshold:.3f}"
    return f"{score}; above all {_named(strongest[:_SIGNALS])}."


def _named(signals: Sequence[Signal]) -> str:
    return ", ".join(f"{legal_line(signal.name)} {signal.value:.2f}" for signal in signals)


def health_entries(feed: OutFeed, entity: str, turns: Iterable[HealthTurn]) -> list[OutEntry]:
    """Return an entry for each turn in a source's health."""
    return [_turn(feed, entity, turn) for turn in turns]


def _turn(feed: OutFeed, entity: str, turn: HealthTurn) -> OutEntry:
    name = legal_line(turn.source_title) or legal_line(turn.outlet) or UNTITLED
    since = f"{turn.at:%Y-%m-%d %H:%M} UTC"
    what = "fails" if turn.failing else "has recovered"
    why = f": {legal_line(turn.reason)}" if turn.failing and turn.reason else "."
    return OutEntry(
        uri=f"{entity}:health/{turn.id}",
        title=f"{name} {what}",
        html=f"<p>{escape(f'{name} {what} since {since}{why}')}</p>",
        published=turn.at,
        updated=apart(turn.at, turn.id),
        authors=("aggregator",),
        links=(OutLink("alternate", legal_url(turn.site_url) or f"{feed.base_url}/sources"),),
        categories=(OutCategory("failing" if turn.failing else "recovered"),),
    )


def apart(moment: datetime, number: int) -> datetime:
    """Return the moment, made its own: the W3C validator takes entries of one moment for one."""
    return moment.replace(microsecond=0) + timedelta(microseconds=number % 1_000_000)
