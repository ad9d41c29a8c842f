"""What a source corrects, through a real poll: one entry, one story, in its new words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from newsdesk import SteppedClock, changed, claim_polls, claim_readings, entries_in, take_on
from rawweb import RawWeb, raw_web, reply
from sqlalchemy import select
from subscribers import Item, items_of

from aggregator.desk import Desk
from aggregator.place import Editor
from aggregator.poll import Outcome, poll
from aggregator.publish import Publisher
from aggregator.read import read
from aggregator.settings import Settings
from aggregator.store import fulltext, ledger, polls, prints
from aggregator.store.corrections import MOST_BODIES, MOST_PAGES
from aggregator.store.database import Session
from aggregator.store.tables import FingerprintRow, StoryRow, TellingRow
from aggregator.store.tally import Tally
from aggregator.stories.search import parse_search

RSS = """<rss version="2.0"><channel><title>The Quay</title><link>https://quay.example/</link>
{}</channel></rss>"""
ITEM = """<item><title>{title}</title><link>{link}</link>{guid}
<pubDate>Thu, 02 Apr 2026 {hour}:07:00 GMT</pubDate><description>{text}</description></item>"""
GUID = '<guid isPermaLink="false">depot-1</guid>'
FIRST = (
    "Engineers from the port of Bar handed over a new fuel depot on Monday after two winters of "
    "work; it holds nine thousand cubic metres in six tanks, each with a pump and an alarm."
)
SECOND = FIRST.replace("nine thousand", "seven thousand")
THIRD = f"{SECOND} An earlier report gave a larger figure, which the port has withdrawn."
FOURTH = f"{THIRD} The minister was not there."
PAGE = """<!doctype html><html lang="en"><head><title>Depot opens</title></head><body><article>
<h1>{title}</h1><p>{text}</p><p>Fishermen asked whether the new lights would drive away the mullet;
they will be dimmed at night, said the harbour master.</p></article></body></html>"""


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return changed(settings, read={"full_text": False})


@dataclass
class Newsroom:
    """All verbs in a row, on a clock that goes on a little each time."""

    desk: Desk
    clock: SteppedClock
    web: RawWeb
    settings: Settings

    def says(
        self, title: str, text: str = FIRST, *, link: str = "", guid: str = GUID, hour: int = 10
    ) -> None:
        link = link or "https://quay.example/depot"
        item = ITEM.format(title=title, text=text, link=link, guid=guid, hour=hour)
        self.web.answers["/feed"] = reply(RSS.format(item).encode())

    async def round(self) -> Tally:
        """Let all verbs do their work; return what the poll counted."""
        now = self.clock.advance(hours=1)
        self.desk.store.write_now(partial(polls.make_due, now=now))
        (task,) = claim_polls(self.desk.store, now)
        polled = await poll(self.desk, task)
        assert polled.outcome is not Outcome.FAILED, polled.reason
        for due in claim_readings(self.desk.store, now):
            assert await read(self.desk, due)
        Editor(self.desk.store, self.settings).place(now)
        Publisher(self.desk.store, self.settings).publish(self.clock.advance(minutes=6))
        assert self.desk.store.read_now(ledger.draw_up).faults == ()
        return polled.tally

    @property
    def shown(self) -> Sequence[Item]:
        return items_of((Path(self.settings.publish.directory) / "all.atom").read_bytes())

    def found(self, words: str) -> int:
        find = partial(fulltext.find_stories, search=parse_search(words), limit=9)
        return len(self.desk.store.read_now(find))


def fingerprints(session: Session) -> Sequence[bytes]:
    return session.scalars(select(FingerprintRow.fingerprint)).all()


async def test_a_corrected_entry_is_the_same_story_in_its_new_words(
    desk: Desk, clock: SteppedClock, settings: Settings
) -> None:
    async with raw_web() as web:
        room = Newsroom(desk, clock, web, settings)
        take_on(desk.store, clock(), web.url("/feed"))
        room.says("Depto opens in Bar")
        assert (await room.round()).new == 1
        (before,) = room.shown
        printed = desk.store.read_now(fingerprints)
        room.says("Depot opens in Bar", SECOND, hour=11)
        tally = await room.round()
        assert (tally, tally.corrected) == (Tally(seen=1, new=0), 1)
        (after,) = room.shown
    assert (after.id, after.link, after.published) == (before.id, before.link, before.published)
    assert after.title == "Depot opens in Bar"
    assert "seven thousand" in after.content
    assert after.updated > before.updated
    (entry,) = entries_in(desk.store)
    assert (entry.title, entry.published_at.hour) == ("Depot opens in Bar", 10)
    assert desk.store.read_now(prints.last_sequence) == 1
    assert [room.found(words) for words in ("seven", "depot", "nine", "depto")] == [1, 1, 0, 0]
    printed_anew = desk.store.read_now(fingerprints)
    assert len(printed_anew) == len(printed) == 1
    assert printed_anew != printed, "it is matched by its new words"


TALES = {
    "Depot opens in Bar": FIRST,
    "Mullet return to the bay": "Fishermen of Kotor count more mullet than in ten winters; "
    "the ministry of agriculture lifts its ban on small nets from the first of June on.",
    "Bridge over the Tara closes": "Lorries go by way of Pljevlja until autumn, for the arches "
    "of the old bridge show cracks that a diver found when he looked for a lost camera.",
}


def told(title: str, fields: str) -> str:
    name, text = title.split(maxsplit=1)[0].lower(), TALES[title]
    field = {
        "title": f"<title>{title}</title>",
        "link": f"<link>https://quay.example/{name}</link>",
        "guid": f'<guid isPermaLink="false">{name}-1</guid>',
        "text": f"<description><![CDATA[<p>{text}</p><p>End of {name}.</p>]]></description>",
    }
    return f"<item>{''.join(field[one] for one in fields.split())}</item>"


@pytest.mark.parametrize(
    "fields", ["title link text guid", "title text link guid", "guid title link text"]
)
async def test_what_is_known_stays_as_it_is_where_the_document_is_cut_off_within_it(
    desk: Desk, clock: SteppedClock, settings: Settings, fields: str
) -> None:
    depot, mullet, bridge = (told(title, fields) for title in TALES)
    whole = RSS.format(bridge + depot + mullet)
    async with raw_web() as web:
        room = Newsroom(desk, clock, web, settings)
        take_on(desk.store, clock(), web.url("/feed"))
        for document in (RSS.format(depot + mullet), *[whole[: whole.index("End of mullet")]] * 2):
            web.answers["/feed"] = reply(document.encode())
            assert (await room.round()).corrected == 0
        shown = {item.title: item for item in room.shown}
    assert len(room.shown) == len(shown) == len(entries_in(desk.store)) == len(TALES)
    assert all("End of" in item.content and item.link for item in shown.values())


@pytest.mark.parametrize("fields", ["title link text guid", "guid title link text"])
async def test_what_is_new_where_the_document_is_cut_off_is_shown_once_when_it_comes_whole(
    desk: Desk, clock: SteppedClock, settings: Settings, fields: str
) -> None:
    whole = RSS.format("".join(told(title, fields) for title in TALES))
    cut = whole[: whole.index("End of bridge")]
    shown = []
    async with raw_web() as web:
        room = Newsroom(desk, clock, web, settings)
        take_on(desk.store, clock(), web.url("/feed"))
        for document in (cut, cut, whole):
            web.answers["/feed"] = reply(document.encode())
            await room.round()
            shown.append(len(room.shown))
    assert shown == [2, 3, 3]


async def test_another_title_alone_updates_no_date(
    desk: Desk, clock: SteppedClock, settings: Settings
) -> None:
    async with raw_web() as web:
        room = Newsroom(desk, clock, web, settings)
        take_on(desk.store, clock(), web.url("/feed"))
        titles = [f"Depot opens in Bar, {word} report" for word in ("a", "one", "the", "our")]
        shown: list[Item] = []
        for title in titles:
            room.says(title)
            await room.round()
            shown += room.shown
    assert [item.title for item in shown] == titles
    assert len({(item.id, item.updated, item.content) for item in shown}) == 1


async def test_readers_see_another_body_twice_and_the_search_every_one(
    desk: Desk, clock: SteppedClock, settings: Settings
) -> None:
    seen = []
    async with raw_web() as web:
        room = Newsroom(desk, clock, web, settings)
        take_on(desk.store, clock(), web.url("/feed"))
        for text in (FIRST, SECOND, THIRD, FOURTH):
            room.says("Depot opens in Bar", text)
            await room.round()
            seen.append(room.shown[0])
    assert (
        len({item.content for item in seen})
        == 1 + MOST_BODIES
        == len({item.updated for item in seen})
    )
    assert "withdrawn" in seen[-1].content
    assert "minister" not in seen[-1].content
    assert room.found("minister") == 1


@pytest.mark.parametrize(
    ("text", "link", "hour"),
    [
        (FIRST, "", 15),
        (FIRST.replace(" a ", "  a\n"), "", 10),
        (FIRST, "https://quay.example/depot?utm_source=rss", 10),
    ],
    ids=["date", "blanks", "tracking"],
)
async def test_what_is_stamped_anew_is_no_correction(
    desk: Desk, clock: SteppedClock, settings: Settings, text: str, link: str, hour: int
) -> None:
    async with raw_web() as web:
        room = Newsroom(desk, clock, web, settings)
        take_on(desk.store, clock(), web.url("/feed"))
        room.says("Depot opens in Bar")
        await room.round()
        before = room.shown
        room.says("Depot opens in Bar", text, link=link, hour=hour)
        tally = await room.round()
        assert (tally, tally.corrected) == (Tally(seen=1, new=0), 0)
        assert room.shown == before


@pytest.mark.parametrize("guid", ["", "<guid>https://quay.example/depot</guid>"])
async def test_an_address_alone_is_corrected_where_the_text_stays_and_else_used_again(
    desk: Desk, clock: SteppedClock, settings: Settings, guid: str
) -> None:
    async with raw_web() as web:
        room = Newsroom(desk, clock, web, settings)
        take_on(desk.store, clock(), web.url("/feed"))
        room.says("Port gets depot", guid=guid)
        await room.round()
        room.says("New tanks in Bar", SECOND, guid=guid)
        assert (await room.round()).new == 0
        assert [item.title for item in room.shown] == ["New tanks in Bar"]
        room.says("Mullet return", "The mullet are back, say those who fish there. " * 4, guid=guid)
        assert (await room.round()).new == 1
        assert {item.title for item in room.shown} == {"New tanks in Bar", "Mullet return"}


async def test_a_headline_that_is_rewritten_altogether_is_shown_once(
    desk: Desk, clock: SteppedClock, settings: Settings
) -> None:
    guid = "<guid>https://quay.example/current</guid>"
    async with raw_web() as web:
        room = Newsroom(desk, clock, web, settings)
        take_on(desk.store, clock(), web.url("/feed"))
        room.says("Frigate sails for Malta", "", link="https://quay.example/current", guid=guid)
        await room.round()
        room.says("Ninety at sea", "", link="https://quay.example/current", guid=guid)
        assert ((await room.round()).new, [item.title for item in room.shown]) == (
            0,
            ["Ninety at sea"],
        )
        room.says("Budget", "", link="https://quay.example/current", guid=guid, hour=11)
        assert ((await room.round()).new, len(room.shown)) == (1, 2)


@pytest.mark.parametrize(
    ("path", "stamps"),
    [
        ("current", ("Thu, 02 Apr 2026 00:00:00 +0200", "Thu, 02 Apr 2026 00:00:00 +0200")),
        ("region/109771", ("Thu, 02 Apr 2026 06:10:00 GMT", "Wed, 15 Apr 2026 17:45:00 GMT")),
        (
            "programme/100432/latest",
            ("Thu, 02 Apr 2026 06:10:00 GMT", "Fri, 03 Apr 2026 06:10:00 GMT"),
        ),
    ],
    ids=["local-midnight", "region", "programme"],
)
async def test_other_news_at_one_address_is_not_lost(
    desk: Desk, clock: SteppedClock, settings: Settings, path: str, stamps: tuple[str, str]
) -> None:
    link = f"https://quay.example/{path}"
    async with raw_web() as web:
        room = Newsroom(desk, clock, web, settings)
        take_on(desk.store, clock(), web.url("/feed"))
        for title, stamp in zip(("Storm warning lifted", "Budget passed"), stamps, strict=True):
            item = f"<title>{title}</title><link>{link}</link><pubDate>{stamp}</pubDate>"
            web.answers["/feed"] = reply(RSS.format(f"<item>{item}</item>").encode())
            assert (await room.round()).new == 1
        assert {entry.title for entry in entries_in(desk.store)} == {
            "Storm warning lifted",
            "Budget passed",
        }


async def test_an_address_that_changes_with_its_headline_is_one_entry(
    desk: Desk, clock: SteppedClock, settings: Settings
) -> None:
    async with raw_web() as web:
        room = Newsroom(desk, clock, web, settings)
        take_on(desk.store, clock(), web.url("/feed"))
        room.says("Depto opens", link="https://quay.example/depto-opens")
        await room.round()
        room.says("Depot opens", link="https://quay.example/depot-opens")
        assert (await room.round()).new == 0
        assert [(item.title, item.link) for item in room.shown] == [
            ("Depot opens", "https://quay.example/depto-opens")
        ]


async def test_the_page_is_read_again_a_few_times_and_kept_when_it_fails(
    desk: Desk, clock: SteppedClock, settings: Settings
) -> None:
    def page(title: str, text: str) -> bytes:
        html = PAGE.format(title=title, text=text).encode()
        return reply(html, Content_Type="text/html; charset=utf-8")

    async with raw_web(depot=page("Depto", FIRST)) as web:
        room = Newsroom(desk, clock, web, settings)
        take_on(desk.store, clock(), web.url("/feed"), full_text=True)
        link = web.url("/depot")
        room.says("Depto", "Brief.", link=link)
        await room.round()
        web.answers["/depot"] = page("Depot", SECOND)
        room.says("Depot", "Brief.", link=link)
        await room.round()
        assert "seven thousand" in room.shown[0].content
        web.answers["/depot"] = reply(b"", "404 Not Found")
        for count in range(MOST_PAGES + 1):
            room.says(f"Depot of {count} tanks", f"Brief: {count} comments.", link=link)
            await room.round()
        (item,) = room.shown
    assert item.title == f"Depot of {MOST_PAGES} tanks"
    assert "seven thousand" in item.content, "what the page gave stays"
    asked = [request for request in web.requests if request.target == "/depot"]
    assert len(asked) == 1 + MOST_PAGES


async def test_what_is_corrected_while_it_is_read_is_read_again(
    desk: Desk, clock: SteppedClock, settings: Settings
) -> None:
    async with raw_web() as web:
        room = Newsroom(desk, clock, web, settings)
        take_on(desk.store, clock(), web.url("/feed"))
        room.says("Depto opens")
        (task,) = claim_polls(desk.store, clock())
        await poll(desk, task)
        (slow,) = claim_readings(desk.store, clock())
        room.says("Depot opens", SECOND)
        await room.round()
        assert not await read(desk, slow), "what was claimed before may not be written"
        (item,) = room.shown
    assert (item.title, "seven thousand" in item.content) == ("Depot opens", True)


async def test_a_correction_before_the_story_appears_counts_as_none(
    desk: Desk, clock: SteppedClock, settings: Settings
) -> None:
    held = changed(settings, publish={"hold": timedelta(days=1)})
    async with raw_web() as web:
        room = Newsroom(desk, clock, web, held)
        take_on(desk.store, clock(), web.url("/feed"))
        web.answers["/feed"] = reply(RSS.format("").encode())
        await room.round()
        room.says("Depot opens")
        await room.round()
        room.says("Depot opens", SECOND)
        await room.round()
        assert room.shown == []
        for text in (SECOND, THIRD, FOURTH):
            clock.advance(days=1)
            room.says("Depot opens", text)
            await room.round()
        assert "minister" in room.shown[0].content


async def test_a_known_entry_of_a_source_for_new_ones_stays_no_news(
    desk: Desk, clock: SteppedClock, settings: Settings
) -> None:
    async with raw_web() as web:
        room = Newsroom(desk, clock, web, settings)
        take_on(desk.store, clock(), web.url("/feed"), only_new=True)
        room.says("Depto opens")
        await room.round()
        room.says("Depot opens")
        await room.round()
        (entry,) = entries_in(desk.store)
        assert (entry.title, entry.page_due_at) == ("Depot opens", None)
        assert desk.store.read_now(lambda session: session.scalars(select(StoryRow.id)).all()) == []
        assert not desk.store.read_now(lambda session: session.scalar(select(TellingRow.id)))
