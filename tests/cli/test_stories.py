import math
import re
import sqlite3
from contextlib import closing
from html import escape
from math import exp
from typing import Any

import pytest
from console import CATEGORIES, Console
from newsweb import feed as news
from newsweb import served
from rawweb import reply

from aggregator.demo.site import Site

KEYS = ["id", "key", "title", "published", "updated", "categories", "outlets", "lead", "tellings"]
TELLING = ["entry_id", "url", "title", "outlet", "kind", "score", "published"]


def listed(console: Console) -> list[dict[str, list[dict[str, object]]]]:
    found: list[dict[str, list[dict[str, object]]]] = console("stories", "--json").json
    return found


def several(console: Console) -> dict[str, list[dict[str, object]]]:
    """Return the story with the most tellings."""
    return max(listed(console), key=lambda story: len(story["tellings"]))


def feed(console: Console) -> str:
    return console.feeds.joinpath("all.atom").read_text(encoding="utf-8")


def ids(console: Console) -> list[str]:
    return re.findall(r"<id>(tag:[^<]+/[0-9a-f]{20})</id>", feed(console))


def test_stories_have_their_keys(newsdesk: Console) -> None:
    found = newsdesk("stories", "--json").json
    assert len(found) == 25
    for story in found:
        assert list(story) == KEYS
        assert list(story["lead"]) == TELLING
        assert all(list(telling) == TELLING for telling in story["tellings"])
        assert story["lead"] in story["tellings"]
        assert story["id"].startswith("tag:")
        assert story["id"].endswith(story["key"])
        assert story["outlets"] == list(
            dict.fromkeys(telling["outlet"] for telling in story["tellings"])
        )
        assert all(each.endswith("Z") for each in (story["published"], story["updated"]))
    published = [story["published"] for story in found]
    assert published == sorted(published, reverse=True)


def test_stories_in_lines(newsdesk: Console) -> None:
    lines = newsdesk("stories", "--limit", 3).lines
    assert len(lines) == 3
    found = newsdesk("stories", "--limit", 3, "--json").json
    assert [line.split("\t")[1] for line in lines] == [story["title"] for story in found]
    assert [line.split("\t")[4] for line in lines] == [story["key"] for story in found]


def test_where_nothing_is_published_the_next_step_is_named(console: Console) -> None:
    said = console("stories")
    assert (said.code, said.out) == (0, "")
    assert said.err == "nothing is published yet: begin with `aggregator add-source URL`\n"
    with served(rss=news("Ferry")) as web:
        console("add-source", web.url("/rss"), "--no-full-text")
        for flag in ((), ("--json",)):
            assert "`aggregator update` takes a round" in console("stories", *flag).err
        for flag in ((), ("--json",)):
            said = console("stories", "-C", "nato", *flag)
            assert said.err.startswith("no story that is published stands in nato; ")
            assert (said.err.count("\n"), said.out) == (1, "[]\n" if flag else "")
        console("update", "--steps=read,place")
        assert console("stories").err == (
            "1 is held back for copies to come in; shown from the first publish after the hold\n"
        )
        console("update")
    assert console("stories").err == ""


def test_stories_of_a_category_that_is_not_there(newsdesk: Console) -> None:
    said = newsdesk("stories", "-C", "ntao")
    assert said.code == 2
    assert said.complaint == "no such category: ntao; there are: all, nato, montenegro"


def test_why_says_what_an_entry_was_made_from(console: Console) -> None:
    lines = {
        "spun": "<p>A new era dawns on the quay.</p><p>The post <a "
        "href='https://gazette.example/2026/depot'>Depot opens in Bar</a> appeared first on "
        "<a href='https://gazette.example'>Harbour Gazette</a>.</p>",
        "lent": "<p>Mullet return to the bay.</p><p>This article first appeared on Coast Wire.</p>",
        "free": "<p>Lights are dimmed at ten.</p><p>Source: Ministry of Ports</p>",
    }
    items = "".join(
        f"<item><title>{title}</title><link>https://farm.example/{title}</link>"
        f"<description>{escape(html)}</description></item>"
        for title, html in lines.items()
    )
    body = f"<rss version='2.0'><channel><title>Farm</title>{items}</channel></rss>"
    with served(rss=reply(body.encode(), Content_Type="application/rss+xml")) as web:
        console("add-source", web.url("/rss"), "--no-full-text")
        console("update")
    whys = [why for title in lines for why in explained(console, title)]
    gazette = {"outlet": "Harbour Gazette", "headline": "Depot opens in Bar"}
    assert [why["provenance"] for why in whys] == [
        gazette | {"url": "https://gazette.example/2026/depot", "shown_by": "line"},
        {"outlet": "Coast Wire", "headline": "", "url": None, "shown_by": "line"},
        None,
    ]
    said = [console("explain", why["entry_id"]).out for why in whys]
    assert (
        'made from "Depot opens in Bar" (Harbour Gazette), https://gazette.example/2026/depot: '
        "so says its text\n"
    ) in said[0]
    assert "made from Coast Wire: so says its text\n" in said[1]
    assert "made from" not in said[2]
    via = '<link rel="via" href="https://gazette.example/2026/depot"'
    assert feed(console).count('<link rel="via"') == feed(console).count(via) == 1


def test_why_says_what_is_no_news(console: Console) -> None:
    items = "".join(
        f"<item><title>{title}</title><link>https://{outlet}.example/1</link>"
        f"<source url='https://{outlet}.example'>{outlet}</source><description>{text}</description>"
        f"<pubDate>{day} 2020 09:00:00 GMT</pubDate></item>"
        for outlet, title, text, day in (
            ("quay", "Spain and Latvia open a fuel depot in Liepaja", DEPOT, "10 Mar"),
            ("farm", "Allied ships get a depot in Liepaja", f"On 10 March 2020, {DEPOT}", "9 Oct"),
            ("wire", "Mullet return to Kotor", "On 3 May 2019, mullet came back.", "9 Oct"),
        )
    )
    body = f"<rss version='2.0'><channel><title>Farm</title>{items}</channel></rss>"
    with served(rss=reply(body.encode(), Content_Type="application/rss+xml")) as web:
        console("add-source", web.url("/rss"), "--no-full-text")
        console("update")
    (old,) = explained(console, "Spain and Latvia open a fuel depot in Liepaja")
    (again,) = explained(console, "Allied ships get a depot in Liepaja")
    (alone,) = explained(console, "Mullet return to Kotor")
    assert again["story"] == old["story"] != alone["story"]
    dates = [why["dated_back_to"] for why in (old, again, alone)]
    assert dates == [None, "2020-03-10", "2019-05-03"]
    assert again["recycled_from"] == "2020-03-10T09:00:00Z"
    assert again["first_telling"]["title"] == "Spain and Latvia open a fuel depot in Liepaja"
    assert old["first_telling"] is alone["first_telling"] is None
    said = console("explain", again["entry_id"]).out
    assert "its text dates its news to 2020-03-10\n" in said
    assert (
        "no news: the story was first told on 2020-03-10: "
        "Spain and Latvia open a fuel depot in Liepaja (quay.example)\n"
    ) in said
    assert "no news" not in console("explain", alone["entry_id"]).out


DEPOT = (
    "ministers Ines Arrabal of Spain and Guntis Vanags of Latvia opened a fuel depot in Liepaja "
    "with 9,200 cubic metres of marine diesel in six tanks, at a cost of 41.7 million euros. The "
    "frigate Numancia Nueva was the first in line."
)


def explained(console: Console, title: str) -> list[dict[str, Any]]:
    """Return why the entry of that title stands where it stands."""
    (told,) = (
        telling
        for story in listed(console)
        for telling in story["tellings"]
        if telling["title"] == title
    )
    found: list[dict[str, Any]] = console("explain", told["entry_id"], "--json").json
    return found


def test_why_an_entry_stands_where_it_stands(newsdesk: Console, lasting_site: Site) -> None:
    story = several(newsdesk)
    told = story["tellings"][-1]
    (why,) = newsdesk("explain", told["entry_id"], "--json").json
    assert list(why) == (
        [
            "entry_id",
            "title",
            "outlet",
            "provenance",
            "dated_back_to",
            "story",
            "kind",
            "score",
            "threshold",
            "ruled",
            "recycled_from",
            "first_telling",
            "candidates",
        ]
    )
    assert (why["story"], why["kind"], why["ruled"]) == (story["id"], told["kind"], False)
    matching = [seen for seen in why["candidates"] if seen["matches"]]
    assert matching
    for seen in why["candidates"]:
        assert list(seen) == (
            ["entry_id", "title", "outlet", "story", "score", "matches", "bias", "signals"]
        )
        total = seen["bias"] + sum(signal["contribution"] for signal in seen["signals"])
        # Alone it would be its odds; among others, a share of them.
        assert 0.0 <= seen["score"] <= 1 / (1 + math.exp(-total)) + 1e-9
        for signal in seen["signals"]:
            assert list(signal) == ["name", "value", "weight", "contribution"]
            assert signal["contribution"] == pytest.approx(signal["value"] * signal["weight"])
    assert matching[0]["score"] >= why["threshold"]
    assert newsdesk("explain", told["url"], "--json").json == [why]
    assert str(told["url"]).startswith(lasting_site.base_url)
    assert newsdesk("explain", f"{told['url']}?utm_source=x", "--json").json == [why]


def test_a_story_is_explained_by_any_of_its_names(newsdesk: Console) -> None:
    story = several(newsdesk)
    whys = newsdesk("explain", story["id"], "--json").json
    entries = [telling["entry_id"] for telling in story["tellings"]]
    assert [why["entry_id"] for why in whys] == entries
    page = f"http://127.0.0.1:8080/stories/{story['key']}"
    for name in (story["key"], page, f"{page}/"):
        assert newsdesk("explain", name, "--json").json == whys
    lines = newsdesk("explain", story["id"]).lines
    assert lines[0].startswith(f"entry {entries[0]}: ")
    assert sum(line.startswith("entry ") for line in lines) == len(entries)
    compared = [line for line in lines if line.startswith("entry=")]
    assert any("\tsame story=yes\t" in line for line in compared)
    others: list[str] = []
    for line in compared:
        shown = line.split("weight=")[1]
        bias, *parts = re.findall(r"(-?\d[\d.]*(?:e-\d+)?)(?: x (-?[\d.]+))?(?=[,:])", shown)
        total = float(bias[0]) + sum(float(value) * float(weight) for value, weight in parts)
        assert float(line.split(": sum ")[1].split(" → ")[0]) == pytest.approx(total, abs=0.1)
        score, alone = float(line.split("score=")[1][:5]), 1 / (1 + exp(-total))
        assert line.endswith(f" {score:.3f}")
        if abs(alone - score) > 0.1:  # the figures shown are rounded
            others.append(line)
            assert " alone, beside the other candidates " in line
    assert others


def test_what_has_no_place_yet_is_explained(console: Console, site: Site) -> None:
    console("add-source", site.feed_urls["europulse"])
    (why,) = console("explain", 1, "--json").json
    assert (why["story"], why["kind"], why["score"], why["threshold"]) == (None,) * 4
    assert (why["ruled"], why["candidates"]) == (False, [])
    assert console("explain", 1).lines[1:] == ["has no place in a story yet"]


def test_the_first_entry_of_all_had_nothing_to_be_compared_with(newsdesk: Console) -> None:
    lines = [line for n in range(1, 56) for line in newsdesk("explain", n).lines]
    assert "nothing in the window was worth comparing with it" in lines


@pytest.mark.parametrize("name", ["999", "nope", "", "https://x.example/", "a\nb", "\x1b[2J", "∞"])
def test_names_of_nothing(newsdesk: Console, name: str) -> None:
    story = listed(newsdesk)[0]["key"]
    for words in (["explain"], ["merge", story], ["split", story], ["split"]):
        tail = ["1"] if words == ["split"] else []
        said = newsdesk(*words, "--", name, *tail)
        assert said.code == 2
        assert said.complaint.startswith("no such ")
        assert said.complaint.isprintable()


def test_a_merge_holds_and_the_older_id_lives(newsdesk: Console) -> None:
    first, second = (str(story["key"]) for story in listed(newsdesk)[:2])
    before = ids(newsdesk)
    count = len(listed(newsdesk))
    said = newsdesk("merge", first, second)
    survivor = said.out.removeprefix("merged into ").strip()
    (gone,) = [story for story in before if story.endswith((first, second)) and story != survivor]

    for _ in range(2):
        assert newsdesk("update", "--force").code == 0
        assert survivor in ids(newsdesk)
        assert gone not in ids(newsdesk)
        assert len(listed(newsdesk)) == count - 1
    assert newsdesk("ledger").code == 0
    again = newsdesk("merge", second, first)
    assert said.err.startswith("feeds and `stories` follow at the next publish: `aggregator")
    assert (again.code, again.out, again.err) == (0, f"already one story: {survivor}\n", "")
    once_more = newsdesk("merge", second, first, "--json").json
    assert once_more == {"story": survivor, "merged": False, "undone_by_split": None}
    # The name that is gone leads on to the story that lives.
    (merged, *_) = newsdesk("explain", gone, "--json").json
    assert merged["story"] == survivor
    assert merged["ruled"] is True
    assert "an operator's word put it there" in newsdesk("explain", gone).lines

    # And what undoes it is said in full.
    hint = said.err.splitlines()[-1]
    assert hint.startswith("to undo it: `aggregator split ")
    undone = newsdesk(*hint.partition("`aggregator ")[2].rstrip("`").split())
    assert undone.out.endswith(f"now tells {gone}\n")
    newsdesk("publish")
    assert set(ids(newsdesk)) == set(before)


def test_a_story_merged_with_itself_stays(newsdesk: Console) -> None:
    story = listed(newsdesk)[0]
    said = newsdesk("merge", story["id"], story["key"])
    assert (said.code, said.out) == (0, f"already one story: {story['id']}\n")


def test_a_split_holds_and_gets_an_id_of_its_own(newsdesk: Console) -> None:
    story = several(newsdesk)
    entry = story["tellings"][-1]["entry_id"]
    before = ids(newsdesk)
    said = newsdesk("split", story["key"], entry)
    assert said.out.startswith(f"entry {entry} now tells tag:")
    fresh = said.out.split()[-1]
    assert fresh not in before

    for _ in range(2):
        assert newsdesk("update", "--force").code == 0
        assert set(ids(newsdesk)) == {*before, fresh}
        told = {each["id"]: each for each in newsdesk("stories", "--json").json}
        assert [telling["entry_id"] for telling in told[fresh]["tellings"]] == [entry]
        assert told[fresh]["lead"]["kind"] == "original"
        assert entry not in [t["entry_id"] for t in told[story["id"]]["tellings"]]
    again = newsdesk("split", story["key"], entry)
    assert said.err.startswith("feeds and `stories` follow at the next publish: `aggregator")
    assert (again.code, again.out, again.err) == (0, f"entry {entry} already tells {fresh}\n", "")
    assert newsdesk("split", story["key"], entry, "--json").json["undone_by_merge"] is None
    assert newsdesk("explain", entry, "--json").json[0]["ruled"] is True
    assert newsdesk("ledger").code == 0


def test_a_lead_that_is_split_out_keeps_its_id_and_the_others_are_told_of(
    newsdesk: Console,
) -> None:
    story = several(newsdesk)
    lead, *others = [telling["entry_id"] for telling in story["tellings"]]
    said = newsdesk("split", story["id"], lead, "--json")
    assert (said.json["entry_id"], said.json["story"]) == (lead, story["id"])
    left = said.err.splitlines()[0]
    assert said.json["others_now_tell"] == [left.split()[-1]]
    assert said.json["undone_by_merge"] == [story["id"], left.split()[-1]]
    assert left.startswith("it leads that story: the others left, and now tell tag:")
    newsdesk("update")
    told = {each["id"]: each for each in newsdesk("stories", "--json").json}[left.split()[-1]]
    assert [telling["entry_id"] for telling in told["tellings"]] == others
    assert all(newsdesk("explain", each, "--json").json[0]["ruled"] for each in (lead, *others))


def test_what_was_split_can_be_merged_again(newsdesk: Console) -> None:
    story = several(newsdesk)
    told = story["tellings"][-1]
    said = newsdesk("split", story["id"], told["url"], "--json")
    facts, hint = said.json, said.err.splitlines()[-1]
    fresh = facts["story"]
    assert facts["undone_by_merge"] == [story["id"], fresh]
    assert hint == f"to undo it: `aggregator merge {story['id']} {fresh}`"
    assert facts["entry_id"] == told["entry_id"]
    assert (facts["split"], facts["others_now_tell"]) == (True, [])
    newsdesk("update")
    merged = newsdesk("merge", fresh, story["id"], "--json").json
    undone_by = {"story": story["id"], "entry_id": told["entry_id"]}
    assert merged == {"story": story["id"], "merged": True, "undone_by_split": undone_by}
    newsdesk("update")
    (whole,) = [each for each in listed(newsdesk) if each["id"] == story["id"]]
    assert {t["entry_id"] for t in whole["tellings"]} == {t["entry_id"] for t in story["tellings"]}
    assert newsdesk("ledger").code == 0


def test_who_undoes_a_merge_is_told_what_went_along(newsdesk: Console) -> None:
    """One entry is named, and all that stood beside it goes, each as what it was."""
    before = {story["id"]: story for story in listed(newsdesk)}
    counted = newsdesk("ledger", "--json").json
    story = several(newsdesk)
    other = next(uri for uri in before if uri != story["id"])
    undone_by = newsdesk("merge", story["id"], other, "--json").json["undone_by_split"]
    assert newsdesk("ledger", "--json").json != counted
    moved = before[other if undone_by["story"] == story["id"] else story["id"]]
    lead, *along = [int(str(telling["entry_id"])) for telling in moved["tellings"]]
    said = newsdesk("split", undone_by["story"], undone_by["entry_id"], "--json")
    assert (said.json["entry_id"], said.json["story"]) == (lead, moved["id"])
    assert said.json["along"] == sorted(along)
    told = "with it went what stood beside it before the merge: "
    assert [line for line in said.err.splitlines() if line.startswith(told)] == [
        f"{told}{'entry' if len(along) == 1 else 'entries'} {', '.join(map(str, sorted(along)))}"
    ] * bool(along)
    newsdesk("update")
    kinds = {uri: [t["kind"] for t in each["tellings"]] for uri, each in before.items()}
    after = {each["id"]: [t["kind"] for t in each["tellings"]] for each in listed(newsdesk)}
    assert after == kinds
    assert newsdesk("ledger", "--json").json == counted


def test_splits_that_make_no_sense(newsdesk: Console) -> None:
    story = several(newsdesk)
    alone = next(each for each in listed(newsdesk) if len(each["tellings"]) == 1)
    stranger = alone["tellings"][0]["entry_id"]
    elsewhere = newsdesk("split", story["key"], stranger)
    assert (elsewhere.code, elsewhere.complaint) == (
        1,
        f"entry {stranger} does not stand in that story; `aggregator explain {stranger}`",
    )
    said = newsdesk("split", alone["key"], stranger)
    assert (said.code, said.complaint) == (
        1,
        f"entry {stranger} stands alone in that story: there is nothing to split",
    )


def test_an_entry_must_be_named_unmistakably(newsdesk: Console) -> None:
    story = several(newsdesk)
    first, second, *_ = story["tellings"]
    with closing(sqlite3.connect(newsdesk.state / "aggregator.db")) as database:
        change = "UPDATE entry SET link = ? WHERE id IN (?, ?)"
        same = "https://same.example/"
        database.execute(change, (same, first["entry_id"], second["entry_id"]))
        database.commit()
    said = newsdesk("split", story["key"], same)
    assert said.code == 2
    assert said.complaint.startswith(f"2 entries are called {same}; ")


def test_the_account_adds_up(newsdesk: Console) -> None:
    account = newsdesk("ledger", "--json").json
    assert account.pop("holds") is True
    assert account.pop("faults") == []
    assert account["seen"] == account["new"] + account["known"]
    placed = account["originals"] + account["copies"] + account["retellings"]
    assert account["new"] == placed + account["unplaced"] == 55
    assert account["originals"] == 25
    lines = newsdesk("ledger").lines
    assert lines[0] == "seen 55 = new 55 + known 0"


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE source SET entries_seen = entries_seen + 1 WHERE id = 1",
        "UPDATE story SET merged_into_id = 2 WHERE id = 1",
    ],
)
def test_the_account_of_what_was_tampered_with(newsdesk: Console, change: str) -> None:
    with closing(sqlite3.connect(newsdesk.state / "aggregator.db")) as database:
        database.execute(change)
        database.commit()
    said = newsdesk("ledger", "--json")
    assert said.code == 1
    assert '"holds": false' in said.out
    (line,) = said.err.splitlines()
    assert line.startswith("the sums disagree: ")
    assert newsdesk("ledger").code == 1


def test_rules_that_change_move_the_stories(newsdesk: Console) -> None:
    newsdesk.prepare(categories=CATEGORIES + '[mines]\ntitle = "Mines"\nquery = "minehunters"\n')
    assert newsdesk("publish", "--json").json["feeds_written"] >= 1
    found = newsdesk("stories", "-C", "mines", "--json").json
    assert found
    assert all("mine" in story["title"].lower() for story in found)
    assert newsdesk.feeds.joinpath("mines.atom").exists()
