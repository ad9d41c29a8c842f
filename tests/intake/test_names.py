"""Look-ups: answered, failed, or still hanging when nobody waits any more."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from aggregator.intake import names
from aggregator.intake.names import Resolver


@pytest.fixture
def dead_name_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Let look-ups of names below `example` hang until the event is set; in the end it is."""
    answered, found = threading.Event(), socket.getaddrinfo

    def hang(host: str, *about: Any) -> Any:  # noqa: ANN401 - as the system's own
        if not host.endswith(".example"):
            return found(host, *about)
        answered.wait(30)
        message = "no name server answers"
        raise socket.gaierror(message)

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    yield answered
    answered.set()


async def test_a_name_stands_for_addresses() -> None:
    found = await Resolver().look_up("localhost", 8080, socket.AF_INET)
    assert found == [(socket.AF_INET, socket.IPPROTO_TCP, ("127.0.0.1", 8080))]


async def test_a_name_that_stands_for_nothing_fails() -> None:
    with pytest.raises(socket.gaierror):
        await Resolver().look_up("no-such-host.invalid", 80, socket.AF_INET)


async def test_a_name_that_is_none_fails() -> None:
    with pytest.raises(UnicodeError):
        await Resolver().look_up("a" * 70 + ".example", 80, socket.AF_INET)


async def test_names_that_nobody_answers_keep_others_waiting_for_a_moment_only(
    dead_name_server: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(names, "MOMENT_S", 0.01)
    resolver = Resolver(at_a_time=2, slow=3)

    def look_up(host: str) -> asyncio.Task[list[names.Found]]:
        return asyncio.create_task(resolver.look_up(host, 80, socket.AF_INET))

    silent = [look_up(f"{n}.example") for n in range(4)]
    async with asyncio.timeout(20):
        await look_up("localhost")
    silent += [look_up(f"{n}.example") for n in range(4, 8)]
    waiting = look_up("localhost")
    await asyncio.sleep(0.05)
    # Two that are quick and three that are slow: so many threads, and no more.
    assert [each.name for each in threading.enumerate()].count("look-up") == 5
    dead_name_server.set()
    ends = await asyncio.gather(*silent, return_exceptions=True)
    assert all(isinstance(end, socket.gaierror) for end in ends)
    assert await waiting
    again = [look_up("localhost") for _ in range(6)]
    assert all(await asyncio.gather(*again))


async def test_an_answer_that_nobody_waits_for_any_more_is_dropped(
    dead_name_server: threading.Event,
) -> None:
    hanging = asyncio.create_task(Resolver().look_up("late.example", 80, socket.AF_INET))
    await asyncio.sleep(0.01)
    hanging.cancel()
    with pytest.raises(asyncio.CancelledError):
        await hanging
    dead_name_server.set()
    for thread in [each for each in threading.enumerate() if each.name == "look-up"]:
        await asyncio.to_thread(thread.join)
    await asyncio.sleep(0)


def test_the_loop_ends_without_waiting_for_dead_name_servers(
    dead_name_server: threading.Event,
) -> None:
    async def ask_and_leave() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(Resolver().look_up("late.example", 80, socket.AF_INET), 0.01)

    asyncio.run(ask_and_leave())
    assert any(each.name == "look-up" for each in threading.enumerate())
    dead_name_server.set()
    for thread in [each for each in threading.enumerate() if each.name == "look-up"]:
        thread.join()


async def test_without_a_thread_to_be_had_the_name_does_not_resolve(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(_: threading.Thread) -> None:
        message = "can't start new thread"
        raise RuntimeError(message)

    resolver = Resolver(at_a_time=1)
    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", refuse)
        with pytest.raises(OSError, match="no thread"):
            await resolver.look_up("localhost", 80, socket.AF_INET)
    assert await resolver.look_up("localhost", 80, socket.AF_INET)
