"""The program in processes of its own, forked from one that has imported it already.

To start an interpreter and import everything takes the better part of a second,
and the tests start the program a hundred times. What a process reads as it starts
(its locale, `PYTHON…` in its environment) is the first one's: where that matters,
start `python -m aggregator`.
"""

import atexit
import gc
import json
import os
import select
import selectors
import signal
import socket
import subprocess
import sys
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import IO, NamedTuple, Self

from aggregator.cli.commands import MODULES

MOST_BYTES = 1 << 16
# What is imported only when there is work for it.
VERBS = ["aggregator.read", "aggregator.place", "aggregator.publish"]
PARTS = [f"aggregator.cli.{module}" for module in MODULES]


class Forked:
    """What tests need of `subprocess.Popen`, for a process that is not our own child.

    It leads a session of its own.
    """

    def __init__(
        self, words: Iterable[object], environment: Mapping[str, str], folder: Path | None = None
    ) -> None:
        out, err, status = os.pipe(), os.pipe(), os.pipe()
        order = json.dumps([[*map(str, words)], dict(environment), str(folder or Path.cwd())])
        theirs = [out[1], err[1], status[1]]
        socket.send_fds(_zygote(), [order.encode()], theirs)
        for descriptor in theirs:
            os.close(descriptor)
        self.stdout: IO[str] = os.fdopen(out[0], encoding="utf-8")
        self.stderr: IO[str] = os.fdopen(err[0], encoding="utf-8")
        self._status: IO[str] = os.fdopen(status[0])
        self.pid = int(self._status.readline())
        self.returncode: int | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None:
            self.kill()
        self.wait()
        for stream in (self.stdout, self.stderr, self._status):
            stream.close()

    def poll(self) -> int | None:
        if self.returncode is None and select.select([self._status], [], [], 0)[0]:
            self.wait()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        if self.returncode is None:
            if not select.select([self._status], [], [], timeout)[0]:
                raise TimeoutError
            self.returncode = int(self._status.readline())
        return self.returncode

    def send_signal(self, number: signal.Signals) -> None:
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """Return all that it says; a process that takes longer is killed."""
        with ThreadPoolExecutor() as readers:
            out, err = (readers.submit(stream.read) for stream in (self.stdout, self.stderr))
            try:
                self.wait(timeout)
            finally:
                self.kill()
            return out.result(), err.result()


@cache
def _zygote() -> socket.socket:
    """Start the process that all others come from; it ends with us."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    process = subprocess.Popen(  # noqa: S603 - ourselves
        [sys.executable, "-P", __file__, str(theirs.fileno())],
        env={"PATH": os.environ["PATH"]},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,  # Python looks once what its streams are, and theirs are pipes
        stderr=subprocess.PIPE,
        pass_fds=[theirs.fileno()],
        start_new_session=True,
    )
    theirs.close()
    atexit.register(process.wait)
    atexit.register(ours.close)
    return ours


class _Order(NamedTuple):
    words: list[str]
    environment: dict[str, str]
    folder: str


class _Child(NamedTuple):
    pid: int
    ending: int
    status: int

    def report(self) -> None:
        """Tell whoever ordered it how it ended."""
        _, code = os.waitpid(self.pid, 0)
        with suppress(BrokenPipeError):
            os.write(self.status, f"{os.waitstatus_to_exitcode(code)}\n".encode())
        self.close()

    def close(self) -> None:
        os.close(self.ending)
        os.close(self.status)


def _serve(orders: socket.socket) -> _Order:
    """Return in each child, with what it is to do; the zygote itself never comes back."""
    selector = selectors.PollSelector()
    selector.register(orders, selectors.EVENT_READ)
    children: set[_Child] = set()
    while True:
        for key, _ in selector.select():
            if isinstance(key.data, _Child):
                selector.unregister(key.fileobj)
                children.remove(key.data)
                key.data.report()
                continue
            order, streams = _received(orders)
            pid = os.fork()
            if pid == 0:
                orders.close()
                for sibling in children:
                    sibling.close()
                return _settled(order, streams)
            *streams, status = streams
            for descriptor in streams:
                os.close(descriptor)
            os.write(status, f"{pid}\n".encode())
            child = _Child(pid, os.pidfd_open(pid), status)
            children.add(child)
            selector.register(child.ending, selectors.EVENT_READ, child)


def _received(orders: socket.socket) -> tuple[_Order, list[int]]:
    order, descriptors, *_ = socket.recv_fds(orders, MOST_BYTES, 3)
    if not order:
        sys.exit()
    return _Order(*json.loads(order)), descriptors


def _settled(order: _Order, descriptors: list[int]) -> _Order:
    os.setsid()
    out, err, status = descriptors
    os.dup2(out, sys.stdout.fileno())
    os.dup2(err, sys.stderr.fileno())
    for descriptor in (out, err, status):
        os.close(descriptor)
    os.chdir(order.folder)
    os.environ.clear()
    os.environ.update(order.environment)
    sys.argv = ["aggregator", *order.words]
    return order


def _main(descriptor: int) -> None:
    program = import_module("aggregator.__main__")
    for module in (*VERBS, "alembic.command", *PARTS):
        import_module(module)
    gc.freeze()
    _serve(socket.socket(fileno=descriptor))
    sys.modules["__main__"] = program
    program.main()


if __name__ == "__main__":
    _main(int(sys.argv[1]))
