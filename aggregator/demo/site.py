"""Serves the sample newsroom on loopback, as its outlets' own servers would."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from email.message import Message
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import socket
from socketserver import BaseServer, TCPServer
from threading import Lock, Thread
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from aggregator.demo.answers import Answer, answer_get
from aggregator.demo.edition import Edition
from aggregator.demo.newsroom import Newsroom


class Site:
    """The newsroom's web: a port on 127.0.0.1 from the start, answers while entered.

    Everything served is a function of the newsroom, `now` and the port.
    Pieces in `hidden` are left out until `reveal` shows them. Safe to use
    from several threads.
    """

    def __init__(
        self, newsroom: Newsroom, *, now: datetime, port: int = 0, hidden: Iterable[str] = ()
    ) -> None:
        self._server = _Server(("127.0.0.1", port), partial(_Handler, self))
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._lock = Lock()
        self._requests: list[tuple[str, int]] = []
        now = now.astimezone(UTC).replace(microsecond=0)
        self.base_url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.edition = Edition(newsroom, now, self.base_url, frozenset(hidden))

    def __enter__(self) -> Self:
        """Begin to answer."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop answering and give the port back."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def feed_urls(self) -> dict[str, str]:
        """Return each outlet's feed address by the outlet's slug."""
        edition = self.edition
        return {outlet.slug: edition.feed_url(outlet) for outlet in edition.newsroom.outlets}

    @property
    def requests(self) -> tuple[tuple[str, int], ...]:
        """Return path and status of every request answered so far, in order."""
        with self._lock:
            return tuple(self._requests)

    def reveal(self, *piece_ids: str) -> None:
        """Show pieces that were hidden; the feeds that carry them change."""
        with self._lock:
            self.edition = self.edition.reveal(piece_ids)

    def answer(self, target: str, headers: Message) -> Answer:
        """Return the answer to a GET and record it."""
        path = urlsplit(target).path
        answer = answer_get(self.edition, path, headers)
        with self._lock:
            self._requests.append((path, answer.status))
        return answer


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def server_bind(self) -> None:
        # HTTPServer would look up its own name, which takes long without a network.
        TCPServer.server_bind(self)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 10  # seconds that a kept connection may be idle
    wbufsize = -1  # one write for head and body, or delayed acknowledgements cost 40 ms each

    def __init__(
        self, site: Site, request: socket, client: tuple[str, int], server: BaseServer
    ) -> None:
        self._site = site
        super().__init__(request, client, server)

    def handle(self) -> None:
        with suppress(ConnectionError):  # a client may leave whenever it likes
            super().handle()

    def do_GET(self) -> None:
        answer = self._site.answer(self.path, self.headers)
        self.send_response(answer.status)
        for name, text in answer.headers.items():
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, *_: object) -> None:
        """Say nothing; `Site.requests` remembers."""
