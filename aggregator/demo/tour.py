"""The demo: the sample newsroom taken through the whole program in a temporary folder."""

import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

from aggregator.clock import Clock
from aggregator.demo.newsroom import Newsroom
from aggregator.demo.site import Site
from aggregator.desk import open_desk
from aggregator.dispatch import Dispatch
from aggregator.model import Story
from aggregator.round import Progress, Report, run_round
from aggregator.settings import Settings
from aggregator.store import shelf
from aggregator.store.database import Store
from aggregator.stories.addresses import parse_opening
from aggregator.stories.slugs import ALL
from aggregator.subscribe import Wish, subscribe


@dataclass(frozen=True, slots=True)
class Tour:
    """What the demo did: the round's report, and the stories that it published."""

    report: Report
    stories: Sequence[Story]


def demo_settings(settings: Settings, folder: Path, site: Site, port: int) -> Settings:
    """Return the settings for a demo in `folder`: its own state, and the site's address opened."""
    opening = parse_opening(site.base_url.removeprefix("http://"))
    parts = {
        "database": {"url": f"sqlite:///{folder / 'aggregator.db'}"},
        "publish": {"directory": folder / "feeds", "base_url": f"http://127.0.0.1:{port}"},
        "fetch": {
            "allow_networks": (opening,),
            "host_gap": timedelta(),
            "per_host": 8,
            "proxy": None,
        },
        "serve": {"host": "127.0.0.1", "port": port, "admin": "127.0.0.1:0"},
    }
    plain = Settings()
    changed = {
        name: getattr(plain, name).model_copy(update=values) for name, values in parts.items()
    }
    return plain.model_copy(
        update={**changed, "state": folder, "folder": None, "categories": settings.categories}
    )


async def tour(
    settings: Settings, newsroom: Newsroom, site: Site, clock: Clock, progress: Progress
) -> Tour:
    """Subscribe to every outlet of the sample newsroom and take it all to the published files."""
    with Store.open(settings.database.url) as store:
        async with open_desk(settings, store, clock) as desk:
            for index, outlet in enumerate(newsroom.outlets):
                progress("add", index, len(newsroom.outlets))
                wish = Wish(
                    url=site.feed_urls[outlet.slug],
                    name=outlet.name,
                    outlet=f"{outlet.slug}.example",
                    role=outlet.role,
                )
                await subscribe(desk, wish)
            progress("add", len(newsroom.outlets), len(newsroom.outlets))
            dispatch = Dispatch(desk)
            report = await run_round(desk, dispatch, progress=progress)
            await dispatch.stop(timedelta())
        stories = store.read_now(partial(shelf.live_stories, slug=ALL, limit=1000))
    return Tour(report, stories)


def free_port(wanted: int) -> int:
    """Return the port if nobody listens there, else one that is free."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    message = "no free port on 127.0.0.1"
    raise OSError(message)
