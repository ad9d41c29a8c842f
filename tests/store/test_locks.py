"""Locks among processes: held by one, waited for or refused, ended with their holder."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import text
from store.conftest import ALONE
from store.postgresql import run_alone

from aggregator.errors import RefusedError, StoreError
from aggregator.store.database import Store

HOLD = """
import sys
from aggregator.store.database import Store

with Store.open(sys.argv[1]) as store, store.lock("editor"):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def holder(url: str) -> Iterator[subprocess.Popen[str]]:
    """Yield another process that holds the lock `editor` until its input ends."""
    with subprocess.Popen(  # noqa: S603 - the words are ours
        [sys.executable, "-c", HOLD, url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process


def test_another_process_is_refused_until_the_holder_is_killed(url: str, store: Store) -> None:
    with holder(url) as process:
        with pytest.raises(RefusedError, match="another process holds"):
            store.lock("editor", wait=False).__enter__()
        with store.lock("publisher", wait=False):
            pass
        process.kill()
        process.wait()
        with store.lock("editor"):
            pass


def test_another_process_waits_until_the_holder_is_done(url: str, store: Store) -> None:
    waiting = Event()

    def take() -> bool:
        waiting.set()
        with store.lock("editor"):
            return holding.poll() is None

    with holder(url) as holding, ThreadPoolExecutor(1) as pool:
        found = pool.submit(take)
        waiting.wait()
        assert not found.done()
        holding.communicate()
        assert not found.result(30) or holding.returncode == 0


def test_a_lock_is_free_after_an_error(store: Store) -> None:
    def fail() -> None:
        with store.lock("editor"):
            raise ValueError

    for _ in range(2):
        with pytest.raises(ValueError):  # noqa: PT011 - it is the test's own
            fail()
    with store.lock("editor", wait=False):
        pass


def test_two_in_one_process_exclude_each_other(store: Store) -> None:
    with store.lock("editor"), pytest.raises(RefusedError):
        store.lock("editor", wait=False).__enter__()


def test_a_lock_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    with Store.open(f"sqlite:///{tmp_path / 'a.db'}") as store:
        (tmp_path / "a.db.editor.lock").mkdir()
        with pytest.raises(StoreError, match=r"cannot open .*editor\.lock: Is a directory"):
            store.lock("editor").__enter__()


@pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)
def test_a_lock_that_was_lost_is_told(store: Store) -> None:
    def lose() -> None:
        with store.lock("editor"):
            store.write_now(lambda session: session.execute(text(ALONE)))

    with pytest.raises(StoreError):
        lose()
    with store.lock("editor", wait=False):
        pass


@pytest.mark.parametrize("dialect", ["postgresql"])
def test_a_lock_lost_with_the_servers_connection_is_taken_again(url: str, store: Store) -> None:
    with store.hold("daemon") as renew:
        assert not renew()
        run_alone(url, ALONE)
        assert renew()
        assert not renew()
        with pytest.raises(RefusedError, match="another process holds"), store.hold("daemon"):
            pass
        run_alone(url, ALONE)
        with store.hold("daemon") as other:
            with pytest.raises(RefusedError, match="another process holds"):
                renew()
            assert not other()
        assert renew()
        run_alone(url, ALONE)
    with store.hold("daemon"):
        pass


def test_those_who_share_a_lock_keep_out_who_wants_it_alone(store: Store) -> None:
    with store.hold("leases", shared=True):
        with store.hold("leases", shared=True), pytest.raises(RefusedError):
            store.lock("leases", wait=False).__enter__()
        with pytest.raises(RefusedError):
            store.lock("leases", wait=False).__enter__()
    with store.lock("leases", wait=False):
        pass


@pytest.mark.parametrize("dialect", ["postgresql"])
def test_who_shared_a_lock_takes_it_again_once_nobody_has_it_alone(url: str, store: Store) -> None:
    with store.hold("leases", shared=True) as renew:
        run_alone(url, ALONE)
        # What was ended may hold its lock for a moment longer.
        with store.lock("leases"), pytest.raises(RefusedError):
            renew()
        assert renew()
        assert not renew()
        with pytest.raises(RefusedError):
            store.lock("leases", wait=False).__enter__()


def test_a_lock_on_a_file_is_never_lost(store: Store) -> None:
    with store.hold("daemon") as renew:
        assert not renew()
    with store.hold("daemon"):
        pass
