"""What an answer says of WebSub: at which hub what it is about can be subscribed to (section 4)."""

import re
from collections.abc import Iterator, Mapping, Sequence

from aggregator.intake.sanitize import web_address

# A link of RFC 8288, and each of its parameters, quoted or not.
_LINK = re.compile(r"<([^<>]*)>([^<]*)")
_PARAMETER = re.compile(
    r";\s*([\w!#$%&*+^`|~.-]+)\s*(?:=\s*(?:\"((?:[^\"\\]|\\.)*)\"|([^\s;,\"]*)))?"
)


def announced(
    headers: Mapping[str, str], hubs_inside: Sequence[str], self_inside: str | None, url: str
) -> tuple[str, str] | None:
    """Return the hub and the topic that an answer names; None where one of them is missing.

    Headers come before what the document names inside. Of several hubs the first is taken: a
    subscriber may choose, and the publisher tells all of them (section 4).
    """
    hubs = [*links_of(headers, "hub", url), *hubs_inside]
    topics = [*links_of(headers, "self", url), *filter(None, [self_inside])]
    return (hubs[0], topics[0]) if hubs and topics else None


def links_of(headers: Mapping[str, str], relation: str, url: str) -> Iterator[str]:
    """Yield where an answer's Link headers of that relation lead.

    One with an anchor speaks of something else (RFC 8288 3.2).
    """
    for target, stated in _LINK.findall(headers.get("link", "")):
        parameters: dict[str, str] = {}
        for name, quoted, bare in _PARAMETER.findall(stated):
            parameters.setdefault(name.lower(), quoted or bare)
        address = web_address(target, url)
        if "anchor" in parameters or address is None:
            continue
        if relation in parameters.get("rel", "").lower().split():
            yield address
