"""Subscriptions at hubs, on both engines."""

from datetime import datetime, timedelta
from functools import partial

from newsdesk import NOON, account_of, take_on

from aggregator.store import pings, sources, websub
from aggregator.store.database import Store
from aggregator.store.pings import Pace
from aggregator.store.tally import Tally
from aggregator.store.websub import Request, State, Subscription

HUB, TOPIC = "https://hub.example/", "https://quay.example/feed"
DAY = timedelta(days=1)
PACE = Pace(4, timedelta(minutes=5), DAY)


def claimed(store: Store, now: datetime) -> list[Request]:
    return list(store.write_now(partial(websub.claim_due, now=now, limit=8)))


def test_the_way_of_a_subscription(store: Store) -> None:
    source = take_on(store, NOON, TOPIC)
    want = partial(websub.follow, source_id=source.id, announced=(HUB, TOPIC), now=NOON)
    store.write_now(want)
    store.write_now(want)
    assert store.read_now(partial(websub.has_due, now=NOON))
    (request,) = claimed(store, NOON)
    assert claimed(store, NOON) == []
    assert (request.mode, request.host) == ("subscribe", "hub.example")
    found = store.read_now(
        partial(websub.find, subscription_id=request.subscription_id, token=request.token)
    )
    assert found is not None
    confirm = partial(
        websub.confirm, subscription=found, mode="subscribe", topic=TOPIC, lease=DAY, now=NOON
    )
    assert store.write_now(confirm)
    assert account_of(store, source).pushed_until == NOON + DAY
    assert ping(store, found) == Tally()
    assert store.read_now(websub.standings)[source.id].last_ping_at == NOON
    store.write_now(partial(sources.enable_source, source=source, now=NOON, enabled=False))
    assert account_of(store, source).pushed_until is None
    assert ping(store, found) is None
    (farewell,) = claimed(store, NOON)
    assert (farewell.mode, farewell.token) == ("unsubscribe", request.token)
    deny = partial(websub.deny, subscription=found, topic=TOPIC, reason="no", now=NOON)
    assert store.write_now(deny)
    store.write_now(partial(sources.enable_source, source=source, now=NOON, enabled=True))
    assert store.read_now(websub.standings)[source.id].state == State.WANTED


def ping(store: Store, subscription: Subscription) -> Tally | None:
    record = partial(
        pings.record_ping,
        subscription=subscription,
        sightings=None,
        pace=PACE,
        flood=9,
        now=NOON,
    )
    return store.write_now(record)
