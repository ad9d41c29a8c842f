import asyncio
import errno
import gzip
import random
import socket
import ssl
import struct
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rawweb import RawWeb, Talk, raw_web, redirect, reply

from aggregator.errors import (
    FetchError,
    GoneError,
    RefusedAddressError,
    StatusError,
    TooLargeError,
)
from aggregator.intake import wire
from aggregator.intake.answers import retry_after
from aggregator.intake.decode import Decoder
from aggregator.intake.fetch import Fetched, Fetcher, NotModified, Validators
from aggregator.intake.trust import trusting
from aggregator.intake.wire import Wire, _system_fault
from aggregator.settings import FetchSettings
from aggregator.stories.addresses import parse_opening

CERTIFICATE = Path(__file__).parents[1] / "golden" / "tls" / "self-signed.pem"
OPENINGS = (parse_opening("127.0.0.1"),)
SETTINGS = FetchSettings(
    allow_networks=OPENINGS, host_gap=timedelta(), timeout=timedelta(seconds=10)
)
IMPATIENT = SETTINGS.model_copy(update={"timeout": timedelta(seconds=0.1)})


@pytest.fixture
async def web() -> AsyncIterator[RawWeb]:
    async with raw_web() as web:
        yield web


@pytest.fixture
async def fetcher() -> AsyncIterator[Fetcher]:
    async with Fetcher(SETTINGS) as fetcher:
        yield fetcher


@asynccontextmanager
async def tls_server() -> AsyncIterator[str]:
    """Yield the address of a server whose certificate vouches for itself, as `localhost`."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(CERTIFICATE)
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", ssl=context)
    async with server:
        yield f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/"


async def fetched(fetcher: Fetcher, url: str, validators: Validators | None = None) -> Fetched:
    got = await fetcher.get(url, limit=100_000, validators=validators or Validators())
    assert isinstance(got, Fetched)
    return got


async def failure(fetcher: Fetcher, url: str, *, limit: int = 100_000) -> FetchError:
    with pytest.raises(FetchError) as caught:
        await fetcher.get(url, limit=limit)
    text = str(caught.value)
    assert text
    assert text.isprintable()
    assert len(text) < 160
    return caught.value


async def test_a_body_comes_with_what_was_said_of_it(web: RawWeb, fetcher: Fetcher) -> None:
    web.answers["/feed?a=1"] = reply(
        b"<rss/>", ETag='"v1"', Last_Modified="yesterday, more or less", Content_Type="text/xml"
    )
    got = await fetched(fetcher, web.url("/feed?a=1#top"))
    assert got.url == web.url("/feed?a=1")
    assert got.body == b"<rss/>"
    assert got.content_type == "text/xml"
    assert got.validators == Validators('"v1"', "yesterday, more or less")
    assert got.moved_to is None
    assert got.headers["content-length"] == "6"


async def test_repeated_headers_are_joined(web: RawWeb, fetcher: Fetcher) -> None:
    web.answers["/"] = b"HTTP/1.1 200 OK\r\nVary: a\r\nVARY: b\r\nContent-Length: 1\r\n\r\n<"
    got = await fetched(fetcher, web.url())
    assert got.headers["vary"] == "a, b"
    assert got.content_type == ""


async def test_we_say_who_we_are_and_nothing_else(web: RawWeb) -> None:
    web.answers["/"] = redirect("/there").replace(b"302 Found", b"302 Found\r\nSet-Cookie: a=1")
    web.answers["/there"] = reply()
    known = SETTINGS.model_copy(update={"user_agent": "news/1", "contact": "https://n.example"})
    async with Fetcher(known) as fetcher:
        await fetcher.get(web.url(), limit=100, accept="text/html")
    last = web.requests[-1]
    assert last.headers == {
        "host": f"127.0.0.1:{web.port}",
        "user-agent": "news/1 (+https://n.example)",
        "accept-encoding": "gzip, deflate",
        "accept": "text/html",
    }
    async with Fetcher(SETTINGS) as fetcher:
        await fetcher.get(web.url(), limit=100)
    assert web.requests[-1].headers["user-agent"] == SETTINGS.user_agent


@pytest.mark.parametrize(
    "etag", ['"plain"', 'W/"weak"', "bare", '"a,b"', '"späße"', "''", '"' + "x" * 900 + '"']
)
async def test_validators_go_back_to_the_byte(etag: str, web: RawWeb, fetcher: Fetcher) -> None:
    web.answers["/"] = reply(ETag=etag, Last_Modified="Thu, 01 Jan 1970 00:00:00 GMT")
    got = await fetched(fetcher, web.url())
    web.answers["/"] = b"HTTP/1.1 304 Not Modified\r\n\r\n"
    again = await fetcher.get(web.url(), limit=100, validators=got.validators)
    assert again == NotModified(web.url(), got.validators, None, {})
    assert web.requests[-1].headers["if-none-match"] == etag
    assert web.requests[-1].headers["if-modified-since"] == "Thu, 01 Jan 1970 00:00:00 GMT"


@pytest.mark.parametrize("unfit", [b'"\xff"', b'"\x01"', b"\x7f", b"a\x1fb", b"x" * 9000])
async def test_a_validator_that_cannot_go_back_counts_as_none(
    unfit: bytes, web: RawWeb, fetcher: Fetcher
) -> None:
    answer = b"HTTP/1.1 200 OK\r\nETag: %s\r\nLast-Modified: %s\r\nContent-Length: 1\r\n\r\n<"
    web.answers["/"] = answer % (unfit, unfit)
    assert (await fetched(fetcher, web.url())).validators == Validators()


@pytest.mark.parametrize("unfit", ["\x01", "\x0b", "\x7f", "\x85", "\n", "\ud800", "x" * 9000])
async def test_a_stored_validator_that_cannot_be_sent_is_left_out(
    unfit: str, web: RawWeb, fetcher: Fetcher
) -> None:
    stored = Validators(etag=f'"{unfit}"', last_modified="Thu, 01 Jan 1970 00:00:00 GMT")
    web.answers["/"] = reply()
    await fetcher.get(web.url(), limit=100, validators=stored)
    sent = web.requests[-1].headers
    assert "if-none-match" not in sent
    assert sent["if-modified-since"] == stored.last_modified


async def test_a_304_may_bring_new_validators(web: RawWeb, fetcher: Fetcher) -> None:
    web.answers["/"] = b'HTTP/1.1 304 Not Modified\r\nETag: "b"\r\nAge: 5\r\n\r\n'
    sent = Validators('"a"', "then")
    got = await fetcher.get(web.url(), limit=100, validators=sent)
    assert got == NotModified(web.url(), Validators('"b"', "then"), None, got.headers)
    assert got.headers == {"etag": '"b"', "age": "5"}


async def test_a_304_that_nobody_asked_for_is_an_error(web: RawWeb, fetcher: Fetcher) -> None:
    web.answers["/"] = b"HTTP/1.1 304 Not Modified\r\n\r\n"
    assert str(await failure(fetcher, web.url())) == "HTTP 304 Not Modified"


@pytest.mark.parametrize(
    ("status", "line"),
    [
        ("404 Nope", "HTTP 404 Not Found"),
        ("500 \x1b[31m", "HTTP 500 Internal Server Error"),
        ("204 x", "HTTP 204 No Content"),
        ("206 x", "HTTP 206 Partial Content"),
        ("599 Whatever", "HTTP 599"),
        ("300 Choose", "HTTP 300 Multiple Choices"),
    ],
)
async def test_other_statuses_are_errors(
    status: str, line: str, web: RawWeb, fetcher: Fetcher
) -> None:
    web.answers["/"] = reply(b"", status)
    error = await failure(fetcher, web.url())
    assert type(error) is StatusError
    assert str(error) == line
    assert error.status == int(line.split()[1])
    assert error.retry_after is None


async def test_gone_is_gone(web: RawWeb, fetcher: Fetcher) -> None:
    web.answers["/"] = reply(b"", "410 Gone")
    assert isinstance(await failure(fetcher, web.url()), GoneError)


async def test_a_pause_is_passed_on(web: RawWeb, fetcher: Fetcher) -> None:
    web.answers["/"] = reply(b"", "429 Slow down", Retry_After="120")
    error = await failure(fetcher, web.url())
    assert isinstance(error, StatusError)
    assert error.retry_after == 120


@pytest.mark.parametrize(
    ("stated", "pause"),
    [
        ("0", 0),
        (" 17 ", 17),
        ("9" * 5000, 366 * 86_400),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 37),
        ("Sunday, 06-Nov-94 08:49:37 GMT", 37),
        ("Sun, 06 Nov 1994 08:49:37 -0000", 37),
        ("Sun, 06 Nov 1994 07:00:00 GMT", 0),
        ("Sun, 06 Nov 9994 07:00:00 GMT", 366 * 86_400),
        ("-5", None),
        ("1.5", None),
        ("٣", None),
        ("soon", None),
        ("", None),
    ],
)
def test_both_forms_of_a_pause_are_read(stated: str, pause: float | None) -> None:
    date = "Sun, 06 Nov 1994 08:49:00 GMT"
    assert retry_after({"retry-after": stated, "date": date}) == pause


def test_without_their_clock_ours_is_asked() -> None:
    until = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    pause = retry_after({"retry-after": until})
    assert pause is not None
    assert 3500 < pause <= 3600
    assert retry_after({}) is None


@given(st.text(), st.text())
def test_a_pause_is_never_an_accident(stated: str, date: str) -> None:
    pause = retry_after({"retry-after": stated, "date": date})
    assert pause is None or 0 <= pause <= 366 * 86_400


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("location", ["/b", "b", "?b", "//127.0.0.1:{port}/b", "HTTP:b"])
async def test_redirects_are_followed(
    status: int, location: str, web: RawWeb, fetcher: Fetcher
) -> None:
    web.answers["/a?x"] = redirect(location.format(port=web.port), f"{status} Go")
    web.answers["/b"] = web.answers["/a?b"] = reply()
    got = await fetched(fetcher, web.url("/a?x"), Validators('"v"'))
    assert got.url in {web.url("/b"), web.url("/a?b")}
    assert got.moved_to == (got.url if status in {301, 308} else None)
    assert web.requests[-1].headers["if-none-match"] == '"v"'


async def test_a_move_lasts_only_where_every_step_does(web: RawWeb, fetcher: Fetcher) -> None:
    web.answers["/a"] = redirect("/b", "301 Moved")
    web.answers["/b"] = redirect("/c#part", "308 Moved")
    web.answers["/c"] = reply()
    assert (await fetched(fetcher, web.url("/a"))).moved_to == web.url("/c")
    web.answers["/b"] = redirect("/c", "307 For now")
    got = await fetched(fetcher, web.url("/a"))
    assert (got.url, got.moved_to) == (web.url("/c"), None)


async def test_an_unchanged_feed_may_have_moved(web: RawWeb, fetcher: Fetcher) -> None:
    web.answers["/a"] = redirect("/b", "301 Moved")
    web.answers["/b"] = b"HTTP/1.1 304 Not Modified\r\n\r\n"
    got = await fetcher.get(web.url("/a"), limit=100, validators=Validators('"v"'))
    assert isinstance(got, NotModified)
    assert got.moved_to == web.url("/b")


@pytest.mark.parametrize(("hops", "arrives"), [(10, True), (11, False)])
async def test_ten_redirects_are_enough(
    hops: int, web: RawWeb, fetcher: Fetcher, *, arrives: bool
) -> None:
    for hop in range(hops):
        web.answers[f"/{hop}"] = redirect(f"/{hop + 1}")
    web.answers[f"/{hops}"] = reply()
    if arrives:
        assert (await fetched(fetcher, web.url("/0"))).url == web.url("/10")
    else:
        assert "more than 10 redirects" in str(await failure(fetcher, web.url("/0")))
        assert len(web.requests) == 11


@pytest.mark.parametrize(
    ("location", "says"),
    [
        ("/a", "circle"),
        ("#part", "circle"),
        ("", "no Location"),
        ("file:///etc/passwd", "not http or https"),
        ("ftp://127.0.0.1/", "not http or https"),
        ("javascript:alert(1)", "not http or https"),
        ("data:text/xml,<rss/>", "not http or https"),
        ("http://[bad", "unusable address"),
        ("http://127.0.0.1:99999/", "unusable address"),
        ("http://a.example\\@127.0.0.1/", "unusable address"),
        ("http://" + "a" * 64 + ".example/", "unusable address"),
    ],
)
async def test_a_redirect_that_leads_nowhere_is_an_error(
    location: str, says: str, web: RawWeb, fetcher: Fetcher
) -> None:
    web.answers["/a"] = redirect(location)
    assert says in str(await failure(fetcher, web.url("/a")))
    assert len(web.requests) == 1


async def test_a_redirect_without_location_is_an_error(web: RawWeb, fetcher: Fetcher) -> None:
    web.answers["/a"] = reply(b"", "301 Moved")
    assert "HTTP 301" in str(await failure(fetcher, web.url("/a")))


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("", "not http or https"),
        ("feed.xml", "not http or https"),
        ("/feed", "not http or https"),
        ("file:///etc/passwd", "not http or https"),
        ("mailto:a@b.example", "not http or https"),
        ("http://", "not http or https"),
        ("http://[::1", "unusable address"),
        ("http://h.example:x/", "unusable address"),
        ("http://a..b/", "unusable address"),
        ("http://" + "a" * 70 + "/", "unusable address"),
        ("http://a b/", "name does not resolve: a b"),
        ("http://nothing.invalid/", "name does not resolve: nothing.invalid"),
        ("http://ü:ł@127.0.0.1/", "unusable address"),
    ],
)
async def test_an_address_that_cannot_be_fetched_is_an_error(
    url: str, says: str, fetcher: Fetcher
) -> None:
    assert says in str(await failure(fetcher, url))


async def test_credentials_stay_with_their_origin(web: RawWeb, fetcher: Fetcher) -> None:
    web.answers["/a"] = redirect("/b", "301 Moved")
    async with raw_web(c=redirect(f"http://evil:word@127.0.0.1:{web.port}/d")) as other:
        web.answers["/b"] = redirect(other.url("/c"))
        web.answers["/d"] = reply()
        got = await fetched(fetcher, f"http://me:secret@127.0.0.1:{web.port}/a")
        said = {request.target: request.headers.get("authorization") for request in web.requests}
        assert said == {"/a": "Basic bWU6c2VjcmV0", "/b": "Basic bWU6c2VjcmV0", "/d": None}
        assert "authorization" not in other.requests[0].headers
        assert got.url == web.url("/d")


async def test_a_moved_feed_keeps_its_credentials_out_of_sight(
    web: RawWeb, fetcher: Fetcher
) -> None:
    web.answers["/a"] = redirect(web.url("/b"), "301 Moved")
    web.answers["/b"] = reply()
    got = await fetched(fetcher, f"http://me:secret@127.0.0.1:{web.port}/a")
    assert got.url == web.url("/b")
    assert got.moved_to == f"http://me:secret@127.0.0.1:{web.port}/b"


async def test_a_body_is_inflated_beside_the_loop_but_for_its_beginning(
    web: RawWeb, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_loop = []

    class Observed(Decoder):
        def go_on(self) -> bool:
            in_loop.append(threading.current_thread() is threading.main_thread())
            return super().go_on()

    monkeypatch.setattr(wire, "Decoder", Observed)
    web.answers["/"] = reply(gzip.compress(b" " * 500_000), Content_Encoding="gzip")
    got = await fetcher.get(web.url(), limit=1_000_000)
    assert isinstance(got, Fetched)
    assert got.body == b" " * 500_000
    assert in_loop == [True] + [False] * (len(in_loop) - 1)
    assert len(in_loop) > 1


async def test_compressed_bodies_are_unpacked(web: RawWeb, fetcher: Fetcher) -> None:
    web.answers["/"] = reply(gzip.compress(b"<rss/>"), Content_Encoding="gzip")
    web.answers["/plain"] = reply(gzip.compress(b"<rss/>"))
    assert (await fetched(fetcher, web.url())).body == b"<rss/>"
    assert (await fetched(fetcher, web.url("/plain"))).body == b"<rss/>"
    web.answers["/"] = reply(b"\x0b\x02\x80", Content_Encoding="br")
    assert "unknown content encoding 'br'" in str(await failure(fetcher, web.url()))


@pytest.mark.parametrize(
    "answer",
    [
        reply(b"x" * 101),
        reply(gzip.compress(bytes(10_000_000)), Content_Encoding="gzip"),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"32\r\n" + b"x" * 50 + b"\r\n"
        b"33\r\n" + b"x" * 51 + b"\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999\r\n\r\n",
    ],
    ids=["sent", "bomb", "chunked", "announced"],
)
async def test_no_body_is_longer_than_its_cap(answer: bytes, web: RawWeb, fetcher: Fetcher) -> None:
    web.answers["/"] = answer
    assert isinstance(await failure(fetcher, web.url(), limit=100), TooLargeError)


async def test_an_empty_body_is_an_error(web: RawWeb, fetcher: Fetcher) -> None:
    web.answers["/"] = reply(b"")
    assert str(await failure(fetcher, web.url())) == "empty body"


def saying(*pieces: bytes, pause: float = 0, hang: bool = False) -> Talk:
    async def talk(writer: asyncio.StreamWriter) -> None:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)
        if hang:
            await asyncio.Event().wait()

    return talk


HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"


@pytest.mark.parametrize(
    "talk",
    [
        saying(hang=True),
        saying(b"HTTP/1.1 200", hang=True),
        saying(HEAD, hang=True),
        saying(HEAD, *[b"x"] * 1000, pause=0.005),
        saying(b"HTTP/1.1 200 OK\r\n", *[b"X-Y: z\r\n"] * 1000, pause=0.005),
        saying(*[b"HTTP/1.1 100 Continue\r\n\r\n"] * 1000, pause=0.005),
    ],
    ids=["silent", "half a line", "no body", "drips", "drips headers", "goes on and on"],
)
async def test_who_is_slow_meets_the_deadline(talk: Talk, web: RawWeb) -> None:
    web.answers["/"] = talk
    async with Fetcher(IMPATIENT) as fetcher:
        error = await failure(fetcher, web.url())
    assert str(error) == "no answer within 0.1 s"
    assert isinstance(error.__cause__, TimeoutError)


def delayed(answer: bytes, pause: float) -> Talk:
    async def talk(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(pause)
        writer.write(answer)
        await writer.drain()

    return talk


async def test_there_is_one_deadline_over_all_steps(web: RawWeb) -> None:
    for hop in range(9):
        web.answers[f"/{hop}"] = delayed(redirect(f"/{hop + 1}"), 0.1)
    hasty = SETTINGS.model_copy(update={"timeout": timedelta(seconds=0.6)})
    async with Fetcher(hasty) as fetcher:
        assert "no answer within" in str(await failure(fetcher, web.url("/0")))
    assert 1 < len(web.requests) < 9


async def test_our_own_politeness_does_not_count(web: RawWeb) -> None:
    for hop in range(8):
        web.answers[f"/{hop}"] = redirect(f"/{hop + 1}")
    web.answers["/8"] = reply()
    polite = SETTINGS.model_copy(
        update={"timeout": timedelta(seconds=1), "host_gap": timedelta(seconds=0.15)}
    )
    async with Fetcher(polite) as fetcher:
        assert (await fetched(fetcher, web.url("/0"))).url == web.url("/8")


async def test_one_host_is_asked_one_thing_at_a_time(web: RawWeb, fetcher: Fetcher) -> None:
    at_once = most = 0

    async def talk(writer: asyncio.StreamWriter) -> None:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0.01)
        at_once -= 1
        writer.write(reply())
        await writer.drain()

    web.answers["*"] = talk
    await asyncio.gather(*(fetched(fetcher, web.url(f"/{number}")) for number in range(5)))
    assert most == 1


async def test_cancelling_is_not_an_error_of_theirs(web: RawWeb, fetcher: Fetcher) -> None:
    web.answers["/"] = saying(hang=True)
    task = asyncio.create_task(fetched(fetcher, web.url()))
    await asyncio.sleep(0.02)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize(
    ("talk", "says"),
    [
        (saying(), "hung up without an answer"),
        (saying(HEAD, b"<rss"), "body broke off"),
        (saying(b"SSH-2.0-OpenSSH_9\r\n\r\n"), "not HTTP"),
        (saying(b"HTTP/1.1 OK\r\n\r\n"), "not HTTP"),
        (saying(b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n"), "not HTTP"),
        (saying(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n"), "not HTTP"),
        (saying(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 100_000 + b"\r\n"), "not HTTP"),
        (saying(b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"), "not HTTP"),
        (saying(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), ""),
        (saying(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nzz\r\n"), ""),
        (saying(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"), "HTTP 101"),
    ],
)
async def test_rubbish_is_named(talk: Talk, says: str, web: RawWeb, fetcher: Fetcher) -> None:
    web.answers["/"] = talk
    if says:
        assert says in str(await failure(fetcher, web.url()))
    else:
        await any_answer(fetcher, web.url())


async def any_answer(fetcher: Fetcher, url: str) -> None:
    with suppress(FetchError):
        await fetcher.get(url, limit=1000)


SEEDS = (
    reply(b"<rss/>" * 20, ETag='"a"', Content_Type="text/xml; charset=utf-8"),
    reply(gzip.compress(b"<rss/>" * 20), Content_Encoding="gzip"),
    redirect("http://127.0.0.1:1/feed"),
    reply(b"", "503 Busy", Retry_After="Sun, 06 Nov 1994 08:49:37 GMT"),
    (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nSet-Cookie: a=b; Max-Age=1\r\n\r\n"
        b"5\r\n<rss>\r\n6;x=y\r\n</rss>\r\n0\r\nX: trailer\r\n\r\n"
    ),
)
POISON = (
    b"\0",
    b"\r\n",
    b"\xff\xfe",
    b":",
    b"-1",
    b"9" * 30,
    b"%",
    b"\r\n\r\n",
    b"[",
    b" ",
    b"\x1f",
)


def spoiled(dice: random.Random) -> bytes:
    answer = bytearray(dice.choice(SEEDS))
    for _ in range(dice.randint(1, 4)):
        at = dice.randrange(len(answer) + 1)
        answer[at : at + dice.choice((0, 0, 1, 5))] = dice.choice(POISON)
    return bytes(answer[: dice.choice((len(answer), dice.randrange(len(answer) + 1)))])


@pytest.mark.parametrize("seed", range(8))
async def test_nothing_that_a_server_says_raises_anything_else(seed: int, web: RawWeb) -> None:
    dice = random.Random(seed)
    async with Fetcher(SETTINGS) as fetcher:
        for _ in range(60):
            web.answers["*"] = saying(spoiled(dice))
            await any_answer(fetcher, web.url())


@pytest.mark.parametrize("times", [20, 5000])
async def test_interim_answers_may_come_but_no_flood_of_them(
    times: int, web: RawWeb, fetcher: Fetcher
) -> None:
    web.answers["/feed"] = b"HTTP/1.1 103 Early Hints\r\n\r\n" * times + reply(b"<rss/>")
    if times == 20:
        assert isinstance(await fetcher.get(web.url("/feed"), limit=100), Fetched)
    else:
        with pytest.raises(FetchError):
            await fetcher.get(web.url("/feed"), limit=100)


async def test_a_closed_port_is_named(fetcher: Fetcher) -> None:
    async with raw_web() as web:
        url = web.url()
    assert str(await failure(fetcher, url)) == "connection refused"


async def test_a_reset_is_named(web: RawWeb, fetcher: Fetcher) -> None:
    async def reset(writer: asyncio.StreamWriter) -> None:
        at_once = struct.pack("ii", 1, 0)
        line = writer.get_extra_info("socket")
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
        writer.transport.abort()
        await asyncio.sleep(0)

    web.answers["/"] = reset
    assert str(await failure(fetcher, web.url())) == "connection reset by peer"


async def test_a_certificate_that_nobody_vouches_for_is_refused(fetcher: Fetcher) -> None:
    async with tls_server() as address:
        assert str(await failure(fetcher, address)) == "TLS: self-signed certificate"


async def test_the_authorities_of_the_system_vouch_for_servers(
    fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    trusting.cache_clear()
    async with tls_server() as address:
        error = str(await failure(fetcher, address))
    trusting.cache_clear()
    # Vouched for, but under another name.
    assert error.startswith("TLS: ip address mismatch"), error


async def test_authorities_are_read_only_for_tls(web: RawWeb, fetcher: Fetcher) -> None:
    trusting.cache_clear()
    web.answers["/"] = reply()
    await fetcher.get(web.url(), limit=100)
    assert not trusting.cache_info().currsize


async def test_a_server_that_speaks_no_tls_is_named(fetcher: Fetcher) -> None:
    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example ready\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1")
    port = server.sockets[0].getsockname()[1]
    assert str(await failure(fetcher, f"https://127.0.0.1:{port}/")).startswith("TLS: ")
    server.close()


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (BrokenPipeError(errno.EPIPE, "x"), "broken pipe"),
        (
            OSError(errno.ENETUNREACH, "Connect call failed ('192.0.2.1', 80)"),
            "network is unreachable",
        ),
        (TimeoutError(errno.ETIMEDOUT, "x"), "connection timed out"),
        (OSError("Multiple exceptions:\n\x1b[31m one, two"), "Multiple exceptions: [31m one, two"),
        (OSError(), "OSError"),
        (ssl.SSLError(), "TLS: handshake failed"),
    ],
)
def test_what_the_system_says_becomes_one_line(error: Exception, line: str) -> None:
    assert _system_fault(error) == line


async def test_of_two_faults_the_refusal_is_told(
    fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    def both(_: object, port: int, *__: object) -> list[tuple[object, ...]]:
        inner = (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("::1", port, 0, 0))
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port)), inner]

    async with raw_web() as web:
        url = web.url("/", "both.example")
    monkeypatch.setattr(socket, "getaddrinfo", both)
    error = await failure(fetcher, url)
    assert isinstance(error, RefusedAddressError)
    assert "::1 is loopback" in str(error)


def through(proxy: RawWeb) -> FetchSettings:
    return FetchSettings(host_gap=timedelta(), proxy=f"http://me:word@127.0.0.1:{proxy.port}")


async def test_a_proxy_is_asked_with_its_own_credentials(web: RawWeb) -> None:
    web.answers["http://news.example/feed"] = reply()
    async with Fetcher(through(web)) as fetcher:
        assert (await fetched(fetcher, "http://news.example/feed")).body == b"<rss/>"
    assert web.requests[0].headers["proxy-authorization"] == "Basic bWU6d29yZA=="
    assert "authorization" not in web.requests[0].headers


async def test_a_proxy_that_refuses_is_named(web: RawWeb) -> None:
    web.answers["news.example:443"] = reply(b"", "403 No")
    async with Fetcher(through(web)) as fetcher:
        assert str(await failure(fetcher, "https://news.example/")) == "proxy: HTTP 403"


async def test_a_proxy_that_is_not_there_is_named() -> None:
    async with raw_web() as web:
        settings = through(web)
    async with Fetcher(settings) as fetcher:
        error = await failure(fetcher, "http://news.example/")
    assert str(error) == "proxy: connection refused"


async def test_the_environment_names_a_proxy_only_where_it_is_trusted(
    web: RawWeb, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with raw_web() as proxy:
        proxy.answers["*"] = reply(b"by proxy")
        web.answers["*"] = reply(b"direct")
        monkeypatch.setenv("http_proxy", proxy.url())
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        async with Fetcher(SETTINGS) as fetcher:
            assert (await fetched(fetcher, web.url())).body == b"direct"
            with pytest.raises(RefusedAddressError):
                await fetcher.get("http://10.0.0.1/", limit=100)
        trusting = SETTINGS.model_copy(update={"trust_env": True})
        async with Fetcher(trusting) as fetcher:
            assert (await fetched(fetcher, "http://news.example/")).body == b"by proxy"
            assert (await fetched(fetcher, web.url())).body == b"direct"
        assert len(proxy.requests) == 1


async def test_a_body_grows_in_steps_so_that_one_that_waits_takes_little_memory() -> None:
    steps: list[int] = []

    async def grown(size: int) -> None:
        steps.append(size)

    async with raw_web(large=reply(b"x" * 2_000_000)) as web, Wire(SETTINGS) as wire:
        answer = await wire.ask(web.url("/large"), {}, 2_000_000, grown=grown)
    assert len(answer.body) == sum(steps) == 2_000_000
    assert max(steps) <= 1 << 16
