"""Which WebSub hubs our feeds name: other people's, and our own."""

from aggregator.settings.sections import Settings
from aggregator.stories.hubs import HUB_PATH, is_topic, link_header


def hub_addresses(settings: Settings) -> tuple[str, ...]:
    """Return the addresses of all hubs that know our feeds, our own first."""
    own = (f"{settings.publish.base_url}{HUB_PATH}",) if settings.serve.hub else ()
    return own + settings.publish.hubs


def topic_address(settings: Settings, file: str) -> str:
    """Return the address at which a published file is subscribed to."""
    return f"{settings.publish.base_url}/feeds/{file}"


def hub_links(settings: Settings, file: str) -> str:
    """Return the Link header of a published file, empty where no hub knows it."""
    hubs = hub_addresses(settings) if is_topic(file) else ()
    return link_header(hubs, topic_address(settings, file)) if hubs else ""
