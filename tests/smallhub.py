"""A publisher and its hub on loopback, as small as they can be, and a subscriber to them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import ClientSession, web
from newsdesk import SteppedClock, changed, claim_polls, take_on
from sample_view import Newsroom

from aggregator.desk import Desk, open_desk
from aggregator.model import Source
from aggregator.poll import poll
from aggregator.settings import Settings
from aggregator.store import polls, websub
from aggregator.store.database import Store
from aggregator.stories.signatures import signature
from aggregator.web.app import application
from aggregator.web.server import serving
from aggregator.websub import Subscriber


def atom(*names: str, links: str = "") -> bytes:
    """Return a feed with these entries; `links` stands in its head."""
    entries = "".join(
        f"<entry><id>tag:{name}</id><title>News of {name}</title>"
        f'<link href="https://quay.example/{name}"/><updated>2026-04-02T10:00:00Z</updated>'
        f"<summary>All that is known of {name}.</summary></entry>"
        for name in names
    )
    return (
        f'<feed xmlns="http://www.w3.org/2005/Atom"><title>The Quay</title>{links}{entries}</feed>'
    ).encode()


@dataclass
class Page:
    """What stands at an address."""

    body: bytes = b""
    links: tuple[str, ...] = ()
    type: str = "application/atom+xml"
    status: int = 200
    to: str = ""


@dataclass
class SmallHub:
    """Pages, and a hub at /hub that notes what it is asked; `moves` redirects hubs by path."""

    client: ClientSession
    pages: dict[str, Page] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)
    moves: dict[str, tuple[int, str]] = field(default_factory=dict)
    status: int = 202
    address: str = ""

    def at(self, path: str) -> str:
        return f"{self.address}{path}"

    def says(self, path: str, *names: str, hub: str = "/hub", topic: str | None = None) -> None:
        """Publish an Atom feed that names the hub and its own address."""
        links = (
            f'<link rel="hub" href="{self.at(hub)}"/>'
            f'<link rel="self" href="{self.at(path if topic is None else topic)}"/>'
        )
        self.pages[path] = Page(atom(*names, links=links))

    async def page(self, request: web.Request) -> web.Response:
        found = self.pages.get(request.rel_url.path_qs)
        if found is None:
            raise web.HTTPNotFound
        if found.to:
            return web.Response(status=found.status, headers={"Location": self.at(found.to)})
        response = web.Response(body=found.body, headers={"Content-Type": found.type})
        for link in found.links:
            response.headers.add("Link", link)
        return response

    async def hub(self, request: web.Request) -> web.Response:
        if request.path in self.moves:
            status, to = self.moves[request.path]
            return web.Response(status=status, headers={"Location": to})
        form = await request.post()
        self.asked.append({name: str(value) for name, value in form.items()})
        return web.Response(status=self.status)

    async def verify(self, said: dict[str, str], **changes: str) -> tuple[int, str]:
        """Ask the callback whether it wants that; return how it answers."""
        question = {
            "hub.mode": said["hub.mode"],
            "hub.topic": said["hub.topic"],
            "hub.challenge": "42-and-<b>more</b>",
            "hub.lease_seconds": "86400",
        } | {f"hub.{name}": value for name, value in changes.items()}
        async with self.client.get(said["hub.callback"], params=question) as answer:
            return answer.status, await answer.text()

    async def ping(
        self, said: dict[str, str], body: bytes, signed: str | None = "", **headers: str
    ) -> int:
        """Send something to the callback, rightly signed unless told otherwise."""
        stated = signature(said["hub.secret"], body) if signed == "" else signed
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        named.setdefault("Content-Type", "application/atom+xml")
        if stated is not None:
            named["X-Hub-Signature"] = stated
        async with self.client.post(said["hub.callback"], data=body, headers=named) as answer:
            return answer.status


@dataclass
class Reader:
    """Our side of it: a store, a desk, and the callbacks on a port of their own."""

    desk: Desk
    subscriber: Subscriber
    clock: SteppedClock

    @property
    def store(self) -> Store:
        return self.desk.store

    async def take_on(self, url: str) -> Source:
        """Take on a source and poll it once, then ask the hub it names, if it names one."""
        source = take_on(self.store, self.clock(), url)
        await self.poll(source)
        await self.ask()
        return source

    async def poll(self, source: Source) -> None:
        due = partial(polls.make_due, now=self.clock(), only=[source.id])
        self.store.write_now(due)
        (task,) = claim_polls(self.store, self.clock(), [source.id])
        await poll(self.desk, task)

    async def ask(self) -> None:
        """Ask the hubs that are to be asked, to the end."""
        await self.subscriber._crew.drain(lambda _: None)

    def standing(self, source: Source) -> websub.Standing | None:
        return self.store.read_now(websub.standings).get(source.id)


@asynccontextmanager
async def small_hub() -> AsyncIterator[SmallHub]:
    """Yield a publisher with its hub."""
    async with ClientSession() as client:
        hub = SmallHub(client)
        app = web.Application()
        app.router.add_post("/{path:.*}", hub.hub)
        app.router.add_get("/{path:.*}", hub.page)
        runner = web.AppRunner(app, shutdown_timeout=0)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        assert site._server is not None
        port = runner.addresses[0][1]
        hub.address = f"http://127.0.0.1:{port}"
        try:
            yield hub
        finally:
            await client.close()
            await asyncio.wait_for(runner.cleanup(), 5)


@asynccontextmanager
async def reading(settings: Settings, store: Store, clock: SteppedClock) -> AsyncIterator[Reader]:
    """Yield our side, with callbacks that a hub on loopback reaches."""
    desks: list[Subscriber] = []
    app = application(Newsroom(), Path, inbox=lambda: desks[0] if desks else None)
    async with serving(app, "127.0.0.1", 0) as address:
        ours = changed(settings, publish={"base_url": address})
        async with open_desk(ours, store, clock) as desk:
            desks.append(Subscriber(desk))
            yield Reader(desk, desks[0], clock)


def path_of(url: str) -> str:
    """Return the path of an address."""
    return urlsplit(url).path
