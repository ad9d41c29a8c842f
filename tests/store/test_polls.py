"""What a poll writes: all of it together, each entry once, every sum kept."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import func, select
from store.stock import HOUR, MINUTE, NOW, Stock, answer, sighting, source_at

from aggregator.errors import NoSuchError
from aggregator.model import Origin, SourceKind
from aggregator.store import ledger, polls, readings, sources
from aggregator.store.answers import Answer, Answered, record_answers, record_first_answer
from aggregator.store.database import Session
from aggregator.store.sightings import Sighting
from aggregator.store.tables import EntryRow, SourceRow
from aggregator.store.tally import Tally
from aggregator.stories.keys import LONGEST_KEY


class InjectedError(Exception):
    pass


def count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(EntryRow)) or 0


def sums(session: Session) -> tuple[int, int]:
    row = session.scalars(select(SourceRow)).one()
    return row.entries_seen, row.entries_known


def test_validators_are_written_with_the_entries_or_not_at_all(stock: Stock) -> None:
    source = stock.source()
    task = stock.claim_poll(source)

    def breaks_off() -> Iterator[Sighting]:
        yield sighting("a")
        raise InjectedError

    with pytest.raises(InjectedError):
        stock.record(task, answer(etag='"1"'), breaks_off(), NOW)
    assert stock.get(count) == 0
    again = stock.claim_poll(source, NOW + HOUR)
    assert (again.etag, again.last_modified, again.body_hash) == (None, None, None)


def test_a_crash_after_the_entries_leaves_neither(stock: Stock) -> None:
    source = stock.source()
    task = stock.claim_poll(source)

    def work(session: Session) -> None:
        record_answers(session, [Answered(task, answer(etag='"1"'), NOW, [sighting("a")])])
        session.flush()
        raise InjectedError

    with pytest.raises(InjectedError):
        stock.do(work)
    assert stock.get(count) == 0
    assert stock.claim_poll(source, NOW + HOUR).etag is None


def test_the_next_poll_gets_what_the_last_one_was_told(stock: Stock) -> None:
    source = stock.source(interval=HOUR, full_text=True, outlet="outlet.example")
    task = stock.claim_poll(source)
    said = answer(etag='"1"', last_modified="yesterday", body_hash="abc", next_poll_at=NOW + HOUR)
    stock.record(task, said, [], NOW)
    assert stock.get(polls.count_due, NOW + HOUR - MINUTE) == 0
    again = stock.claim_poll(source, NOW + HOUR)
    assert (again.etag, again.last_modified, again.body_hash) == ('"1"', "yesterday", "abc")
    assert (again.interval, again.full_text, again.outlet) == (HOUR, True, "outlet.example")
    assert (again.url, again.host, again.failures) == (source.url, "a.example", 0)


def test_the_source_learns_what_it_is(stock: Stock) -> None:
    source = stock.source()
    stock.poll(source)
    found = stock.get(sources.find_source, source.url)
    assert (found.kind, found.title) == (SourceKind.RSS, "The Outlet")
    assert (found.site_url, found.last_success_at) == ("https://outlet.example/", NOW)


def test_a_title_that_was_given_stays(stock: Stock) -> None:
    source = stock.source(title="My own")
    stock.poll(source)
    assert stock.get(sources.find_source, source.url).title == "My own"


def test_without_any_title_the_url_must_do(stock: Stock) -> None:
    source = stock.source()
    bare = Answer(None, None, None, NOW + HOUR, kind=SourceKind.ATOM, title="")
    stock.record(stock.claim_poll(source), bare, [], NOW)
    assert stock.get(sources.find_source, source.url).title == source.url


def test_an_unchanged_document_counts_nothing(stock: Stock) -> None:
    source = stock.source()
    stock.poll(source, sighting("a"))
    unchanged = Answer('"1"', None, "abc", NOW + 2 * HOUR)
    task = stock.claim_poll(source, NOW + HOUR)
    assert stock.record(task, unchanged, [], NOW + HOUR) == Tally()
    found = stock.get(sources.find_source, source.url)
    assert (found.kind, found.title, found.last_success_at) == (
        SourceKind.RSS,
        "The Outlet",
        NOW + HOUR,
    )
    assert stock.get(sums) == (1, 0)


def test_what_was_seen_before_is_known(stock: Stock) -> None:
    source = stock.source()
    assert stock.poll(source, sighting("a"), sighting("b")) == Tally(seen=2, new=2)
    assert stock.poll(source, sighting("b"), sighting("c")) == Tally(seen=2, new=1)
    assert stock.get(sums) == (4, 1)
    assert stock.get(count) == 3


def test_the_last_word_stands(stock: Stock) -> None:
    source = stock.source()
    stock.poll(source, sighting("a", title="First"))
    stock.poll(source, sighting("a", title="Second"))
    assert [task.title for task in stock.claim_readings()] == ["Second"]


def reused(title: str, page: str, key: str = "0") -> Sighting:
    """Return an entry of a source that gives the guid "0" to more than one."""
    return sighting(key, guid="0", title=title, link=f"https://a.example/{page}")


def test_a_guid_that_is_used_again_is_another_entry(stock: Stock) -> None:
    source = stock.source()
    for title in ("Alpha", "Bravo", "Charlie"):
        assert stock.poll(source, reused(title, title)) == Tally(seen=1, new=1)
    for title in ("Bravo", "Alpha", "Charlie"):
        assert stock.poll(source, reused(title, title)) == Tally(seen=1, new=0)
    assert [task.title for task in stock.claim_readings()] == ["Alpha", "Bravo", "Charlie"]
    assert stock.get(ledger.draw_up).faults == ()


@pytest.mark.parametrize(
    "again",
    [
        reused("Alpha, corrected", "alpha"),
        reused("Alpha", "moved"),
        sighting("0", guid="0", title="Without a link"),
    ],
    ids=["title", "link", "no-link"],
)
def test_a_title_or_a_link_alone_makes_no_other_entry(stock: Stock, again: Sighting) -> None:
    source = stock.source()
    stock.poll(source, reused("Alpha", "alpha"))
    assert stock.poll(source, again) == Tally(seen=1, new=0)


def test_a_guid_too_long_for_a_key_may_be_used_again_too(stock: Stock) -> None:
    source = stock.source()
    guid = "x" * LONGEST_KEY
    for title in ("Alpha", "Bravo", "Bravo"):
        link = f"https://a.example/{title}"
        stock.poll(source, sighting(guid, guid=guid, title=title, link=link))
    assert stock.get(sums) == (3, 1)
    keys = stock.get(lambda session: session.scalars(select(EntryRow.key)).all())
    assert max(map(len, keys)) == LONGEST_KEY


def test_what_shared_a_guid_in_one_document_is_known_in_the_next(stock: Stock) -> None:
    """Within a document, the keys of such entries are told apart already."""
    source = stock.source()
    alpha, bravo = reused("Alpha", "alpha"), reused("Bravo", "bravo")
    split = [
        reused(title, page, key=f"0 https://a.example/{page}")
        for title, page in (("Alpha", "alpha"), ("Bravo", "bravo"), ("Alpha", "second"))
    ]
    assert stock.poll(source, alpha) == Tally(seen=1, new=1)
    assert stock.poll(source, *split[:2]) == Tally(seen=2, new=1)
    assert stock.poll(source, bravo) == Tally(seen=1, new=0)
    assert stock.poll(source, *split) == Tally(seen=3, new=1)


def at_one_address(key: str, title: str, guid: str | None = None) -> Sighting:
    return sighting(key, guid=guid, title=title, link="https://a.example/current")


@pytest.mark.parametrize("guid", [None, "https://a.example/current"])
def test_another_title_at_the_address_of_what_is_current_is_another_entry(
    stock: Stock, guid: str | None
) -> None:
    source, address = stock.source(), "https://a.example/current"
    for title in ("Frigate sails", "Budget passed"):
        assert stock.poll(source, at_one_address(address, title, guid)) == Tally(seen=1, new=1)
        assert stock.poll(source, at_one_address(address, title, guid)) == Tally(seen=1, new=0)
    titles = [task.title for task in stock.claim_readings()]
    assert titles == ["Frigate sails", "Budget passed"]


def test_a_corrected_title_under_a_guid_of_its_own_is_no_other_entry(stock: Stock) -> None:
    source = stock.source()
    stock.poll(source, at_one_address("g1", "Frigate sails", "g1"))
    assert stock.poll(source, at_one_address("g1", "Frigate sailed", "g1")) == Tally(1, 0)


def test_an_entry_is_known_whoever_stands_beside_it(stock: Stock) -> None:
    """A document that gives one guid to several entries has their keys lengthened."""
    source = stock.source()
    assert stock.poll(source, sighting("1", guid="1", title="A")) == Tally(seen=1, new=1)
    both = [sighting(f'1 "{title}"', guid="1", title=title) for title in ("B", "A")]
    assert stock.poll(source, *both) == Tally(seen=2, new=1)
    assert stock.poll(source, sighting("1", guid="1", title="B")) == Tally(seen=1, new=0)


def test_the_same_key_of_two_sources_is_two_entries(stock: Stock) -> None:
    for url in ("https://a.example/feed", "https://b.example/feed"):
        assert stock.poll(stock.source(url), sighting("1")) == Tally(seen=1, new=1)
    assert stock.get(count) == 2


def test_a_key_given_twice_is_one_entry(stock: Stock) -> None:
    source = stock.source()
    assert stock.poll(source, sighting("a"), sighting("a")) == Tally(seen=2, new=1)
    assert stock.get(sums) == (2, 1)
    assert stock.get(ledger.draw_up).faults == ()


def test_only_new_takes_the_first_document_as_known(stock: Stock) -> None:
    source = stock.source(only_new=True)
    assert stock.poll(source, sighting("a"), sighting("b")) == Tally(seen=2, new=0)
    assert stock.get(readings.count_due) == 0
    assert not stock.get(sources.find_source, source.url).only_new
    assert stock.poll(source, sighting("b"), sighting("c")) == Tally(seen=2, new=1)
    assert stock.get(readings.count_due) == 1
    assert stock.get(sums) == (4, 3)
    assert stock.get(ledger.draw_up).faults == ()


def test_thousands_of_entries_come_in_at_once(stock: Stock) -> None:
    source = stock.source()
    many = [sighting(f"{n}") for n in range(2_000)]
    assert stock.poll(source, *many) == Tally(seen=2_000, new=2_000)
    assert stock.poll(source, *many, sighting("one more")) == Tally(seen=2_001, new=1)
    assert stock.get(count) == 2_001


def test_an_entry_is_stored_as_it_was_said(stock: Stock) -> None:
    said = sighting(
        "a",
        title="Фрегат 🚢",
        host="a.example",
        guid="guid",
        link="https://a.example/1",
        authors=("Ana", "Bo"),
        summary="<p>Short</p>",
        content="<p>Long</p>",
        tags=("navy", "baltic"),
        lang="sr-Cyrl",
        image="https://a.example/1.jpg",
        origin=Origin("The Navy", "https://navy.example/"),
        rights="© Navy",
    )
    stock.poll(stock.source(), said)
    (task,) = stock.claim_readings()
    entry = said.entry
    assert (task.title, task.guid, task.link, task.host, task.fetch) == (
        entry.title,
        entry.guid,
        entry.link,
        "a.example",
        True,
    )
    assert (task.authors, task.summary, task.content) == (
        entry.authors,
        entry.summary,
        entry.content,
    )
    assert (task.lang, task.image, task.origin) == (entry.lang, entry.image, entry.origin)
    assert (task.outlet, task.published) == ("outlet.example", NOW - HOUR)


@pytest.mark.parametrize(
    "origin", [Origin("", "https://navy.example/"), Origin("The Navy", None), None]
)
def test_an_origin_may_be_half_known(stock: Stock, origin: Origin | None) -> None:
    stock.poll(stock.source(), sighting("a", origin=origin))
    assert [task.origin for task in stock.claim_readings()] == [origin]


def test_failures_add_up_until_an_answer(stock: Stock) -> None:
    source = stock.source()
    for failures in (1, 2):
        task = stock.claim_poll(source, NOW + failures * HOUR)
        stock.do(polls.record_failure, task, "timed out", NOW, NOW)
        found = stock.get(sources.find_source, source.url)
        assert (found.failures, found.last_error) == (failures, "timed out")
        assert (found.last_success_at, found.enabled) == (None, True)
    stock.poll(source)
    found = stock.get(sources.find_source, source.url)
    assert (found.failures, found.last_error, found.last_success_at) == (0, None, NOW)


def test_what_is_gone_is_paused(stock: Stock) -> None:
    source = stock.source()
    stock.do(polls.record_failure, stock.claim_poll(source), "410 Gone", None, NOW)
    found = stock.get(sources.find_source, source.url)
    assert (found.enabled, found.failures, found.last_error) == (False, 1, "410 Gone")
    assert stock.do(polls.make_due, NOW) == 0
    assert stock.get(polls.count_due, NOW + 1000 * HOUR) == 0


def test_sources_are_made_due_at_once(stock: Stock) -> None:
    later = NOW + HOUR
    ids = [stock.source(f"https://{n}.example/", next_poll_at=later).id for n in range(3)]
    stock.source("https://paused.example/", enabled=False)
    assert stock.get(polls.count_due, NOW) == 0
    assert stock.do(polls.make_due, NOW, ids[:1]) == 1
    assert stock.get(polls.count_due, NOW) == 1
    assert stock.get(polls.count_due, NOW, ids[1:]) == 0
    assert stock.do(polls.make_due, NOW) == 3
    assert stock.get(polls.count_due, NOW) == 3
    assert stock.get(polls.count_due, NOW, ids[1:]) == 2


def test_a_source_comes_with_its_first_answer(stock: Stock) -> None:
    new = source_at("https://a.example/feed", categories=("navy",))
    stored = stock.do(record_first_answer, new, answer(etag='"1"'), [sighting("a")], NOW)
    assert stored is not None
    source, tally = stored
    assert tally == Tally(seen=1, new=1)
    assert (source.title, source.entries, source.categories) == ("The Outlet", 1, ("navy",))
    assert (source.next_poll_at, source.last_success_at) == (NOW + HOUR, NOW)
    assert stock.do(record_first_answer, new, answer(), [sighting("b")], NOW) is None
    assert stock.get(count) == 1


def test_a_first_answer_that_breaks_off_adds_no_source(stock: Stock) -> None:
    def breaks_off() -> Iterator[Sighting]:
        yield sighting("a")
        raise InjectedError

    new = source_at("https://a.example/feed")
    with pytest.raises(InjectedError):
        stock.do(record_first_answer, new, answer(), breaks_off(), NOW)
    with pytest.raises(NoSuchError):
        stock.get(sources.find_source, new.url)


def test_of_many_answers_without_news_each_is_fenced_by_itself(stock: Stock) -> None:
    tasks = [stock.claim_poll(stock.source(f"https://{name}.example/")) for name in "abc"]
    tasks[1] = replace(tasks[1], epoch=tasks[1].epoch - 1)
    unchanged = answer(kind=None, title=None, etag='"2"')
    told = [Answered(task, unchanged, NOW) for task in tasks]
    assert stock.do(record_answers, told) == [Tally(), None, Tally()]
    etags = select(SourceRow.etag).order_by(SourceRow.id)
    assert stock.get(lambda session: session.scalars(etags).all()) == ['"2"', None, '"2"']


def test_of_many_answers_each_is_fenced_by_itself_whatever_its_news(stock: Stock) -> None:
    tasks = [stock.claim_poll(stock.source(f"https://{name}.example/")) for name in "abcd"]
    tasks[1] = replace(tasks[1], epoch=tasks[1].epoch - 1)
    news = [Answered(each, answer(etag='"2"'), NOW, [sighting(each.host)]) for each in tasks[:3]]
    quiet = Answered(tasks[3], Answer('"2"', None, None, NOW + HOUR), NOW)
    tallies = stock.do(record_answers, [news[0], quiet, *news[1:]])
    assert tallies == [Tally(seen=1, new=1), Tally(), None, Tally(seen=1, new=1)]
    rows = select(SourceRow.etag, SourceRow.lease_until.is_(None)).order_by(SourceRow.id)
    written = ('"2"', True)
    assert stock.get(lambda session: [tuple(row) for row in session.execute(rows)]) == [
        written,
        (None, False),
        written,
        written,
    ]
    assert stock.get(count) == 2
