"""What a hostile server may say: bombs, bad HTTP, what never ends, ways to where it must not lead.

What hostile documents say stands in hostile_documents.py; `attacks` has it all.
"""

import gzip
import zlib
from collections.abc import Iterator

from hostile_documents import (
    ITEMS,
    MIB,
    RSS,
    Answer,
    Canaries,
    documents,
    endless,
    item,
    reply,
    rss,
    texts,
)


def attacks(canaries: Canaries) -> dict[str, Answer]:
    """Return every attack by its name."""
    return dict(
        [
            *documents(canaries),
            *texts(canaries),
            *bombs(),
            *protocols(),
            *slow(),
            *redirects(canaries),
            *links(canaries),
        ]
    )


def bombs() -> Iterator[tuple[str, Answer]]:
    """Yield bodies that are small on the wire and large when they are read."""
    zeros = bytes(200 * MIB)
    packed = {
        "gzip": gzip.compress(zeros),
        "deflate": zlib.compress(zeros),
        "raw": zlib.compress(zeros)[2:-4],
    }
    for name, body in packed.items():
        coding = "gzip" if name == "gzip" else "deflate"
        yield f"bomb-{name}", reply(body, RSS, "200 OK", f"Content-Encoding: {coding}")
    twice = gzip.compress(packed["gzip"])
    yield "bomb-stacked", reply(twice, RSS, "200 OK", "Content-Encoding: gzip, gzip")
    yield "bomb-unannounced", reply(packed["gzip"])
    yield "bomb-hidden", reply(twice, RSS, "200 OK", "Content-Encoding: gzip")
    yield "bomb-ten", reply(twice, RSS, "200 OK", "Content-Encoding: " + ", ".join(["gzip"] * 10))
    yield (
        "bomb-members",
        reply(gzip.compress(b"") * 200_000, RSS, "200 OK", "Content-Encoding: gzip"),
    )
    for coding in ("br", "zstd", "compress", "aes128gcm"):
        yield (
            f"coding-{coding}",
            reply(b"\x28\xb5\x2f\xfd" * 9, RSS, "200 OK", f"Content-Encoding: {coding}"),
        )


def protocols() -> Iterator[tuple[str, Answer]]:
    """Yield answers that are no good HTTP."""
    body = rss(ITEMS.format("a"))
    yield "http-09", body
    yield "tls", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x5a" * 500
    yield "nothing", b""
    yield "status-words", b"HTTP/1.1 fine OK\r\n\r\n" + body
    yield "status-000", b"HTTP/1.1 000 Nil\r\n\r\n" + body
    yield "status-999", reply(body, RSS, "999 Beyond")
    yield "status-long", b"HTTP/1.1 200 " + b"x" * 5_000_000 + b"\r\n\r\n" + body
    yield "status-huge", b"HTTP/1.1 " + b"2" * 100_000 + b" OK\r\n\r\n"
    yield "version-9", b"HTTP/9.9 200 OK\r\nContent-Length: 3\r\n\r\nabc"
    yield "204", b"HTTP/1.1 204 No Content\r\n\r\n"
    yield "206", reply(body, RSS, "206 Partial Content", "Content-Range: bytes 0-9/99")
    yield "101", b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n" + body
    yield "100-flood", b"HTTP/1.1 100 Continue\r\n\r\n" * 200_000 + reply(body)
    yield "103-flood", b"HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n" * 100_000 + reply(body)
    yield "length-long", reply(body).replace(b"Content-Length: ", b"Content-Length: 9")
    yield "length-short", reply(body).replace(str(len(body)).encode(), b"10")
    yield "length-huge", reply(body).replace(b"Content-Length: ", b"Content-Length: " + b"9" * 40)
    yield "length-minus", reply(body).replace(b"Content-Length: ", b"Content-Length: -")
    yield "length-twice", reply(body, RSS, "200 OK", "Content-Length: 5")
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    yield "chunk-garbage", chunked + b"zz\r\nabc\r\n"
    yield "chunk-minus", chunked + b"-5\r\nabc\r\n"
    yield "chunk-huge", chunked + b"f" * 100 + b"\r\nabc\r\n"
    yield "chunk-extension", chunked + b"1;" + b"x" * 5_000_000 + b"\r\na\r\n0\r\n\r\n"
    yield "chunk-tiny", chunked + b"1\r\nx\r\n" * 500_000 + b"0\r\n\r\n"
    yield "trailers", chunked + b"0\r\n" + b"X: y\r\n" * 300_000 + b"\r\n"
    yield "headers-many", reply(body, RSS, "200 OK", *(f"X-{n}: y" for n in range(100_000)))
    yield "header-long", reply(body, RSS, "200 OK", "X: " + "y" * 9_000_000)
    yield "cookies", reply(body, RSS, "200 OK", *(f"Set-Cookie: c{n}=v" for n in range(50_000)))
    yield "header-nul", reply(body, RSS, "200 OK", "X: a\0b")
    yield "header-folded", reply(body, RSS, "200 OK", "X: a", " folded" * 1000)
    yield (
        "validators",
        reply(body, RSS, "200 OK", 'ETag: "' + "e" * 60_000 + '"', "Last-Modified: \xff\xfe"),
    )
    yield "retry-after", reply(b"", RSS, "503 Busy", "Retry-After: " + "9" * 4000)
    yield "cache-for-ever", reply(body, RSS, "200 OK", "Cache-Control: max-age=" + "9" * 4000)
    hub = "Link: <http://127.0.0.1:1/hub>; rel=hub, <http://169.254.169.254/>; rel=self"
    yield "hub-inside", reply(body, RSS, "200 OK", hub)
    yield (
        "links-many",
        reply(
            body, RSS, "200 OK", *(f"Link: <http://h{n}.example/>; rel=hub" for n in range(5000))
        ),
    )


def slow() -> Iterator[tuple[str, Answer]]:
    """Yield answers that take for ever."""
    ever = 10_000
    yield "drip-body", endless(b" ", ever, 1)
    yield "drip-head", endless(b"X", ever, 1, b"HTTP/1.1 200 OK\r\n")
    yield "drip-headers", endless(b"X: y\r\n", ever, 0.5, b"HTTP/1.1 200 OK\r\n")
    yield "drip-status", endless(b"H", ever, 1, b"H")
    yield (
        "drip-chunks",
        endless(b"1\r\nx\r\n", ever, 0.5, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
    )
    yield "silence", endless(b"", ever, 1, b"\r")
    yield "endless-body", endless(b"<item>" * 1000, ever)
    yield "endless-head", endless(b"X-A: y\r\n" * 1000, ever, 0, b"HTTP/1.1 200 OK\r\n")
    yield "endless-100", endless(b"HTTP/1.1 100 Continue\r\n\r\n" * 100, ever, 0.01, b"\r\n")


def inner(canaries: Canaries) -> Iterator[tuple[str, str]]:
    """Yield spellings of addresses that are ours to guard."""
    port = canaries.port
    for name, host in {
        "plain": "127.0.0.1",
        "decimal": "2130706433",
        "hex": "0x7f000001",
        "hex-dots": "0x7f.0x0.0x0.0x1",
        "octal": "0177.0.0.01",
        "short": "127.1",
        "zero": "0",
        "zeros": "0.0.0.0",  # noqa: S104 - nothing is bound to it
        "dot": "127.0.0.1.",
        "name": "localhost",
        "name-dot": "LOCALHOST.",
        "name-below": "a.localhost",
        "idn-dots": "127\u30020\uff0e0\uff611",
        "idn-digits": "\u2460\u2461\u2466.0.0.1",
        "v6": "[::1]",
        "v6-any": "[::]",
        "v6-long": "[0:0:0:0:0:0:0:1]",
        "v6-mapped": "[::ffff:127.0.0.1]",
        "v6-mapped-hex": "[::ffff:7f00:1]",
        "v6-compatible": "[::127.0.0.1]",
        "v6-zone": "[::1%25lo]",
        "v6-nat64": "[64:ff9b::127.0.0.1]",
        "v6-6to4": "[2002:7f00:1::]",
        "userinfo": "news.example@127.0.0.1",
        "backslash": "127.0.0.1\\@news.example",
    }.items():
        yield name, f"http://{host}:{port}/canary"
    yield "metadata", "http://169.254.169.254/latest/meta-data/"
    yield "private", "http://10.0.0.1/"
    yield "port", f"{canaries.base.rpartition(':')[0]}:22/"
    yield "file", f"file://{canaries.file}"
    yield "gopher", f"gopher://127.0.0.1:{port}/1canary"
    yield "data", "data:text/xml,<rss/>"
    yield "unc", "//127.0.0.1/share"


def redirects(canaries: Canaries) -> Iterator[tuple[str, Answer]]:
    """Yield redirects that lead round, for ever, or to where they must not."""
    yield "round", reply(b"", RSS, "302 Found", "Location: /round")
    yield "nowhere", reply(b"", RSS, "302 Found")
    yield "location-long", reply(b"", RSS, "302 Found", "Location: /" + "x" * 60_000)
    for name, address in inner(canaries):
        raw = address.encode().decode("latin-1")
        yield f"to-{name}", reply(b"", RSS, "302 Found", f"Location: {raw}")


def links(canaries: Canaries) -> Iterator[tuple[str, Answer]]:
    """Yield feeds whose entries lead to pages that must not be asked for."""
    places = list(inner(canaries))
    some = "".join(item(f"Link {name}", address) for name, address in places)
    yield "links-inside", reply(rss(some))
    pages = ("rss-comments", "bare-tags-deep", "bomb-gzip", "drip-body", "header-long", "round")
    bad = "".join(item(f"Page {name}", f"{canaries.base}/{name}") for name in pages)
    yield "pages-hostile", reply(rss(bad))
