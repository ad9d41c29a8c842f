import asyncio
import errno
import gc
import os
import pickle
import re
import resource
import signal
import subprocess
import sys
import time
import weakref
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from datetime import timedelta
from functools import partial
from pathlib import Path

import child_tasks
import pebble
import pytest

from aggregator.errors import ParseError, ShortageError, StatusError
from aggregator.intake import pool
from aggregator.intake.children import TOGETHER, Children
from aggregator.intake.parse import parse_feed
from aggregator.intake.pool import Pool, _answers, _failure, _opened

TESTS = Path(__file__).parents[1]
LONG = 60


@pytest.fixture
async def children() -> AsyncIterator[Children]:
    async with Children(2) as children:
        yield children


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def text_in(file: Path) -> str:
    return file.read_text() if file.exists() else ""


def deaf(pid: int, number: signal.Signals = signal.SIGTERM) -> bool:
    """Return whether a process hears no such signal."""
    (blocked,) = re.findall(r"SigBlk:\t(\w+)", Path(f"/proc/{pid}/status").read_text())
    return bool(int(blocked, 16) >> (number - 1) & 1)


async def test_what_ends_a_whole_group_of_processes_ends_no_parser(children: Children) -> None:
    parser, server = await children.run(os.getpid), await children.run(os.getppid)
    assert os.getpgid(parser) == parser
    assert (deaf(server), deaf(parser)) == (True, False)
    assert deaf(server, signal.SIGINT), "as it is imported, too"
    os.kill(server, signal.SIGTERM)
    assert await children.run(os.getppid) == server


async def appeared(mark: Path) -> str:
    for _ in range(200):
        if text := text_in(mark):
            return text
        await asyncio.sleep(0.05)
    pytest.fail(f"{mark} never appeared")


async def gone(pid: int) -> bool:
    for _ in range(40):
        if not alive(pid):
            return True
        await asyncio.sleep(0.05)
    return False


def test_nothing_is_loaded_from_the_folder_that_we_are_started_in(tmp_path: Path) -> None:
    for name in ("http.py", "json.py", "lxml.py"):
        (tmp_path / name).write_text("open('loaded', 'w').write(__name__)")
    work = (
        "import asyncio, sys; sys.path[:] = [path for path in sys.path if path]\n"
        "from aggregator.intake.children import Children\n"
        "async def work():\n"
        "    async with Children(1) as children:\n"
        "        return await children.run(len, 'four')\n"
        "if __name__ == '__main__':\n"
        "    print(asyncio.run(work()))\n"
    )
    script = tmp_path / "scripts" / "work.py"
    script.parent.mkdir()
    script.write_text(work)
    said = subprocess.run(  # noqa: S603 - our own interpreter, our own code
        [sys.executable, str(script)], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert said.stdout == "4\n"
    assert not (tmp_path / "loaded").exists()


STOPPED = """
import asyncio
from aggregator.intake.children import Children
async def work():
    for _ in range(3):
        async with Children(12) as children:
            await children.run(len, "four")
if __name__ == "__main__":
    asyncio.run(work())
"""
CUT_OFF = """
import time
from multiprocessing import forkserver
from aggregator.intake.lifetime import start_fork_server
if __name__ == "__main__":
    start_fork_server()
    kept = forkserver.connect_to_new_process([])
    time.sleep(0.5)
"""


@pytest.mark.parametrize("program", [STOPPED, CUT_OFF], ids=["stopped", "cut off"])
def test_children_that_are_just_starting_end_in_silence(tmp_path: Path, program: str) -> None:
    script = tmp_path / "work.py"
    script.write_text(program)
    said = subprocess.run(  # noqa: S603 - our own interpreter, our own code
        [sys.executable, str(script)], capture_output=True, text=True, check=True
    )
    assert said.stderr == ""


def test_what_else_a_child_is_surprised_by_is_told() -> None:
    said = subprocess.run(
        [sys.executable, "-c", "import aggregator.intake.orphaned; 1 / 0"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.stderr.splitlines()[-1] == "ZeroDivisionError: division by zero"


async def test_a_function_runs_elsewhere_and_answers(children: Children) -> None:
    pid, total = await children.run(child_tasks.total, 1, last=2)
    assert total == 3
    assert pid != os.getpid()


async def test_nothing_starts_before_the_first_call() -> None:
    async with Children() as children:
        assert children._pool is None


async def test_errors_of_ours_come_back_as_themselves(children: Children) -> None:
    with pytest.raises(ParseError, match=r"^an HTML page$") as raised:
        await children.run(child_tasks.refuse, "an HTML page")
    assert "child_tasks.py" in str(raised.value.__cause__)


@pytest.mark.parametrize(
    ("task", "reason"),
    [
        (child_tasks.fail, "parser failed (RuntimeError: two lines)"),
        (child_tasks.allocate, "parser ran out of memory"),
        (child_tasks.recurse, "parser ran out of stack: nested too deeply"),
        (child_tasks.crash, "parser crashed (SIGSEGV)"),
        (child_tasks.leave, "parser crashed (exit status 3)"),
        (child_tasks.unpicklable, "parser failed (AttributeError: "),
        (child_tasks.unreadable, "parser gave an answer that cannot be read"),
    ],
)
async def test_any_other_end_is_a_parse_error_and_the_next_call_works(
    children: Children, task: Callable[[], object], reason: str
) -> None:
    with pytest.raises(ParseError) as raised:
        await children.run(task)
    # Who dies at once may take the way with it on which its end would be told.
    died = task in {child_tasks.crash, child_tasks.leave}
    assert str(raised.value).startswith((reason, "parser lost: ") if died else reason)
    assert "\n" not in str(raised.value)
    assert raised.value.__cause__ is not None
    assert (await children.run(child_tasks.total, 1))[1] == 1


async def test_a_hung_call_ends_at_the_wall_and_holds_up_nobody() -> None:
    async with Children(2, wall=timedelta(seconds=0.5)) as children:
        hung = asyncio.create_task(children.run(time.sleep, LONG))
        others = await asyncio.gather(*(children.run(child_tasks.total, n) for n in range(10)))
        assert [total for _, total in others] == list(range(10))
        with pytest.raises(ParseError, match=r"^parser stopped after 0\.5 s$"):
            await hung


async def test_strangers_leave_room_to_pages_and_pages_to_those_who_are_known() -> None:
    async with Children(3, wall=timedelta(seconds=LONG)) as children:
        with children.strangers(), children.large():
            hung = [asyncio.create_task(children.run(time.sleep, LONG)) for _ in range(3)]
        with children.pages():
            assert (await children.run(child_tasks.total, 1))[1] == 1
        with children.large():
            hung += [asyncio.create_task(children.run(time.sleep, LONG)) for _ in range(3)]
        for number in range(3):
            assert (await children.run(child_tasks.total, number))[1] == number
        assert not any(task.done() for task in hung)
        for task in hung:
            task.cancel()
        await asyncio.gather(*hung, return_exceptions=True)


async def test_a_spinning_call_ends_at_its_processor_time() -> None:
    async with Children(1, cpu=timedelta(seconds=0.1), wall=timedelta(seconds=LONG)) as children:
        with pytest.raises(ParseError, match=r"used more than 0\.1 s of processor time"):
            await children.run(child_tasks.spin)


async def test_processor_time_is_counted_by_the_call() -> None:
    async with Children(1, cpu=timedelta(seconds=1)) as children:
        for _ in range(3):
            await children.run(child_tasks.work, 0.5)


async def test_a_document_that_fails_is_kept_by_nobody(children: Children) -> None:
    document = child_tasks.Document("x")
    kept = weakref.ref(document)
    gc.disable()
    try:
        with suppress(ParseError):
            await children.run(child_tasks.refuse, document)
        del document
        assert kept() is None
    finally:
        gc.enable()


async def test_what_a_large_document_took_is_given_back() -> None:
    async with Children(1) as children:
        document = b"x" * 600_000
        during = await children.run(child_tasks.entangle, document)
        assert await children.run(child_tasks.resident) < during - 50 * len(document)


async def test_a_cancelled_call_gives_its_place_back() -> None:
    async with Children(1) as children:
        await children.run(os.getpid)
        call = asyncio.create_task(children.run(time.sleep, LONG))
        await asyncio.sleep(0.1)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert await children.run(os.getpid)


async def test_a_pool_that_broke_is_replaced(children: Children) -> None:
    first = await children.run(os.getpid)
    assert children._pool is not None
    channel = children._pool._pool._pool_manager.worker_manager.pool_channel
    assert channel is not None
    channel.close()  # type: ignore[no-untyped-call] # pebble leaves it untyped
    with pytest.raises(ParseError, match="parser lost"):
        await children.run(os.getpid)
    assert await children.run(os.getpid) != first


async def test_a_pool_that_stopped_is_replaced(children: Children) -> None:
    await children.run(os.getpid)
    assert children._pool is not None
    children._pool._pool.close()  # type: ignore[no-untyped-call] # pebble leaves it untyped
    with pytest.raises(ParseError, match="parser lost"):
        await children.run(os.getpid)
    assert await children.run(os.getpid)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (BrokenProcessPool(), "no process to be had"),
        (PermissionError(errno.EACCES, "Permission denied"), "Permission denied; .* /dev/shm"),
    ],
)
async def test_without_processes_or_locks_there_is_a_line(
    monkeypatch: pytest.MonkeyPatch, error: Exception, reason: str
) -> None:
    def broken(**_: object) -> None:
        raise error

    monkeypatch.setattr(pebble, "ProcessPool", broken)
    async with Children(1) as children:
        with pytest.raises(ShortageError, match=f"parser could not be started: {reason}"):
            await children.run(os.getpid)


async def test_children_too_small_to_live_are_a_parse_error() -> None:
    async with Children(1, memory=1 << 20, wall=timedelta(seconds=2)) as children:
        with pytest.raises(ParseError, match="parser"):
            await children.run(os.getpid)


async def test_the_largest_feed_fits_in_what_a_child_may_take(children: Children) -> None:
    assert await children.run(resource.getrlimit, resource.RLIMIT_AS) == (448 << 20, 448 << 20)
    item = (
        f"<item><title>Wind \U0001f600</title><description>{'wind ' * 99_000}</description></item>"
    )
    body = f"<rss version='2.0'><channel>&oops;<title>T</title>{item * 20}</channel></rss>".encode()
    assert len(body) > 9_900_000
    feed = await children.run(parse_feed, body, "application/rss+xml", "https://a.example/")
    assert len(feed.entries) == 1


async def test_workers_are_renewed() -> None:
    async with Children(1, tasks_per_worker=2) as children:
        pids = {await children.run(os.getpid) for _ in range(6)}
    assert len(pids) >= 3


async def test_a_busy_child_is_gone_when_the_pool_is_closed(tmp_path: Path) -> None:
    async with Children(1) as children:
        pid = await children.run(os.getpid)
        call = asyncio.create_task(children.run(child_tasks.mark_and_spin, tmp_path / "up"))
        await appeared(tmp_path / "up")
    with pytest.raises(ParseError, match="parser lost"):
        await call
    assert await gone(pid)


@pytest.mark.parametrize("busy", [(), ("busy",)], ids=["all-stopped", "server-stopped-too"])
async def test_whoever_is_stopped_does_not_outlive_a_killed_parent(
    tmp_path: Path, busy: Sequence[str]
) -> None:
    stopped, *others = marks = [tmp_path / name for name in ("stopped", *busy)]
    parent = await asyncio.create_subprocess_exec(
        sys.executable, str(TESTS / "child_tasks.py"), *map(str, marks)
    )
    child, server = map(int, (await appeared(stopped)).split())
    for mark in others:
        await appeared(mark)
        os.kill(server, signal.SIGSTOP)
    parent.kill()
    await parent.wait()
    assert await gone(child)
    assert await gone(server)


def test_an_answer_is_the_same_in_process() -> None:
    works = [partial(child_tasks.total, 1, last=2), child_tasks.fail]
    total, failed = _answers([pickle.dumps(work) for work in works], LONG)
    assert _opened(total) == (os.getpid(), 3)
    with pytest.raises(ParseError, match="two lines"):
        _opened(failed)


async def test_a_child_has_work_again_before_its_answer_is_opened(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    events = []
    schedule = Pool._scheduled

    def opened(answer: bytes) -> object:
        events.append("opened")
        return _opened(answer)

    async def scheduled(given: Pool, calls: Sequence[bytes]) -> Sequence[bytes]:
        events.append("given")
        return await schedule(given, calls)

    monkeypatch.setattr(pool, "_opened", opened)
    monkeypatch.setattr(Pool, "_scheduled", scheduled)
    async with Children(1) as children:
        await asyncio.gather(*(children.run(os.getpid) for _ in range(2)))
    assert events == ["given", "given", "opened", "opened"]


@pytest.fixture
def groups(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many calls were given to a child at a time."""
    seen: list[int] = []
    schedule = Pool._scheduled

    async def scheduled(given: Pool, calls: Sequence[bytes]) -> Sequence[bytes]:
        seen.append(len(calls))
        return await schedule(given, calls)

    monkeypatch.setattr(Pool, "_scheduled", scheduled)
    return seen


async def test_of_those_that_wait_a_child_is_given_some_at_once(groups: list[int]) -> None:
    async with Children(1) as children:
        calls = [
            children.run_together(child_tasks.total, number) for number in range(2 * TOGETHER + 2)
        ]
        answers = await asyncio.gather(*calls)
    assert [total for _, total in answers] == list(range(2 * TOGETHER + 2))
    assert groups == [TOGETHER, TOGETHER, 2]


async def test_those_who_leave_children_free_share_no_turn_with_those_who_do_not(
    groups: list[int],
) -> None:
    async with Children(1) as children:
        with children.strangers():
            calls = [asyncio.create_task(children.run_together(os.getpid)) for _ in range(2)]
        calls += [asyncio.create_task(children.run_together(os.getpid)) for _ in range(2)]
        await asyncio.gather(*calls)
    assert sorted(groups) == [2, 2]


@pytest.mark.parametrize(
    ("task", "reason"),
    [
        (partial(child_tasks.refuse, "an HTML page"), "^an HTML page$"),
        (child_tasks.fail, "two lines"),
        (child_tasks.crash, "parser (crashed|lost)"),
        (partial(time.sleep, LONG), "parser stopped after 1 s"),
        (child_tasks.unreadable, "cannot be read"),
    ],
    ids=["refused", "failed", "crashed", "hung", "unreadable"],
)
async def test_who_fails_among_others_fails_alone(task: Callable[[], object], reason: str) -> None:
    async with Children(1, wall=timedelta(seconds=1)) as children:
        calls = [children.run_together(child_tasks.total, number) for number in range(3)]
        failing = children.run_together(task)
        *totals, error = await asyncio.gather(*calls, failing, return_exceptions=True)
        again = await children.run_together(child_tasks.total, 7)
    assert [answer[1] for answer in totals if isinstance(answer, tuple)] == [0, 1, 2]
    assert isinstance(error, ParseError)
    assert re.search(reason, str(error))
    assert again[1] == 7


async def test_who_fails_by_himself_is_not_tried_again(groups: list[int]) -> None:
    async with Children(1) as children:
        with pytest.raises(ParseError, match=r"parser (crashed|lost)"):
            await children.run_together(child_tasks.crash)
    assert groups == [1]


@pytest.mark.parametrize("given_up", [0, 1, 2])
async def test_who_gives_up_takes_no_answer_from_others(given_up: int) -> None:
    async with Children(1) as children:
        await children.run(os.getpid)
        calls = [
            asyncio.create_task(children.run_together(child_tasks.slow_total, number))
            for number in range(3)
        ]
        await asyncio.sleep(0.05)
        calls[given_up].cancel()
        answers = await asyncio.gather(*calls, return_exceptions=True)
    left = [answer[1] for answer in answers if isinstance(answer, tuple)]
    assert left == [number for number in range(3) if number != given_up]
    assert isinstance(answers[given_up], asyncio.CancelledError)


async def test_once_all_are_stopped_nobody_starts_them_again() -> None:
    async with Children(1) as children:
        await children.run(os.getpid)
    for run in (children.run, children.run_together):
        with pytest.raises(ParseError, match="all were stopped"):
            await run(os.getpid)


def test_each_failure_has_its_line() -> None:
    ours = StatusError("gone", 410)
    assert _failure(ours) is ours
    assert str(_failure(MemoryError())) == "parser ran out of memory"
    assert str(_failure(RecursionError())).startswith("parser ran out of stack")


async def test_a_temporary_folder_too_far_down_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aggregator.intake.pool.gettempdir", lambda: "/deep" * 20)
    async with Children() as children:
        with pytest.raises(ShortageError, match="set TMPDIR to a shorter path"):
            await children.run(len, "")
