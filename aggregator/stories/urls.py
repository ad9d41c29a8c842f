"""What an address says: the article it leads to, the outlet that publishes it."""

import re
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

# Parameters that tell the publisher where a reader came from, never what is read.
_TRACKING = re.compile(
    r"utm_.*|at_.*|hsa_.*|pk_.*|mtm_.*|ns_(?:mchannel|source|campaign|linkname|fee)|_hs(?:enc|mi)"
    r"|fbclid|gclid|gclsrc|dclid|gbraid|wbraid|msclkid|yclid|twclid|ttclid|mibextid|igshid|igsh"
    r"|mc_[ce]id|mkt_tok|vero_id|oly_(?:enc|anon)_id|wt_mc|wt_zmc|xtor|s_cid|cmpid?|ocid|icid|smid"
    r"|maca|ftag|srnd|sref|ref|ref_src|ref_url|taid|traffic_source|__twitter_impression"
    r"|guccounter|guce_referr(?:er|er_sig)|amp|amp_.*|outputtype",
    re.IGNORECASE,
)
_VARIANT_HOST = re.compile(r"(?:www\d?|m|mobile|amp)\.(?=[^.]+\.)")
_FEED_HOST = re.compile(r"(?:www\d?|m|mobile|amp|feeds?|rss)\.(?=[^.]+\.)")
_HOST = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")
_AMP_SUFFIX = re.compile(r"\.amp(?=(?:\.html?)?$)")
_SAYS_NOTHING = {"", ".", "..", "amp", "index.html", "index.htm", "index.php"}
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})|[^A-Za-z0-9._~!$&'()*+,;=:@/-]", re.DOTALL)
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]")
# Below these, anybody has a name of their own.
_COUNTRY_SECOND_LEVEL = re.compile(r"(?:co|com|org|net|gov|gob|gouv|edu|ac|mil)\.[a-z]{2}$")
_LONGEST_EDITION = 3  # "en", "lat"; others of one domain may be strangers: blogs, offices
_PORTS_IMPLIED = {None, 80, 443}


def canonical_url(url: str) -> str | None:
    """Return the key under which two links are the same article.

    Scheme, `www.` and its like, default ports, fragments, tracking parameters,
    AMP forms, the order of the query, dot segments and percent-encoding
    (RFC 3986 section 6.2.2) make no difference. None where the address leads
    to no article: other schemes than http and https, a bare home page, what
    cannot be read. Idempotent.
    """
    split = _split(url)
    host = _host(split) if split else None
    if split is None or host is None:
        return None
    path = "/".join(_segments(split.path))
    query = "&".join(_parameters(split.query))
    if not path and not query:
        return None
    key = f"https://{_without_prefix(host, _VARIANT_HOST)}{_port(split)}/{path}"
    return f"{key}?{query}" if query else key


def outlet_of(url: str) -> str:
    """Return the publisher's host: no `www.`, `m.`, `amp.`, `feeds.` or `rss.` before it.

    Where the host is an IP address, its port is part of the name. Empty where
    the address names no host.
    """
    split = _split(url)
    host = _host(split) if split else None
    if split is None or host is None:
        return ""
    return f"{host}{_port(split)}" if _is_ip(host) else _without_prefix(host, _FEED_HOST)


def has_name(url: str) -> bool:
    """Return whether the address's host has a name, by which its outlet can be known."""
    host = host_of(url)
    return bool(host) and not _is_ip(host)


def host_of(url: str) -> str:
    """Return the host that an address leads to, lower case; empty where it names none.

    Unlike `outlet_of` it tells nothing of who publishes there.
    """
    split = _split(url)
    return (split.hostname or "") if split else ""


def related(host: str, other: str) -> bool:
    """Return whether two hosts are one publisher's: the same, one below the other, two editions.

    >>> related("en.gazette.example", "gazette.example"), related("a.co.uk", "b.co.uk")
    (True, False)
    """
    if not (host and other):
        return False
    if host == other or host.endswith(f".{other}") or other.endswith(f".{host}"):
        return True
    (label, _, above), (beside, _, shared) = host.partition("."), other.partition(".")
    editions = above == shared and max(len(label), len(beside)) <= _LONGEST_EDITION
    return editions and "." in above and _COUNTRY_SECOND_LEVEL.match(above) is None


def _split(url: str) -> SplitResult | None:
    try:
        split = urlsplit(url.strip())
        _ = split.port  # urlsplit reads the port only when asked and raises then
    except ValueError:
        return None
    return split if split.scheme in {"http", "https"} else None


def _host(split: SplitResult) -> str | None:
    """Return the host in its ASCII form (IPv6 in brackets), None where it is none."""
    host = (split.hostname or "").rstrip(".")
    if _is_ip(host):
        return f"[{host}]" if ":" in host else host
    try:
        host = host.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return None
    return host if _HOST.fullmatch(host) else None


def _is_ip(host: str) -> bool:
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def _without_prefix(host: str, prefix: re.Pattern[str]) -> str:
    while not _is_ip(host) and (match := prefix.match(host)):
        host = host[match.end() :]
    return host


def _port(split: SplitResult) -> str:
    return "" if split.port in _PORTS_IMPLIED else f":{split.port}"


def _segments(path: str) -> list[str]:
    """Return the path's segments without dots, empty ones, AMP forms and index pages."""
    segments: list[str] = []
    for segment in _normalised(path).split("/"):
        if segment == "..":
            segments = segments[:-1]
        elif segment not in {"", "."}:
            segments.append(segment)
    while segments and segments[0] == "amp":
        segments = segments[1:]
    while segments:
        last = _AMP_SUFFIX.sub("", segments[-1])
        if last in _SAYS_NOTHING:
            segments = segments[:-1]
        elif last != segments[-1]:
            segments[-1] = last
        else:
            break
    return segments


def _parameters(query: str) -> list[str]:
    """Return the parameters that tell articles apart, sorted."""
    parameters = (_normalised(parameter) for parameter in query.split("&"))
    return sorted(
        parameter
        for parameter in parameters
        if parameter and not _TRACKING.fullmatch(parameter.partition("=")[0])
    )


def _normalised(part: str) -> str:
    return _ESCAPE.sub(_escape, part)


def _escape(match: re.Match[str]) -> str:
    if (digits := match[1]) is None:
        octets = match[0].encode("utf-8", "replace")
        return "".join(f"%{octet:02X}" for octet in octets)
    character = chr(int(digits, 16))
    return character if _UNRESERVED.fullmatch(character) else f"%{digits.upper()}"
