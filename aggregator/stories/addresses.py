"""Which addresses we do not talk to, and how an operator opens some of them.

`ipaddress.is_global` will not do: it is True for `::127.0.0.1`, multicast,
`fec0::1` and every form that carries an IPv4 address inside.
"""

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

Address = IPv4Address | IPv6Address

HIGHEST_PORT = 65_535

# The special-purpose registries of RFC 6890, with multicast and what was never handed out.
_CLOSED_V4 = tuple(
    (IPv4Network(network), what)
    for network, what in (
        ("0.0.0.0/8", "unspecified"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "carrier-grade NAT"),
        ("127.0.0.0/8", "loopback"),
        ("169.254.0.0/16", "link-local"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "reserved"),
        ("192.0.2.0/24", "documentation"),
        ("192.88.99.0/24", "reserved"),
        ("192.168.0.0/16", "private"),
        ("198.18.0.0/15", "benchmarking"),
        ("198.51.100.0/24", "documentation"),
        ("203.0.113.0/24", "documentation"),
        ("224.0.0.0/4", "multicast"),
        ("255.255.255.255/32", "broadcast"),
        ("240.0.0.0/4", "reserved"),
    )
)
_CLOSED_V6 = tuple(
    (IPv6Network(network), what)
    for network, what in (
        ("::/128", "unspecified"),
        ("::1/128", "loopback"),
        ("64:ff9b:1::/48", "local NAT64"),
        ("2001::/32", "Teredo"),
        ("2001:2::/48", "benchmarking"),
        ("2001::/23", "reserved"),
        ("2001:db8::/32", "documentation"),
        ("3fff::/20", "documentation"),
        ("fc00::/7", "private"),
        ("fe80::/10", "link-local"),
        ("fec0::/10", "site-local"),
        ("ff00::/8", "multicast"),
    )
)
_GLOBAL_V6 = IPv6Network("2000::/3")

# Where an IPv6 address carries an IPv4 one: the network, and how many bits follow the IPv4 address.
_CARRIERS = (
    (IPv6Network("::/96"), 0),  # IPv4-compatible, RFC 4291 2.5.5.1
    (IPv6Network("::ffff:0:0/96"), 0),  # IPv4-mapped, RFC 4291 2.5.5.2
    (IPv6Network("::ffff:0:0:0/96"), 0),  # IPv4-translated, RFC 2765
    (IPv6Network("64:ff9b::/96"), 0),  # NAT64, RFC 6052
    (IPv6Network("2002::/16"), 80),  # 6to4, RFC 3056
)
# Interface identifiers of RFC 5214: an IPv4 address behind any prefix.
_ISATAP = (0x0000_5EFE, 0x0200_5EFE)
_IPV4_BITS = 0xFFFF_FFFF
# RFC 6761, RFC 6762, RFC 8375 and what ICANN has set aside.
_PRIVATE_NAMES = (".localhost", ".local", ".internal", ".home.arpa", ".lan", ".test")
# These two lie among the IPv4-compatible addresses, but mean no IPv4 address.
_THEMSELVES = (IPv6Address("::"), IPv6Address("::1"))


@dataclass(frozen=True, slots=True)
class Opening:
    """A network that is opened, or one address on one port."""

    network: IPv4Network | IPv6Network
    port: int | None = None

    def admits(self, address: Address, port: int) -> bool:
        """Return whether the address on this port may be talked to."""
        return address in self.network and self.port in {None, port}

    def __str__(self) -> str:
        """Return the text that `parse_opening` reads."""
        if self.port is None:
            return str(self.network)
        return opening_of(str(self.network.network_address), self.port)


def parse_opening(text: str) -> Opening:
    """Return what a line of `fetch.allow_networks` opens.

    Accepts a network ("10.0.0.0/8"), an address ("127.0.0.1") and an address
    with a port ("127.0.0.1:8801", "[::1]:8801").

    Raises:
        ValueError: The text is none of these.
    """
    host, port = _split_port(text.strip())
    if "%" in host:
        message = f"{text!r} names an interface: leave out what follows the % sign"
        raise ValueError(message)
    try:
        network = ip_network(host)
    except ValueError as error:
        message = (
            f"{text!r} opens nothing ({error}): give a network (10.0.0.0/8), an address"
            " (127.0.0.1) or an address and port (127.0.0.1:8801, [::1]:8801)"
        )
        raise ValueError(message) from error
    if port is not None and network.num_addresses > 1:
        message = f"{text!r} opens nothing: a port goes with one address, not with a network"
        raise ValueError(message)
    return Opening(network, port)


def opening_of(address: str, port: int) -> str:
    """Return the text that opens this address on this port, and nothing else."""
    host = address.partition("%")[0]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def is_private(host: str) -> bool:
    """Return whether a host, by name or number, belongs to a network that is not the public one.

    There one address may serve what many sources are made of.
    """
    name = host.strip("[]").rstrip(".").lower()
    try:
        return any(_closed(judged) is not None for judged in _judged(ip_address(name)))
    except ValueError:
        return "." not in name or name.endswith(_PRIVATE_NAMES)


def refusal(address: str, port: int, openings: Collection[Opening]) -> str | None:
    """Return why the address is refused, or None where it may be talked to.

    An IPv4 address carried inside an IPv6 one is judged by what it carries.
    What cannot be read as an address is refused.
    """
    try:
        stated = ip_address(address.partition("%")[0])
    except ValueError:
        return f"{address} is not an IP address"
    for judged in _judged(stated):
        what = _closed(judged)
        if what and not any(
            opening.admits(each, port) for opening in openings for each in (stated, judged)
        ):
            inside = "" if judged == stated else f" ({judged})"
            return f"{address}{inside} is {what}"
    return None


def _split_port(text: str) -> tuple[str, int | None]:
    if text.startswith("["):
        host, bracket, rest = text[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            return text, None
        return host, _port(rest[1:]) if rest else None
    host, colon, rest = text.partition(":")
    one_colon = colon and ":" not in rest
    return (host, _port(rest)) if one_colon else (text, None)


def _port(text: str) -> int:
    if text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= HIGHEST_PORT:
        return int(text)
    message = f"{text!r} is not a port: give a number from 1 to {HIGHEST_PORT}"
    raise ValueError(message)


def _judged(address: Address) -> tuple[Address, ...]:
    """Return the addresses that must all be public for this one to be so."""
    if isinstance(address, IPv4Address) or address in _THEMSELVES:
        return (address,)
    number = int(address)
    for network, behind in _CARRIERS:
        if address in network:
            return (IPv4Address(number >> behind & _IPV4_BITS),)
    if number >> 32 & _IPV4_BITS in _ISATAP:
        return address, IPv4Address(number & _IPV4_BITS)
    return (address,)


@lru_cache(maxsize=1_024)
def _closed(address: Address) -> str | None:
    if isinstance(address, IPv4Address):
        return next((what for network, what in _CLOSED_V4 if address in network), None)
    named = next((what for network, what in _CLOSED_V6 if address in network), None)
    return named if named or address in _GLOBAL_V6 else "reserved"
