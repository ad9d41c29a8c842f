"""WebSub: hubs are asked to send what is new, and what they send is read like a poll's answer.

Only who is reached from outside can be sent anything, so this is the daemon's
work alone. What it is about stands in the database: which hub is to be asked
when, and what it granted. A hub that fails costs nothing but time, since its
sources are polled all the while.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from urllib.parse import urlsplit

from aggregator.crew import Crew
from aggregator.desk import Desk
from aggregator.errors import FetchError, PollError
from aggregator.intake.remote import parse_feed
from aggregator.intake.sanitize import legible
from aggregator.logs import get_logger
from aggregator.poll import sightings_of, wants_pages
from aggregator.settings import Settings
from aggregator.store import pings, websub
from aggregator.store.claims import Appetite
from aggregator.store.pings import Pace
from aggregator.store.websub import Request, Subscription
from aggregator.stories.addresses import is_private, refusal
from aggregator.stories.signatures import is_signed
from aggregator.timetable import RELAXED
from aggregator.web.websub import MOST_AT_ONCE, MOST_OF_ONE, Busy

logger = get_logger(__name__)

# Asked for; hubs grant what they like. Long enough to be polite, short enough to notice a hub that
# has forgotten us.
LEASE = timedelta(days=10)
HUBS_AT_ONCE = 8
_PORTS = {"http": 80, "https": 443}
_LONGEST_REASON = 200
_LONGEST_SECONDS = 9  # digits


def callback_base(settings: Settings) -> str | None:
    """Return the address below which hubs reach us, None where they cannot or are not to."""
    parts = urlsplit(settings.publish.base_url)
    host = parts.hostname or ""
    if not settings.poll.websub:
        return None
    if is_private(host):
        # A service in our own network that we may talk to can talk to us.
        address = "127.0.0.1" if host == "localhost" else host
        port = parts.port or _PORTS[parts.scheme]
        if refusal(address, port, settings.fetch.allow_networks) is not None:
            return None
    return f"{settings.publish.base_url}/websub"


class Subscriber:
    """Subscribes at hubs, and takes what they send."""

    def __init__(self, desk: Desk) -> None:
        """Work at `desk`, as long as it is open."""
        self._desk = desk
        self._base = callback_base(desk.settings)
        self._crew: Crew[Request, None] = Crew(self._claim, self._ask, HUBS_AT_ONCE)
        self._reading: Counter[int] = Counter()
        if self._base is None and desk.settings.poll.websub:
            reason = "no hub reaches publish.base_url; sources are polled"
            logger.info("websub.idle", base_url=desk.settings.publish.base_url, reason=reason)

    async def tick(self) -> None:
        """Set out to ask the hubs that are to be asked."""
        if self._base is None:
            return
        if await self._desk.store.read(partial(websub.has_due, now=self._desk.clock())):
            await self._crew.start_due()

    async def stop(self, grace: timedelta) -> None:
        """End what runs; who did not hear us is asked again in time."""
        await self._crew.stop(grace)

    async def _claim(self, appetite: Appetite) -> Sequence[Request]:
        claim = partial(websub.claim_due, now=self._desk.clock(), limit=appetite.limit)
        return await self._desk.store.write(claim)

    async def _ask(self, request: Request) -> None:
        """Ask a hub (WebSub 5.1); what it says to it later decides, at the callback."""
        form = {
            "hub.callback": f"{self._base}/{request.subscription_id}/{request.token}",
            "hub.mode": request.mode,
            "hub.topic": request.topic,
        }
        if request.mode == "subscribe":
            form["hub.secret"] = request.secret
            form["hub.lease_seconds"] = str(int(LEASE.total_seconds()))
        reason = None
        try:
            await self._desk.fetcher.post(request.hub, form)
        except FetchError as error:
            reason = str(error)
            logger.warning("hub.refused", hub=request.hub, topic=request.topic, reason=reason)
        refused = partial(
            websub.record_refusal, subscription_id=request.subscription_id, reason=reason
        )
        await self._desk.store.write(refused)

    async def find(self, subscription_id: int, token: str) -> Subscription | None:
        """Return the subscription whose callback that is."""
        look = partial(websub.find, subscription_id=subscription_id, token=token)
        return await self._desk.store.read(look)

    async def verify(self, subscription: Subscription, said: Mapping[str, str]) -> str | None:
        """Return what to echo to a hub's question, None where we asked for no such thing.

        A denial is heard, and answered with nothing (WebSub 5.2, 5.3).
        """
        mode, topic = said.get("hub.mode", ""), said.get("hub.topic", "")
        now = self._desk.clock()
        if mode == "denied":
            reason = " ".join(legible(said.get("hub.reason", "")).split())[:_LONGEST_REASON]
            deny = partial(
                websub.deny,
                subscription=subscription,
                topic=topic,
                reason=f"denied: {reason}" if reason else "denied",
                now=now,
            )
            denied = await self._desk.store.write(deny)
            if denied:
                logger.warning("hub.denied", url=subscription.url, reason=reason)
            return "" if denied else None
        challenge = said.get("hub.challenge")
        if not challenge:
            return None
        lease = _lease(said.get("hub.lease_seconds", ""))
        confirm = partial(
            websub.confirm,
            subscription=subscription,
            mode=mode,
            topic=topic,
            lease=lease,
            now=now,
        )
        if not await self._desk.store.write(confirm):
            logger.warning("hub.unasked", url=subscription.url, mode=mode, topic=topic)
            return None
        logger.info("hub.verified", url=subscription.url, mode=mode, lease=lease.total_seconds())
        return challenge

    @property
    def limit(self) -> int:
        """Return the most bytes that a ping may have."""
        return self._desk.settings.fetch.max_feed

    @property
    def patience(self) -> timedelta:
        """Return how long a ping may take to come in."""
        return self._desk.settings.fetch.timeout

    @contextmanager
    def reading(self, subscription: Subscription) -> Iterator[None]:
        """Take a place among those that are read, so that they never fill the memory.

        Raises:
            Busy: there are too many, of that subscription or in all.
        """
        most = self._reading.total() >= MOST_AT_ONCE
        if most or self._reading[subscription.id] >= MOST_OF_ONE:
            raise Busy
        self._reading[subscription.id] += 1
        try:
            yield
        finally:
            self._reading[subscription.id] -= 1
            self._reading += Counter()  # forgets who is at zero

    async def take(
        self, subscription: Subscription, body: bytes, content_type: str, signature: str
    ) -> None:
        """Store what a hub sent, as a poll would, before it is told that it arrived.

        What is not signed with our secret is ignored (WebSub 8.1). Its headers
        say nothing of the source's own validators.
        """
        if not is_signed(signature, subscription.secret, body):
            logger.warning("ping.unsigned", url=subscription.url)
            return
        desk, now = self._desk, self._desk.clock()
        sightings = None
        try:
            feed = await desk.children.run(parse_feed, body, content_type, subscription.url)
        except PollError as error:
            logger.info("ping.unread", url=subscription.url, reason=str(error))
        else:
            full_text = wants_pages(desk.settings, subscription.full_text)
            sightings = sightings_of(feed, subscription.outlet, now, full_text=full_text)
        poll = desk.settings.poll
        tally = await desk.store.write(
            partial(
                pings.record_ping,
                subscription=subscription,
                sightings=sightings,
                pace=Pace(RELAXED, poll.min_interval, poll.max_interval),
                flood=poll.flood,
                now=now,
            )
        )
        if tally is not None:
            log = logger.info if tally.new else logger.debug
            log("ping.taken", url=subscription.url, seen=tally.seen, new=tally.new)


def _lease(stated: str) -> timedelta:
    """Return the lease that a hub grants; what is no number is what we asked for."""
    is_number = stated.isascii() and stated.isdigit()
    return timedelta(seconds=int(stated[:_LONGEST_SECONDS])) if is_number else LEASE
