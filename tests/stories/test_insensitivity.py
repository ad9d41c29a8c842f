"""What an article is not about makes no difference: templates, scripts, sizes."""

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from articles import print_of
from babble import babble

from aggregator.labelled import Document, read_documents
from aggregator.lexicon import general_terms
from aggregator.stories.fingerprint import fingerprint
from aggregator.stories.measures import measure
from aggregator.stories.stream import compare_stream, sort_stream

NEWSROOMS = Path(__file__).parents[2] / "benchmarks" / "newsrooms"
TEMPLATE_WORDS = (
    "subscribe", "newsletter", "editors", "privacy", "cookies", "settings", "follow", "channels",
    "weekly", "digest", "briefing", "copyright", "reserved", "imprint", "contact", "advertise",
    "careers", "partners", "foundation", "members", "donate",
)  # fmt: skip
ELSE = "else.example"
# Two texts in each script, some sentences long: an exercise at sea, a new bridge.
SCRIPTS = json.loads(Path(__file__).with_name("scripts.json").read_text(encoding="utf-8"))

pytestmark = pytest.mark.no_cover  # traced, it takes twice as long


def stories_of(
    documents: Sequence[Document], change: Callable[[Document], str] = lambda d: d.article.text
) -> list[int]:
    prints = [fingerprint(replace(each.article, text=change(each))) for each in documents]
    return sort_stream(compare_stream(prints, general_terms()))[0]


def template(name: str) -> str:
    chance = random.Random(name)
    words = " ".join(chance.choice(TEMPLATE_WORDS) for _ in range(120))
    return f"\n\n{words.capitalize()}. {name} Media Group."


@pytest.mark.parametrize("room", ["adriatic", "arctic", "euxine"])
def test_what_an_outlet_appends_to_every_page_hardly_matters(room: str) -> None:
    documents = sorted(
        read_documents(NEWSROOMS / f"{room}.jsonl"), key=lambda each: each.article.published
    )
    truth = [each.story for each in documents]
    plain = stories_of(documents)
    appended = stories_of(documents, lambda d: d.article.text + template(d.article.outlet))
    moved = sum(one != other for one, other in zip(plain, appended, strict=True))
    assert moved <= len(documents) // 20
    assert measure(truth, appended).lost == 0.0


def test_what_an_owner_appends_to_all_pages_of_all_its_outlets_joins_hardly_anything() -> None:
    documents = read_documents(NEWSROOMS / "euxine.jsonl")
    appended = stories_of(documents, lambda each: each.article.text + template("all"))
    assert measure([each.story for each in documents], appended).precision > 0.9


def test_where_all_speak_alike_and_nothing_is_told_twice_hardly_anything_is_lost() -> None:
    documents = list(babble(300))
    assert measure([each.story for each in documents], stories_of(documents)).lost < 0.03


@pytest.mark.parametrize("script", SCRIPTS)
def test_news_is_told_apart_in_any_script(script: str) -> None:
    exercise, bridge = SCRIPTS[script]
    shorter = exercise[: len(exercise) * 9 // 10]
    articles = [
        print_of(title=exercise[:20], text=exercise),
        print_of(title=bridge[:20], text=bridge),
        print_of(title=exercise[:20], text=shorter, outlet=ELSE),
        print_of(title=bridge[:20], text=bridge, outlet=ELSE),
    ]
    assert sort_stream(compare_stream(articles, general_terms()))[0] == [0, 1, 0, 1]
