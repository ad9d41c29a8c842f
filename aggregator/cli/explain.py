"""The command that tells why an entry stands where it stands."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from functools import partial
from math import fsum, tanh
from typing import Annotated, Any

import typer

from aggregator.cli.context import open_store, settings_of
from aggregator.cli.lines import say
from aggregator.cli.printing import AsJson, print_json, print_table
from aggregator.cli.story_lists import told_as
from aggregator.errors import NoSuchError
from aggregator.model import Candidate, Verdict
from aggregator.store import dated, placings, rulings, shelf
from aggregator.store.database import Session
from aggregator.stories.fingerprint import link_keys
from aggregator.stories.weights import bias_of

SHOWN_BY = {
    "canonical": "page's canonical link",
    "line": "text",
    "caption": "caption of a picture",
    "title": "title",
}

# Of the score: what the other stories have to do with it is worth a word from here on.
_NOTABLE = 0.01


def add_to(app: typer.Typer) -> None:
    """Add this command to the program."""
    app.command("explain")(explain)


def explain(
    context: typer.Context,
    name: Annotated[
        str, typer.Argument(metavar="ENTRY|URL|STORY", help="An id, or an article's address.")
    ],
    as_json: AsJson = False,
) -> None:
    """Tell why an entry stands where it stands; of a story, why each of its entries does."""
    settings = settings_of(context)
    with open_store(context) as store:
        look = partial(_explanations, name=name, window=settings.match.window)
        found = store.read_now(look)
    if as_json:
        print_json(found)
        return
    for index, told in enumerate(found):
        if index:
            say("")
        _say_why(told)


def _explanations(session: Session, name: str, window: timedelta) -> list[Mapping[str, object]]:
    entries = shelf.entry_ids(session, name, link_keys(name))
    if not entries:
        try:
            entries = shelf.members(session, shelf.story_id(session, name))
        except NoSuchError as error:
            message = f"no such entry or story: {name}; `aggregator stories --json` shows both ids"
            raise NoSuchError(message) from error
    return [_explanation(session, entry_id, window) for entry_id in entries]


def _explanation(session: Session, entry_id: int, window: timedelta) -> Mapping[str, object]:
    verdict = placings.verdict_on(session, entry_id)
    compared = verdict.candidates if verdict else ()
    titles = shelf.entry_titles(session, [entry_id, *(seen.entry_id for seen in compared)])
    outlet, title = titles[entry_id]
    told: dict[str, object] = {"entry_id": entry_id, "title": title, "outlet": outlet}
    revealed = shelf.provenance(session, entry_id)
    told["provenance"] = asdict(revealed) if revealed else None
    told["dated_back_to"] = dated.dated_back_to(session, entry_id)
    if verdict is None or verdict.story_id is None:
        unknown = dict.fromkeys(("story", "kind", "score", "threshold"))
        nothing: dict[str, object] = {
            "recycled_from": None,
            "first_telling": None,
            "candidates": [],
        }
        return told | unknown | {"ruled": False} | nothing
    first = shelf.recycled_from(session, entry_id, window)
    return told | {
        "story": shelf.story_uri(session, verdict.story_id),
        "kind": verdict.kind,
        "score": verdict.score,
        "threshold": verdict.threshold,
        "ruled": rulings.ruled_on(session, entry_id),
        "recycled_from": first.published if first else None,
        "first_telling": told_as(first) if first else None,
        "candidates": [_candidate(session, seen, titles, verdict) for seen in compared],
    }


def _candidate(
    session: Session, seen: Candidate, titles: Mapping[int, tuple[str, str]], verdict: Verdict
) -> Mapping[str, object]:
    outlet, title = titles[seen.entry_id]
    return {
        "entry_id": seen.entry_id,
        "title": title,
        "outlet": outlet,
        "story": shelf.story_uri(session, seen.story_id),
        "score": seen.score,
        "matches": seen.score >= verdict.threshold,
        "bias": bias_of(seen),
        "signals": [
            {
                "name": signal.name,
                "value": signal.value,
                "weight": signal.weight,
                "contribution": signal.value * signal.weight,
            }
            for signal in seen.signals
        ],
    }


def _say_why(told: Mapping[str, object]) -> None:
    say(f"entry {told['entry_id']}: {told['title']} ({told['outlet']})")
    if told["kind"] is None:
        say("has no place in a story yet")
        return
    scores = f": score {told['score']:.3f}, threshold {told['threshold']:.3f}"
    say(f"{told['kind']} in {told['story']}{'' if told['ruled'] else scores}")
    if told["ruled"]:
        say("an operator's word put it there")
    _say_whence(told)
    if told["dated_back_to"]:
        say(f"its text dates its news to {told['dated_back_to']}")
    first = told["first_telling"]
    if isinstance(first, dict):
        told_by = f"{first['title']} ({first['outlet']})"
        say(f"no news: the story was first told on {first['published']:%Y-%m-%d}: {told_by}")
    rows = [
        (
            seen["entry_id"],
            seen["outlet"],
            seen["title"],
            f"{seen['score']:.3f}",
            "yes" if seen["matches"] else "no",
            _reckoning(seen),
        )
        for seen in _list(told["candidates"])
    ]
    if rows:
        columns = (
            "entry",
            "outlet",
            "compared with",
            "score",
            "same story",
            "bias + signal value x weight",
        )
        print_table(columns, rows, labelled=True)
    else:
        say("nothing in the window was worth comparing with it")


def _say_whence(told: Mapping[str, Any]) -> None:
    found = told["provenance"]
    if found:
        title = (
            f'"{found["headline"]}" ({found["outlet"]})' if found["headline"] else found["outlet"]
        )
        address = f", {found['url']}" if found["url"] else ""
        say(f"made from {title}{address}: so says its {SHOWN_BY[found['shown_by']]}")


def _list(value: object) -> list[Mapping[str, Any]]:
    return value if isinstance(value, list) else []


def _reckoning(seen: Mapping[str, Any]) -> str:
    """Return how the score came about: what the sum is worth alone, and among other stories."""
    signals = _list(seen["signals"])
    parts = [f"{signal['name']} {signal['value']:.3g} x {signal['weight']:g}" for signal in signals]
    bias = seen["bias"]
    total = fsum([bias, *(signal["contribution"] for signal in signals)])
    score, alone = seen["score"], (1 + tanh(total / 2)) / 2
    beside = abs(alone - score) > _NOTABLE
    alone_and = f"{alone:.3f} alone, beside the other candidates " if beside else ""
    return f"{', '.join([f'bias {bias:g}', *parts])}: sum {total:.1f} → {alone_and}{score:.3f}"
