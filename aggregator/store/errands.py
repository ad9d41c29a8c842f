"""What WebSub remembers: whom to call about which feed, when, and who subscribed to it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, Select, delete, exists, func, select, update
from sqlalchemy.orm import Session

from aggregator.errors import HubFullError
from aggregator.store.claims import Appetite
from aggregator.store.hub_tables import HubErrandRow, HubSubscriptionRow, HubTopicRow
from aggregator.stories.hubs import Kind, SubscriptionRequest

# A host that takes every format of forty categories, with room to spare; and what a machine that
# calls each of them once for a change can serve in minutes.
MOST_PER_HOST = 300
MOST_IN_ALL = 5_000
# Anybody may have us ask somebody: what waits for that takes no place of those who confirmed.
MOST_ASKED = 1_000
_TOLD = select(HubTopicRow.name, HubTopicRow.digest)


@dataclass(frozen=True, slots=True)
class Errand:
    """A call that was claimed. `secret` is the subscriber's, empty where it gave none."""

    id: int
    epoch: int
    kind: Kind
    url: str
    topic: str
    host: str
    tries: int
    subscribes: bool
    secret: str
    lease: timedelta


def announce(
    session: Session, digests: Mapping[str, str], hubs: Collection[str], now: datetime
) -> None:
    """Note the calls that are due where a file is not as it was last told.

    `digests` are those of the files' bytes. What is told is decided by them,
    not by whether the files had to be written: who was killed in between
    writes nothing anew, and tells it all the same.
    """
    told = dict(iter(session.execute(_TOLD)))
    changed = [name for name, digest in digests.items() if told.get(name) != digest]
    for name in changed:
        session.merge(HubTopicRow(name=name, digest=digests[name]))
    subscribed = session.execute(
        select(HubSubscriptionRow.callback, HubSubscriptionRow.topic).where(
            HubSubscriptionRow.topic.in_(changed), HubSubscriptionRow.expires_at > now
        )
    )
    calls = [(Kind.PING, hub, name) for name in changed for hub in hubs]
    calls += [(Kind.DELIVER, callback, topic) for callback, topic in subscribed]
    _set_out(session, calls, changed, now)


def _set_out(
    session: Session, calls: Iterable[tuple[Kind, str, str]], topics: Sequence[str], now: datetime
) -> None:
    rows = session.scalars(select(HubErrandRow).where(HubErrandRow.topic.in_(topics)))
    waiting = {(Kind(row.kind), row.url, row.topic): row for row in rows}
    resting = _resting(session, now)
    for kind, url, topic in calls:
        due_at = resting.get(url, now)  # who does not answer is left its pause
        row = waiting.get((kind, url, topic))
        if row is None:
            host = urlsplit(url).hostname or ""
            session.add(HubErrandRow(kind=kind, url=url, topic=topic, host=host, due_at=due_at))
            continue
        row.epoch += 1
        row.due_at = due_at


def _resting(session: Session, now: datetime) -> dict[str, datetime]:
    """Return until when who failed last is left alone, by address."""
    rows = session.execute(
        select(HubErrandRow.url, func.max(HubErrandRow.due_at))
        .where(HubErrandRow.tries > 0, HubErrandRow.due_at > now)
        .group_by(HubErrandRow.url)
    )
    return dict(iter(rows))


def admit(session: Session, request: SubscriptionRequest, topic: str, now: datetime) -> bool:
    """Note that a request is to be confirmed; a later one about the same stands for it.

    Returns whether there is anything to be confirmed: who ends a subscription
    must have one.

    Raises:
        HubFullError: there are as many subscriptions as are served.
    """
    session.execute(delete(HubSubscriptionRow).where(HubSubscriptionRow.expires_at <= now))
    same = (HubSubscriptionRow.callback == request.callback, HubSubscriptionRow.topic == topic)
    known = session.scalar(select(HubSubscriptionRow.id).where(*same)) is not None
    if not known and not request.subscribes:
        return False
    row = session.scalar(
        select(HubErrandRow).where(
            HubErrandRow.kind == Kind.VERIFY,
            HubErrandRow.url == request.callback,
            HubErrandRow.topic == topic,
        )
    )
    if row is None:
        if not known:
            _check_room(session, request.host)
        row = HubErrandRow(kind=Kind.VERIFY, url=request.callback, topic=topic, due_at=now)
        row.epoch = row.tries = 0
        row.host = request.host
        session.add(row)
    row.epoch += 1
    row.subscribes, row.secret = request.subscribes, request.secret
    row.lease_s = round(request.lease.total_seconds())
    return True


def _check_room(session: Session, host: str) -> None:
    verified = select(func.count()).select_from(HubSubscriptionRow)
    asked = select(func.count()).where(HubErrandRow.kind == Kind.VERIFY)
    here = (HubSubscriptionRow.host == host, HubErrandRow.host == host)
    if (session.scalar(asked) or 0) >= MOST_ASKED:
        message = "too many subscriptions wait to be confirmed; try again later"
        raise HubFullError(message)
    of_host = session.scalar(verified.where(here[0])) or 0
    of_host += session.scalar(asked.where(here[1])) or 0
    if (session.scalar(verified) or 0) >= MOST_IN_ALL:
        message = f"this hub serves no more than {MOST_IN_ALL} subscriptions; try again later"
        raise HubFullError(message)
    if of_host >= MOST_PER_HOST:
        message = f"this hub serves no more than {MOST_PER_HOST} subscriptions of one host"
        raise HubFullError(message)


def is_due(session: Session, now: datetime) -> bool:
    """Return whether there is a call to be made."""
    due = select(HubErrandRow.id).where(HubErrandRow.due_at <= now).limit(1)
    return session.scalar(due) is not None


def claim_errands(
    session: Session, now: datetime, length: timedelta, appetite: Appetite, *, known: bool
) -> Sequence[Errand]:
    """Claim calls that are due, one at a host; whoever is killed meanwhile makes them later.

    Those at whom is `known` to answer, or the others: so these, however many
    name themselves, keep nobody waiting who does. Who was called in vain comes
    after who was not yet, and then who waits longest first.
    """
    answers = (HubErrandRow.kind == Kind.PING) | exists().where(
        HubSubscriptionRow.callback == HubErrandRow.url,
        HubSubscriptionRow.topic == HubErrandRow.topic,
        HubSubscriptionRow.answers,
        HubErrandRow.kind == Kind.DELIVER,
    )
    waiting = HubErrandRow.due_at, HubErrandRow.id
    at_host = func.row_number().over(partition_by=HubErrandRow.host, order_by=waiting)
    due = select(HubErrandRow.id, at_host.label("place")).where(
        HubErrandRow.due_at <= now,
        HubErrandRow.host.not_in(list(appetite.busy)),
        answers if known else ~answers,
    )
    first = due.subquery()
    claims = (
        select(HubErrandRow)
        .join(first, first.c.id == HubErrandRow.id)
        .where(first.c.place == 1)
        .order_by(HubErrandRow.tries > 0, *waiting)
        .limit(appetite.limit)
    )
    claimed = []
    for row in session.scalars(claims).all():
        secret = row.secret
        if row.kind == Kind.DELIVER:
            subscription = session.scalar(_subscription_of(row.url, row.topic))
            if subscription is None or subscription.expires_at <= now:
                session.delete(row)
                continue
            secret = subscription.secret
        row.epoch += 1
        row.due_at = now + length
        claimed.append(
            Errand(
                id=row.id,
                epoch=row.epoch,
                kind=Kind(row.kind),
                url=row.url,
                topic=row.topic,
                host=row.host,
                tries=row.tries,
                subscribes=row.subscribes,
                secret=secret,
                lease=timedelta(seconds=row.lease_s),
            )
        )
    return claimed


def done(session: Session, errand: Errand, now: datetime) -> None:
    """Forget a call that was made; where more is to be told since, it is due again."""
    _note_answer(session, errand, answers=True)
    gone = session.scalar(delete(HubErrandRow).where(*_held(errand)).returning(HubErrandRow.id))
    if gone is None:
        again = update(HubErrandRow).where(HubErrandRow.id == errand.id)
        session.execute(again.values(due_at=now, tries=0))


def confirmed(session: Session, errand: Errand, now: datetime) -> None:
    """Begin, renew or end a subscription, unless something else was asked since."""
    if session.scalar(select(HubErrandRow.id).where(*_held(errand))) is None:
        done(session, errand, now)
        return
    if not errand.subscribes:
        end_subscription(session, errand)
    else:
        row = session.scalar(_subscription_of(errand.url, errand.topic))
        if row is None:
            row = HubSubscriptionRow(callback=errand.url, topic=errand.topic, host=errand.host)
            session.add(row)
        row.secret, row.expires_at = errand.secret, now + errand.lease
        _resume(session, errand, now)
    done(session, errand, now)


def _resume(session: Session, errand: Errand, now: datetime) -> None:
    """Bring at once what waits for a callback that failed: it answers now.

    It was called in vain all the same, and comes after who was not.
    """
    waits = HubErrandRow.kind == Kind.DELIVER, HubErrandRow.url == errand.url
    again = update(HubErrandRow).where(*waits, HubErrandRow.tries > 0)
    session.execute(again.values(due_at=now, tries=1))


def end_subscription(session: Session, errand: Errand) -> None:
    """Forget the subscription that a call is about, and what was to be brought to it."""
    subscriptions, calls = HubSubscriptionRow, HubErrandRow
    session.execute(
        delete(subscriptions).where(
            subscriptions.callback == errand.url, subscriptions.topic == errand.topic
        )
    )
    session.execute(
        delete(calls).where(
            calls.kind == Kind.DELIVER, calls.url == errand.url, calls.topic == errand.topic
        )
    )


def postpone(session: Session, errand: Errand, until: datetime) -> None:
    """Make the call later, and with it whatever else is due at the same address."""
    _note_answer(session, errand, answers=False)
    row = session.get(HubErrandRow, errand.id)
    if row is None:
        return
    row.tries += 1
    row.due_at = until
    session.flush()
    session.execute(
        update(HubErrandRow)
        .where(HubErrandRow.url == errand.url, HubErrandRow.due_at < until)
        .values(due_at=until)
    )


def _note_answer(session: Session, errand: Errand, *, answers: bool) -> None:
    """Note whether a subscriber took what was brought."""
    if errand.kind is Kind.DELIVER:
        session.execute(
            update(HubSubscriptionRow)
            .where(
                HubSubscriptionRow.callback == errand.url,
                HubSubscriptionRow.topic == errand.topic,
                HubSubscriptionRow.answers.is_not(answers),
            )
            .values(answers=answers)
        )


def _held(errand: Errand) -> tuple[ColumnElement[bool], ...]:
    return HubErrandRow.id == errand.id, HubErrandRow.epoch == errand.epoch


def _subscription_of(callback: str, topic: str) -> Select[HubSubscriptionRow]:
    return select(HubSubscriptionRow).where(
        HubSubscriptionRow.callback == callback, HubSubscriptionRow.topic == topic
    )
