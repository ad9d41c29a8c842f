import json
import socket
from datetime import timedelta
from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rawweb import RawWeb, raw_web, redirect, reply

from aggregator.errors import RefusedAddressError
from aggregator.intake.fetch import Fetched, Fetcher
from aggregator.settings import FetchSettings
from aggregator.stories.addresses import Opening, parse_opening, refusal

CLOSED = {
    "0.0.0.0": "unspecified",  # noqa: S104 - fetched from, not bound to
    "0.1.2.3": "unspecified",
    "10.0.0.1": "private",
    "100.64.0.1": "carrier-grade NAT",
    "100.127.255.254": "carrier-grade NAT",
    "127.0.0.1": "loopback",
    "127.255.255.254": "loopback",
    "169.254.169.254": "link-local",
    "172.16.0.1": "private",
    "172.31.255.255": "private",
    "192.0.0.9": "reserved",
    "192.0.2.1": "documentation",
    "192.88.99.1": "reserved",
    "192.168.1.1": "private",
    "198.18.0.1": "benchmarking",
    "198.51.100.1": "documentation",
    "203.0.113.1": "documentation",
    "224.0.1.1": "multicast",
    "239.255.255.250": "multicast",
    "240.0.0.1": "reserved",
    "255.255.255.255": "broadcast",
    "::": "unspecified",
    "::1": "loopback",
    "::127.0.0.1": "(127.0.0.1) is loopback",
    "::ffff:10.0.0.1": "(10.0.0.1) is private",
    "::ffff:0:10.0.0.1": "(10.0.0.1) is private",
    "64:ff9b::7f00:1": "(127.0.0.1) is loopback",
    "64:ff9b:1::7f00:1": "local NAT64",
    "64:ff9b:1:7f00:0:100::": "local NAT64",
    "2002:7f00:1::": "(127.0.0.1) is loopback",
    "2001:0:4136:e378:8000:63bf:80ff:fffe": "Teredo",
    "2001:2::1": "benchmarking",
    "2001:20::1": "reserved",
    "2001:db8::1": "documentation",
    "2a00:1450::5efe:192.168.0.1": "(192.168.0.1) is private",
    "2a00:1450::200:5efe:127.0.0.1": "(127.0.0.1) is loopback",
    "3fff::1": "documentation",
    "100::1": "reserved",
    "4000::1": "reserved",
    "5f00::1": "reserved",
    "fc00::1": "private",
    "fd12:3456::1": "private",
    "fe80::1": "link-local",
    "fe80::5efe:8.8.8.8": "link-local",
    "fec0::1": "site-local",
    "ff02::1": "multicast",
    "ff0e::1": "multicast",
}
SPELLINGS = ("2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "017700000001", "127.1", "127.0.1")
OPEN = (
    "1.1.1.1",
    "9.255.255.255",
    "100.63.255.255",
    "100.128.0.1",
    "172.15.0.1",
    "172.32.0.1",
    "223.255.255.255",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
    "2002:808:808::",
    "2001:4860:4860::8888",
    "2a00:1450::1",
)


def settings(*openings: str, proxy: str | None = None) -> FetchSettings:
    return FetchSettings(
        allow_networks=tuple(parse_opening(each) for each in openings),
        host_gap=timedelta(),
        timeout=timedelta(seconds=5),
        proxy=proxy,
    )


def to_itself(web: RawWeb) -> str:
    return f"127.0.0.1:{web.port}"


def in_url(address: str) -> str:
    return f"[{address}]" if ":" in address else address


@pytest.mark.parametrize(("address", "why"), CLOSED.items())
def test_a_closed_address_is_refused_with_its_reason(address: str, why: str) -> None:
    reason = refusal(address, 80, ())
    assert reason is not None
    assert reason.endswith(why)
    assert reason.startswith(address)


@pytest.mark.parametrize("address", OPEN)
def test_a_public_address_is_not_refused(address: str) -> None:
    assert refusal(address, 80, ()) is None


@pytest.mark.parametrize("rubbish", ["", "localhost", "127.1", "0177.0.0.1", "1.2.3.4.5", ":::"])
def test_what_is_not_an_address_is_refused(rubbish: str) -> None:
    assert refusal(rubbish, 80, ()) == f"{rubbish} is not an IP address"


def test_a_scope_does_not_hide_an_address() -> None:
    assert refusal("fe80::1%eth0", 80, ()) == "fe80::1%eth0 is link-local"
    assert refusal("::1%lo", 80, ()) == "::1%lo is loopback"


@given(st.ip_addresses(v=4))
def test_every_wrapping_is_judged_by_the_address_inside(inside: IPv4Address) -> None:
    plain = refusal(str(inside), 80, ()) is None
    number = int(inside)
    for wrapped in (0xFFFF << 32 | number, 0x64FF9B << 96 | number, 0x2002 << 112 | number << 80):
        assert (refusal(str(IPv6Address(wrapped)), 80, ()) is None) == plain


@given(st.ip_addresses(v=4))
def test_whatever_the_library_calls_private_is_refused(address: IPv4Address) -> None:
    if address.is_private or address.is_multicast or address.is_reserved:
        assert refusal(str(address), 80, ())


@given(st.ip_addresses(v=6))
def test_whatever_is_no_global_unicast_is_refused(address: IPv6Address) -> None:
    carries_another = int(address) >> 112 in {0, 0x64}
    if int(address) >> 125 != 1 and not carries_another:
        assert refusal(str(address), 80, ())


@pytest.mark.parametrize(
    ("text", "address", "port", "admitted"),
    [
        ("10.0.0.0/8", "10.1.2.3", 80, True),
        ("10.0.0.0/8", "::ffff:10.1.2.3", 80, True),
        ("10.0.0.0/8", "11.0.0.1", 80, True),
        ("10.0.0.0/8", "127.0.0.1", 80, False),
        ("127.0.0.1", "127.0.0.1", 1234, True),
        ("127.0.0.1", "127.0.0.2", 1234, False),
        ("127.0.0.1:8801", "127.0.0.1", 8801, True),
        ("127.0.0.1:8801", "127.0.0.1", 8802, False),
        (" [::1]:8801 ", "::1", 8801, True),
        ("[::1]:8801", "::1", 8802, False),
        ("[::1]", "::1", 1, True),
        ("fe80::/10", "fe80::1%eth0", 80, True),
        ("64:ff9b:1::/48", "64:ff9b:1::7f00:1", 80, True),
        ("::ffff:10.0.0.1", "::ffff:10.0.0.1", 80, True),
        ("::/0", "10.0.0.1", 80, False),
    ],
)
def test_an_opening_admits_what_it_names(
    text: str, address: str, port: int, *, admitted: bool
) -> None:
    assert (refusal(address, port, (parse_opening(text),)) is None) == admitted


@pytest.mark.parametrize(
    "text", ["10.0.0.0/8", "127.0.0.1/32", "127.0.0.1:8801", "[::1]:8801", "fc00::/7"]
)
def test_an_opening_reads_back_as_written(text: str) -> None:
    assert str(parse_opening(text)) == text
    assert parse_opening(str(parse_opening(text))) == parse_opening(text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "give a network"),
        ("localhost:80", "give a network"),
        ("10.0.0.1/8", "has host bits set"),
        ("[::1", "give a network"),
        ("[::1]x", "give a network"),
        ("127.0.0.1:", "not a port"),
        ("127.0.0.1:0", "not a port"),
        ("127.0.0.1:65536", "not a port"),
        ("127.0.0.1:" + "9" * 5000, "not a port"),
        ("127.0.0.1:٨٠", "not a port"),
        ("10.0.0.0/8:80", "not with a network"),
        ("fe80::1%eth0", "names an interface"),
    ],
)
def test_an_opening_that_cannot_be_read_says_so(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        parse_opening(text)


@pytest.mark.parametrize("host", [*map(in_url, CLOSED), *SPELLINGS, "[fe80::1%25eth0]"])
async def test_a_literal_is_refused(host: str) -> None:
    async with Fetcher(settings()) as fetcher:
        with pytest.raises(RefusedAddressError, match=r"fetch\.allow_networks"):
            await fetcher.get(f"http://{host}/", limit=100)


@pytest.mark.parametrize("host", [*map(in_url, CLOSED), *SPELLINGS])
async def test_a_literal_behind_a_redirect_is_refused(host: str) -> None:
    async with raw_web(feed=redirect(f"http://{host}:1/")) as web:
        async with Fetcher(settings(to_itself(web))) as fetcher:
            with pytest.raises(RefusedAddressError):
                await fetcher.get(web.url("/feed"), limit=100)
        assert len(web.requests) == 1


class Names:
    """Answers look-ups, one list of addresses after the other; the last one stays."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)

    def getaddrinfo(self, _: object, port: int, *__: object) -> list[tuple[object, ...]]:
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [
            (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (each, port, 0, 0))
            if ":" in each
            else (socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port))
            for each in answer
        ]


@pytest.mark.parametrize("address", CLOSED)
async def test_a_name_is_refused(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", Names([address]).getaddrinfo)
    async with Fetcher(settings()) as fetcher:
        with pytest.raises(RefusedAddressError, match=r"inside\.example: .* is .*allow_networks"):
            await fetcher.get("http://inside.example/", limit=100)


@pytest.mark.parametrize(
    "addresses", [["::1", "127.0.0.1"], ["127.0.0.1", "10.0.0.1"], ["::1", "fc00::1", "10.0.0.1"]]
)
async def test_a_name_with_several_inner_addresses_is_refused(
    addresses: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", Names(addresses).getaddrinfo)
    async with Fetcher(settings()) as fetcher:
        with pytest.raises(RefusedAddressError, match=r"inside\.example"):
            await fetcher.get("https://inside.example/", limit=100)


async def test_of_several_addresses_the_open_one_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", Names(["::1", "127.0.0.1"]).getaddrinfo)
    async with raw_web(feed=reply()) as web, Fetcher(settings(to_itself(web))) as fetcher:
        got = await fetcher.get(web.url("/feed", "mixed.example"), limit=100)
    assert isinstance(got, Fetched)


async def test_a_name_that_changes_its_mind_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", Names(["127.0.0.1"], ["127.0.0.2"]).getaddrinfo)
    async with raw_web(inner=reply()) as inner:
        there = redirect(inner.url("/inner", "rebind.example"))
        async with raw_web(feed=there) as outer, Fetcher(settings(to_itself(outer))) as fetcher:
            with pytest.raises(RefusedAddressError, match=r"127\.0\.0\.2 is loopback"):
                await fetcher.get(outer.url("/feed", "rebind.example"), limit=100)
        assert not inner.requests


async def test_localhost_is_refused_and_can_be_opened() -> None:
    async with raw_web(feed=reply()) as web:
        async with Fetcher(settings()) as fetcher:
            with pytest.raises(RefusedAddressError, match="localhost"):
                await fetcher.get(web.url("/feed", "localhost"), limit=100)
        async with Fetcher(settings(to_itself(web))) as fetcher:
            await fetcher.get(web.url("/feed", "localhost"), limit=100)
        assert len(web.requests) == 1


@pytest.mark.parametrize(
    ("host", "openings"),
    [
        ("127.0.0.1", ["127.0.0.1:9777"]),
        ("[::1]", ["[::1]:9777"]),
        ("[fe80::1%25eth0]", ["[fe80::1]:9777"]),
        ("[::ffff:a00:1]", ["[::ffff:a00:1]:9777"]),
        ("127.1", ["127.0.0.1:9777"]),
        ("two.example", ["10.0.0.1:9777", "[fc00::1]:9777"]),
        ("many.example", ["10.0.0.1:9777", "10.0.0.2:9777", "10.0.0.3:9777"]),
    ],
)
@pytest.mark.parametrize("proxied", [False, True])
async def test_a_refusal_gives_the_value_that_opens(
    host: str, openings: list[str], monkeypatch: pytest.MonkeyPatch, *, proxied: bool
) -> None:
    if host.endswith(".example"):
        if proxied:
            pytest.skip("a proxy looks names up itself")
        several = (
            ["10.0.0.1", "fc00::1"] if "two" in host else [f"10.0.0.{n}" for n in (1, 2, 3, 4)]
        )
        monkeypatch.setattr(socket, "getaddrinfo", Names(several).getaddrinfo)
    proxy = "http://127.0.0.1:9/" if proxied else None
    async with Fetcher(settings(proxy=proxy)) as fetcher:
        with pytest.raises(RefusedAddressError) as refused:
            await fetcher.get(f"http://{host}:9777/", limit=100)
    in_file, in_environment = (
        str(refused.value)
        .split("set fetch.allow_networks = ")[1]
        .split(" or AGGREGATOR_FETCH__ALLOW_NETWORKS=")
    )
    assert sorted(json.loads(in_file)) == sorted(openings)
    assert in_environment.split(",") == json.loads(in_file)
    for opening in openings:
        address, port = opening.rsplit(":", 1)
        assert refusal(address.strip("[]"), int(port), (parse_opening(opening),)) is None


async def test_an_opened_port_opens_no_other() -> None:
    async with raw_web(a=reply()) as one, raw_web(b=reply()) as other:
        async with Fetcher(settings(to_itself(one))) as fetcher:
            await fetcher.get(one.url("/a"), limit=100)
            with pytest.raises(RefusedAddressError):
                await fetcher.get(other.url("/b"), limit=100)
        assert not other.requests


async def test_a_proxy_is_reached_wherever_it_stands() -> None:
    async with raw_web() as proxy:
        proxy.answers["http://news.example/feed"] = reply()
        async with Fetcher(settings(proxy=proxy.url())) as fetcher:
            got = await fetcher.get("http://news.example/feed", limit=100)
        assert isinstance(got, Fetched)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "10.0.0.1", "[::ffff:10.0.0.1]", "localhost", "a.LOCALHOST.", *SPELLINGS]
)
async def test_a_proxy_is_not_asked_for_inner_addresses(host: str) -> None:
    async with raw_web() as proxy:
        async with Fetcher(settings(proxy=proxy.url())) as fetcher:
            with pytest.raises(RefusedAddressError):
                await fetcher.get(f"http://{host}/", limit=100)
        assert not proxy.requests


def test_openings_are_values() -> None:
    assert parse_opening("10.0.0.0/8") == Opening(parse_opening("10.0.0.0/8").network)
