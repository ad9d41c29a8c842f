"""What an answer says of WebSub: at which hub what it is about can be subscribed to (section 4)."""

from collections.abc import Mapping, Sequence

from aggregator.intake.weblinks import web_links


def announced(
    headers: Mapping[str, str], hubs_inside: Sequence[str], self_inside: str | None, url: str
) -> tuple[str, str] | None:
    """Return the hub and the topic that an answer names; None where one of them is missing.

    Headers come before what the document names inside. Of several hubs the first is taken: a
    subscriber may choose, and the publisher tells all of them (section 4).
    """
    named = web_links(headers, url)
    hubs = [*(link.url for link in named if "hub" in link.relations), *hubs_inside]
    topics = [link.url for link in named if "self" in link.relations]
    topics += filter(None, [self_inside])
    return (hubs[0], topics[0]) if hubs and topics else None
