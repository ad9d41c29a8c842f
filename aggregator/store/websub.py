"""Subscriptions at hubs: what is asked of them and when, what they grant, what they bring.

A row says when its hub is to be asked next, so a restart loses nothing. The
secret and the token never change: a renewal goes to the same callback
(WebSub 5.1).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from secrets import compare_digest, token_urlsafe

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from aggregator.store.tables import SourceRow
from aggregator.store.websub_tables import SubscriptionRow as Row
from aggregator.stories.schedule import back_off
from aggregator.stories.urls import host_of

# Of the token and of the secret, 256 bits each; WebSub 5.1 allows a secret of 199 bytes.
SECRET_BYTES = 32
# A hub that did not confirm is asked again after this, doubled each time.
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=5), timedelta(days=7)
# Who was told nothing of an end so often is left alone: the lease ends by itself.
MOST_FAREWELLS = 3
# So long after a request its hub may verify that it was ours.
VERIFIED_WITHIN = timedelta(hours=1)
# Leases are granted by the hub. A shorter one is renewed no more often, a longer one is not relied
# on: a hub that lost its memory would be found out only at its end.
SHORTEST_LEASE, LONGEST_LEASE = timedelta(minutes=30), timedelta(days=30)
# So much of a lease has passed when it is renewed; the rest is for hubs that are away.
RENEWED_AT = 0.8


class State(StrEnum):
    """How a subscription stands. Off: there is none at the hub, and none is wanted."""

    WANTED = "wanted"
    LIVE = "live"
    DENIED = "denied"
    LEAVING = "leaving"
    OFF = "off"


TO_KEEP = (State.WANTED, State.LIVE, State.DENIED)


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be asked of a hub; `mode` is "subscribe" or "unsubscribe"."""

    subscription_id: int
    host: str
    hub: str
    topic: str
    token: str
    secret: str
    mode: str


@dataclass(frozen=True, slots=True)
class Subscription:
    """A subscription whose callback was called by its right name."""

    id: int
    source_id: int
    url: str
    outlet: str
    full_text: bool | None
    secret: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How the subscription of a source stands, as the operator sees it."""

    hub: str
    topic: str
    state: State
    reason: str | None
    last_ping_at: datetime | None


def follow(
    session: Session,
    source_id: int,
    announced: tuple[str, str] | None,
    now: datetime,
    *,
    by_page: bool = False,
) -> None:
    """Want the subscription that a source announces, hub and topic, and no other.

    What the page announced that named the source (`by_page`) holds until the
    source announces something itself.
    """
    rows = session.scalars(select(Row).where(Row.source_id == source_id)).all()
    for row in rows:
        if (row.hub, row.topic) == announced or (row.by_page and announced is None):
            continue
        if row.state == State.OFF:
            session.delete(row)
        elif row.state in TO_KEEP:
            _leave(session, row, now)
    if announced is None:
        return
    hub, topic = announced
    mine = next((row for row in rows if (row.hub, row.topic) == announced), None)
    if mine is None:
        token, secret = token_urlsafe(SECRET_BYTES), token_urlsafe(SECRET_BYTES)
        mine = Row(source_id=source_id, hub=hub, topic=topic, token=token, secret=secret)
        mine.by_page = by_page
        session.add(mine)
        _want(mine, now)
    elif mine.state not in TO_KEEP:
        _want(mine, now)


def subscribed(session: Session, source_ids: Collection[int]) -> Collection[int]:
    """Return those of the sources of which a hub may know."""
    return set(session.scalars(select(Row.source_id).where(Row.source_id.in_(source_ids))))


def leave(session: Session, source_id: int, now: datetime) -> None:
    """End the subscriptions of a source that is not to be polled any more."""
    for row in session.scalars(select(Row).where(Row.source_id == source_id)):
        if row.state in TO_KEEP:
            _leave(session, row, now)


def resume(session: Session, source_id: int, now: datetime) -> None:
    """Want again what the source last announced; a later poll says whether it still does."""
    newest = select(Row).where(Row.source_id == source_id).order_by(Row.id.desc()).limit(1)
    row = session.scalar(newest)
    if row is not None and row.state not in TO_KEEP:
        _want(row, now)


def _want(row: Row, now: datetime) -> None:
    row.state, row.due_at, row.asked_at, row.tries = State.WANTED, now, None, 0


def _leave(session: Session, row: Row, now: datetime) -> None:
    """Take leave of a hub that may know of us, and forget the lease."""
    known_there = row.state == State.LIVE or row.asked_at is not None
    row.state = State.LEAVING if known_there else State.OFF
    row.due_at, row.asked_at, row.tries = (now if known_there else None), None, 0
    _lapse(session, row.source_id, now)


def _lapse(session: Session, source_id: int, now: datetime) -> None:
    """Poll the source at its own pace again."""
    source = session.get_one(SourceRow, source_id)
    if source.pushed_until is None:
        return
    source.pushed_until = None
    own = source.interval_s or source.pace_s or 0
    wait = timedelta(seconds=max(own, source.lifetime_s or 0, source.ttl_s or 0))
    source.next_poll_at = min(source.next_poll_at, now + wait)


def has_due(session: Session, now: datetime) -> bool:
    """Return whether a hub is to be asked."""
    return session.scalar(select(Row.id).where(Row.due_at <= now).limit(1)) is not None


def claim_due(session: Session, now: datetime, limit: int) -> Sequence[Request]:
    """Return what is to be asked of hubs now.

    When each is to be asked again, should no confirmation come, is written
    before it is asked: whatever becomes of this process.
    """
    waiting = select(Row).where(Row.due_at <= now).order_by(Row.due_at).limit(limit)
    requests = []
    for row in session.scalars(waiting.with_for_update(skip_locked=True)).all():
        if row.state == State.LEAVING and row.tries >= MOST_FAREWELLS:
            row.state, row.due_at = State.OFF, None
            continue
        row.tries, row.asked_at = row.tries + 1, now
        row.due_at = now + back_off(FIRST_WAIT, row.tries - 1, LONGEST_WAIT)
        mode = "unsubscribe" if row.state == State.LEAVING else "subscribe"
        host = host_of(row.hub)
        requests.append(Request(row.id, host, row.hub, row.topic, row.token, row.secret, mode))
    return requests


def record_refusal(session: Session, subscription_id: int, reason: str | None) -> None:
    """Note why a hub took no request, or None that it took it."""
    session.execute(update(Row).where(Row.id == subscription_id).values(reason=reason))


def find(session: Session, subscription_id: int, token: str) -> Subscription | None:
    """Return the subscription with that callback; compares in constant time."""
    row = session.get(Row, subscription_id)
    if not compare_digest((row.token if row else "").encode(), token.encode()) or row is None:
        return None
    source = session.get_one(SourceRow, row.source_id)
    told = source.url, source.outlet, source.full_text
    return Subscription(row.id, source.id, *told, row.secret)


def locked(session: Session, subscription: Subscription) -> tuple[SourceRow, Row | None]:
    """Return both rows, kept from other processes; the source's first, as a poll takes them."""
    source = session.get_one(SourceRow, subscription.source_id, with_for_update=True)
    return source, session.get(Row, subscription.id, with_for_update=True)


def confirm(
    session: Session,
    subscription: Subscription,
    mode: str,
    topic: str,
    lease: timedelta,
    now: datetime,
) -> bool:
    """Confirm that we asked for that, and begin the lease; False where we did not.

    A repeated question gets the same answer: a hub may not have heard it.
    """
    source, row = locked(session, subscription)
    if row is None or not compare_digest(row.topic.encode(), topic.encode()):
        return False
    if row.asked_at is None or now - row.asked_at > VERIFIED_WITHIN:
        return False
    if mode == "unsubscribe" and row.state in {State.LEAVING, State.OFF}:
        row.state, row.due_at, row.reason = State.OFF, None, None
        return True
    if mode != "subscribe" or row.state not in TO_KEEP:
        return False
    granted = min(lease, LONGEST_LEASE)
    row.state, row.tries, row.reason = State.LIVE, 0, None
    row.due_at = now + max(granted, SHORTEST_LEASE) * RENEWED_AT
    source.pushed_until = now + granted
    return True


def deny(
    session: Session, subscription: Subscription, topic: str, reason: str, now: datetime
) -> bool:
    """Note that a hub denies the subscription, now or after all; False where it is another's."""
    _, row = locked(session, subscription)
    if row is None or not compare_digest(row.topic.encode(), topic.encode()):
        return False
    if row.state not in TO_KEEP:
        return True
    row.state, row.reason, row.asked_at, row.tries = State.DENIED, reason, None, 0
    row.due_at = now + LONGEST_WAIT
    _lapse(session, row.source_id, now)
    return True


def standings(session: Session) -> Mapping[int, Standing]:
    """Return how the subscription of each source that has one stands."""
    rows = session.scalars(select(Row).where(Row.state.in_(TO_KEEP)).order_by(Row.id))
    return {
        row.source_id: Standing(row.hub, row.topic, State(row.state), row.reason, row.last_ping_at)
        for row in rows
    }
