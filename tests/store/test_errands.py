"""What WebSub remembers, on both engines."""

from datetime import timedelta
from functools import partial

from store.stock import NOW

from aggregator.store import errands
from aggregator.store.claims import Appetite
from aggregator.store.database import Store
from aggregator.store.errands import Errand
from aggregator.store.hub_tables import HubSubscriptionRow
from aggregator.stories.hubs import Kind, SubscriptionRequest

HUB = "https://hub.example/"
CALLBACK = "https://reader.example/callback"
LEASE = timedelta(minutes=2)
ASKED = SubscriptionRequest(
    subscribes=True,
    topic="",
    callback=CALLBACK,
    host="reader.example",
    port=443,
    secret="",
    lease=timedelta(days=10),
)


def claimed(store: Store, *, minutes: int = 0, busy: tuple[str, ...] = ()) -> list[Errand]:
    """Claim what is due then, in the order of the hosts."""
    claim = partial(
        errands.claim_errands,
        now=NOW + timedelta(minutes=minutes),
        length=LEASE,
        appetite=Appetite(9, busy=busy),
    )
    both = [
        each for known in (True, False) for each in store.write_now(partial(claim, known=known))
    ]
    return sorted(both, key=lambda errand: errand.host)


def announce(store: Store, **digests: str) -> None:
    files = {f"{name}.atom": digest for name, digest in digests.items()}
    store.write_now(partial(errands.announce, digests=files, hubs=[HUB], now=NOW))


def test_the_life_of_a_subscription(store: Store) -> None:
    assert store.write_now(partial(errands.admit, request=ASKED, topic="all.atom", now=NOW))
    assert store.read_now(partial(errands.is_due, now=NOW))
    (asked,) = claimed(store)
    assert (asked.kind, asked.url, asked.lease) == (Kind.VERIFY, CALLBACK, ASKED.lease)
    store.write_now(partial(errands.confirmed, errand=asked, now=NOW))
    assert not store.read_now(partial(errands.is_due, now=NOW))
    announce(store, all="1", nato="1")
    told, brought = claimed(store)
    assert (told.kind, brought.kind, brought.topic) == (Kind.PING, Kind.DELIVER, "all.atom")
    store.write_now(partial(errands.done, errand=brought, now=NOW))
    store.write_now(partial(errands.end_subscription, errand=brought))
    announce(store, all="2", nato="1")
    assert {errand.host for errand in claimed(store, minutes=5)} == {"hub.example"}


def claimed_of(store: Store, *, known: bool, minutes: int = 0) -> list[str]:
    """Claim the next that is due then of those who answer or of the others; return its host."""
    now = NOW + timedelta(minutes=minutes)
    claim = partial(errands.claim_errands, now=now, length=LEASE, appetite=Appetite(1))
    return [each.host for each in store.write_now(partial(claim, known=known))]


def subscribe(store: Store, *hosts: str) -> None:
    rows = (
        HubSubscriptionRow(
            callback=f"https://{host}/",
            topic="all.atom",
            host=host,
            secret="",
            expires_at=NOW + timedelta(days=9),
        )
        for host in hosts
    )
    store.write_now(lambda session: session.add_all(rows))


def test_who_took_what_was_brought_is_known_to_answer_until_it_does_not(store: Store) -> None:
    subscribe(store, "reader.example")
    store.write_now(partial(errands.announce, digests={"all.atom": "1"}, hubs=(), now=NOW))
    assert claimed_of(store, known=True) == []
    (brought,) = claimed(store)
    store.write_now(partial(errands.done, errand=brought, now=NOW))
    store.write_now(partial(errands.announce, digests={"all.atom": "2"}, hubs=(), now=NOW))
    assert claimed_of(store, known=False) == []
    (brought,) = claimed(store)
    later = NOW + timedelta(minutes=1)
    store.write_now(partial(errands.postpone, errand=brought, until=later))
    assert claimed_of(store, known=True, minutes=1) == []
    assert claimed_of(store, known=False, minutes=1) == ["reader.example"]


def test_first_who_was_not_called_in_vain_then_who_waits_longest(store: Store) -> None:
    subscribe(store, "a.example", "z.example")
    store.write_now(partial(errands.announce, digests={"all.atom": "1"}, hubs=(), now=NOW))
    (tried, _) = claimed(store)
    store.write_now(partial(errands.postpone, errand=tried, until=NOW + timedelta(minutes=1)))
    subscribe(store, "b.example")
    later = NOW + timedelta(minutes=2)
    store.write_now(partial(errands.announce, digests={"all.atom": "2"}, hubs=(), now=later))
    order = [claimed_of(store, known=False, minutes=3) for _ in range(4)]
    assert order == [["z.example"], ["b.example"], ["a.example"], []]


def test_one_call_at_a_host_and_none_where_one_is_under_way(store: Store) -> None:
    announce(store, all="1", nato="1")
    assert claimed(store, busy=("hub.example",)) == []
    (first,) = claimed(store)
    (second,) = claimed(store)
    assert first.topic != second.topic
    assert claimed(store) == []
    assert len(claimed(store, minutes=3)) == 1, "whoever claimed them is gone"


def test_what_was_told_is_not_told_again(store: Store) -> None:
    announce(store, all="1")
    (told,) = claimed(store)
    store.write_now(partial(errands.done, errand=told, now=NOW))
    announce(store, all="1")
    assert claimed(store, minutes=9) == []


def test_who_failed_is_left_its_pause(store: Store) -> None:
    announce(store, all="1", nato="1")
    (first,) = claimed(store)
    store.write_now(partial(errands.postpone, errand=first, until=NOW + timedelta(minutes=7)))
    announce(store, all="2", nato="2", arctic="1")
    assert claimed(store, minutes=6) == []
    assert len(claimed(store, minutes=7)) == 1


def test_an_outcome_of_what_is_no_more_changes_nothing(store: Store) -> None:
    announce(store, all="1")
    (told,) = claimed(store)
    store.write_now(partial(errands.done, errand=told, now=NOW))
    store.write_now(partial(errands.postpone, errand=told, until=NOW))
    store.write_now(partial(errands.done, errand=told, now=NOW))
    assert claimed(store, minutes=9) == []
