"""Work at a desk, for the commands that fetch."""

from collections.abc import Callable, Coroutine
from typing import TypeVar

import typer

from aggregator.cli.context import settings_of
from aggregator.cli.loop import run_loop
from aggregator.clock import utc_now
from aggregator.desk import Desk, open_desk
from aggregator.dispatch import at_work
from aggregator.memory import seek_cycles_seldom
from aggregator.store.database import Store

T = TypeVar("T")


def at_desk(context: typer.Context, work: Callable[[Desk], Coroutine[None, None, T]]) -> T:
    """Return what the work at a desk comes to."""
    settings = settings_of(context)

    async def sit_down(store: Store) -> T:
        async with open_desk(settings, store, utc_now) as desk:
            return await work(desk)

    seek_cycles_seldom()
    with Store.open(settings.database.url) as store, at_work(store):
        return run_loop(sit_down(store))
