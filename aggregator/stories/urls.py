"""What an address says: the article it leads to, the outlet that publishes it.

The only home of idna: names of hosts in ASCII, as browsers look them up.
"""

import re
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import SplitResult, parse_qs, quote, urlsplit, urlunsplit

import idna

_VARIANT_HOST = re.compile(r"(?:www\d?|m|mobile|touch|wap|amp)\.(?=[^.]+\.)")
_FEED_HOST = re.compile(r"(?:www\d?|m|mobile|amp|feeds?|rss)\.(?=[^.]+\.)")
_HOST = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")
_AMP_SUFFIX = re.compile(r"\.amp(?=(?:\.html?)?$)")
_INDEX = {
    f"{name}.{ending}"
    for name in ("index", "default")
    for ending in ["html", "htm", "php", "asp", "aspx", "shtml", "jsp"]
}
_SAYS_NOTHING = {"", ".", "..", "amp"} | _INDEX
_SESSION = re.compile(r";jsessionid=[^/]*", re.IGNORECASE)
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})|[^A-Za-z0-9._~!$&'()*+,;=:@/-]", re.DOTALL)
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]")
# Below these, anybody has a name of their own.
_COUNTRY_SECOND_LEVEL = re.compile(r"(?:co|com|org|net|gov|gob|gouv|edu|ac|mil)\.[a-z]{2}$")
_LONGEST_EDITION = 3  # "en", "lat"; others of one domain may be strangers: blogs, offices
_MOST_WRAPPINGS = 3
_AMP_CACHE = re.compile(
    r"(?:[\w-]+\.cdn\.ampproject\.org/[cv]/|(?:www\.)?google\.[a-z.]{2,6}/amp/)(s/)?(.+)", re.DOTALL
)
_COUNTERS = (
    (re.compile(r"(?:www\.)?google\.[a-z.]{2,6}/url"), ("url", "q")),
    (re.compile(r"lm?\.facebook\.com/l\.php|l\.instagram\.com/"), ("u",)),
    (re.compile(r"(?:www\.)?bing\.com/news/apiclick\.aspx"), ("url",)),
    (re.compile(r"away\.vk\.com/away\.php|vk\.com/away\.php"), ("to",)),
)
_IN_USER = "%:!$&'()*+,;="
_IN_QUERY = _IN_USER + "/@?"
_PORTS_IMPLIED = {None, 80, 443}


def canonical_url(url: str) -> str | None:
    """Return the key under which two links are the same article.

    Scheme, `www.` and its like, default ports, fragments, tracking parameters,
    AMP forms, the order of the query, dot segments and percent-encoding
    (RFC 3986 section 6.2.2) make no difference. None where the address leads
    to no article: other schemes than http and https, a bare home page, what
    cannot be read. Idempotent.
    """
    split = _split(unwrapped(url))
    host = _host(split) if split else None
    if split is None or host is None:
        return None
    path = "/".join(_segments(_SESSION.sub("", split.path)))
    query = "&".join(_parameters(split.query))
    # "#!" begins a path of its own, on pages that are made by scripts.
    fragment = _normalised(split.fragment) if split.fragment.startswith("!") else ""
    if not path and not query and not fragment:
        return None
    key = f"https://{_without_prefix(host, _VARIANT_HOST)}{_port(split)}/{path}"
    key = f"{key}?{query}" if query else key
    return f"{key}#{fragment}" if fragment else key


def unwrapped(url: str) -> str:
    """Return the address inside one that only leads there: an AMP cache's, or a count of clicks."""
    for _ in range(_MOST_WRAPPINGS):
        split = _split(url)
        inner = _inside(split) if split else None
        if inner is None or _split(inner) is None:
            return url
        url = inner
    return url


def _inside(split: SplitResult) -> str | None:
    host = split.hostname or ""
    cached = _AMP_CACHE.match(f"{host}{split.path}")
    if cached:
        query = f"?{split.query}" if split.query else ""
        return f"http{'s' if cached[1] else ''}://{cached[2]}{query}"
    names = next((names for at, names in _COUNTERS if at.fullmatch(f"{host}{split.path}")), ())
    stated = parse_qs(split.query) if names else {}
    return next((stated[name][0] for name in names if name in stated), None)


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


def source_name(title: str) -> str:
    """Return a source's title as anybody may read it; of one that is its address, the host alone.

    The rest of the address may let someone in.

    >>> source_name("The Quay"), source_name("https://me:s3cret@quay.example/feed?token=1")
    ('The Quay', 'quay.example')
    """
    return title if _split(title) is None else outlet_of(title)


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


def ascii_authority(authority: str) -> str:
    """Return an authority as it is asked for: its host as browsers look it up (UTS 46)."""
    user, at, place = authority.rpartition("@")
    host, colon, port = place.partition(":")
    try:
        host = idna.encode(host, uts46=True).decode("ascii")
    except idna.IDNAError:
        host = quote(host)
    return f"{quote(user, safe=_IN_USER)}{at}{host}{colon}{quote(port)}"


def ascii_address(url: str) -> str:
    """Return an address of the web in ASCII: what is not is looked up or sent as this anyway."""
    if url.isascii():
        return url
    scheme, netloc, path, query, _ = urlsplit(url)
    path, query = quote(path, safe=_IN_QUERY), quote(query, safe=_IN_QUERY)
    return urlunsplit((scheme, ascii_authority(netloc), path, query, ""))


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


@lru_cache(maxsize=1024)
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
    from aggregator.stories.tracking import is_tracking  # noqa: PLC0415 - as long to make as a poll

    parameters = (_normalised(parameter.replace("+", "%20")) for parameter in query.split("&"))
    return sorted(parameter for parameter in parameters if parameter and not is_tracking(parameter))


def _normalised(part: str) -> str:
    return _ESCAPE.sub(_escape, part)


def _escape(match: re.Match[str]) -> str:
    if (digits := match[1]) is None:
        octets = match[0].encode("utf-8", "replace")
        return "".join(f"%{octet:02X}" for octet in octets)
    character = chr(int(digits, 16))
    return character if _UNRESERVED.fullmatch(character) else f"%{digits.upper()}"
