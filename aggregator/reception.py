"""The reception of our own WebSub hub: takes requests in; a call to the callback confirms them."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path

from aggregator.errors import RefusedAddressError, RefusedError
from aggregator.intake.guard import Guard
from aggregator.settings import Settings
from aggregator.settings.hubs import topic_address
from aggregator.store import errands
from aggregator.store.database import Store
from aggregator.stories.hubs import is_topic, read_request


class Reception:
    """Takes in what subscribers ask of our hub, as the present settings allow."""

    def __init__(
        self, store: Store, settings: Callable[[], Settings], clock: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._settings = settings
        self._clock = clock

    @property
    def is_open(self) -> bool:
        """Return whether there is a hub of ours."""
        return self._settings().serve.hub

    async def receive(self, fields: Mapping[str, str]) -> None:
        """Note a request that can be granted; its callback is asked next.

        Raises:
            RefusedError: it cannot; the text tells the subscriber why.
            HubFullError: it could, were there not so many.
        """
        settings = self._settings()
        request = read_request(fields)
        topic = self._topic(request.topic)
        try:
            Guard(settings.fetch.allow_networks).check_host(request.host, request.port)
        except RefusedAddressError as error:
            message = "hub.callback: an address that this hub does not talk to"
            raise RefusedError(message) from error
        admit = partial(errands.admit, request=request, topic=topic, now=self._clock())
        if not await self._store.write(admit):
            message = "hub.callback: it has no subscription to this topic that could be ended"
            raise RefusedError(message)

    def _topic(self, address: str) -> str:
        """Return the name of the published file that is meant."""
        settings = self._settings()
        name = address.rpartition("/")[2]
        is_ours = address == topic_address(settings, name) and is_topic(name)
        if not is_ours or not _is_there(settings.publish.directory / name):
            message = 'hub.topic: a feed of ours by the address that its rel="self" states, such '
            message += f"as {topic_address(settings, 'all.atom')}"
            raise RefusedError(message)
        return name


def _is_there(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name that is too long, or holds what none may
        return False
