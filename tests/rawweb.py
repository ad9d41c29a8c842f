"""A server that says exactly the bytes it is told to, and remembers what it was asked."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field

Talk = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True)
class Request:
    method: str
    target: str
    headers: dict[str, str]


@dataclass
class RawWeb:
    """What each path says; "*" stands for all others, which else are not found."""

    port: int = 0
    answers: dict[str, bytes | Talk] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError), closing(writer):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("utf-8", "surrogateescape")
                first, *lines = head.rstrip("\r\n").split("\r\n")
                method, target, _ = first.split(" ", 2)
                headers = dict(line.split(": ", 1) for line in lines)
                named = {name.lower(): value for name, value in headers.items()}
                self.requests.append(Request(method, target, named))
                await self._say(target, writer)

    async def _say(self, target: str, writer: asyncio.StreamWriter) -> None:
        answer = self.answers.get(target) or self.answers.get("*") or NOT_FOUND
        if callable(answer):
            await answer(writer)
            raise ConnectionAbortedError
        writer.write(answer)
        await writer.drain()


@asynccontextmanager
async def raw_web(**answers: bytes | Talk) -> AsyncIterator[RawWeb]:
    web = RawWeb(answers={f"/{path}": answer for path, answer in answers.items()})
    talks: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(web.talk(reader, writer))
        talks.add(task)
        task.add_done_callback(talks.discard)

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    web.port = server.sockets[0].getsockname()[1]
    try:
        yield web
    finally:
        server.close()
        for task in list(talks):
            task.cancel()
        await asyncio.gather(*talks, return_exceptions=True)


def reply(body: bytes = b"<rss/>", status: str = "200 OK", **headers: str) -> bytes:
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    head = "\r\n".join([f"HTTP/1.1 {status}", *lines, f"Content-Length: {len(body)}"])
    return head.encode() + b"\r\n\r\n" + body


def redirect(to: str, status: str = "302 Found") -> bytes:
    return reply(b"", status, Location=to)


NOT_FOUND = reply(b"", "404 Not Found")
