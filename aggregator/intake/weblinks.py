"""The links that an answer names in its headers (RFC 8288)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aggregator.intake.sanitize import web_address

# A link, and each of its parameters, quoted or not.
_LINK = re.compile(r"<([^<>]*)>([^<]*)")
_PARAMETER = re.compile(
    r";\s*([\w!#$%&*+^`|~.-]+)\s*(?:=\s*(?:\"((?:[^\"\\]|\\.)*)\"|([^\s;,\"]*)))?"
)


@dataclass(frozen=True, slots=True)
class WebLink:
    """Where a link leads (absolute), and what it says of that; all but the title in lower case."""

    url: str
    relations: frozenset[str]
    type: str
    title: str


def web_links(headers: Mapping[str, str], url: str) -> Sequence[WebLink]:
    """Return the links of an answer's Link headers, in order.

    One with an anchor speaks of something else (RFC 8288 3.2).
    """
    found: list[WebLink] = []
    for target, stated in _LINK.findall(headers.get("link", "")):
        parameters: dict[str, str] = {}
        for name, quoted, bare in _PARAMETER.findall(stated):
            parameters.setdefault(name.lower(), quoted or bare)
        address = web_address(target, url)
        if "anchor" in parameters or address is None:
            continue
        relations = frozenset(parameters.get("rel", "").lower().split())
        kind = parameters.get("type", "").lower()
        found.append(WebLink(address, relations, kind, parameters.get("title", "")))
    return found
