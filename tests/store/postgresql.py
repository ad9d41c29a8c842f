"""A throw-away PostgreSQL server on a Unix socket, and databases on it."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

USER = "postgres"
_LOG = "log"


@dataclass(frozen=True, slots=True)
class Server:
    """A server, by the URL of a database on it that we may connect to."""

    url: str

    @contextmanager
    def database(self, options: str = "") -> Iterator[str]:
        """Yield the URL of a new and empty database, made with these options of SQL."""
        name = f"aggregator_{uuid4().hex}"
        run_alone(self.url, f"CREATE DATABASE {name} {options}")
        try:
            yield make_url(self.url).set(database=name).render_as_string(hide_password=False)
        finally:
            run_alone(self.url, f"DROP DATABASE {name} WITH (FORCE)")

    def answers(self) -> bool:
        """Return whether the server takes connections yet."""
        try:
            run_alone(self.url, "SELECT 1")
        except OperationalError:
            return False
        return True


def binaries() -> Path | None:
    """Return the folder with the server's programs, the newest version's; None without one."""
    versions = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = max(versions, key=lambda path: int(path.parts[-3]), default=None)
    found = newest or shutil.which("initdb")
    return Path(found).resolve().parent if found else None


def run_alone(url: str, *statements: str) -> None:
    """Run statements on a connection of their own, each a transaction."""
    engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))


@contextmanager
def running_server() -> Iterator[Server]:
    """Yield a server that lives in a folder of its own and ends with the block."""
    programs = binaries()
    assert programs is not None
    # Not pytest's folder: a socket's path may have no more than 107 bytes.
    folder = Path(tempfile.mkdtemp(prefix="aggregator-pg-"))
    try:
        if os.getuid() == 0:
            shutil.chown(folder, USER, USER)
        cluster = folder / "cluster"
        _run(programs / "initdb", "-D", cluster, "-U", USER, "-A", "trust", "-E", "UTF8", "-N")
        with _started(programs, cluster, folder) as process:
            server = Server(f"postgresql+psycopg://{USER}@/postgres?host={folder}")
            while not server.answers():
                assert process.poll() is None, (folder / _LOG).read_text()
            yield server
    finally:
        shutil.rmtree(folder)


@contextmanager
def _started(programs: Path, cluster: Path, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": folder,
        "fsync": "off",
        "shared_buffers": "32MB",
    }
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    with (folder / _LOG).open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - the words are ours
            _command(programs / "postgres", "-D", cluster, *options), stderr=log, cwd=folder
        )
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def _run(*words: str | Path) -> None:
    command = _command(*words)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/")  # noqa: S603 - ours


def _command(*words: str | Path) -> list[str]:
    """Return the command as someone may run it whom PostgreSQL accepts: not as root."""
    command = [str(word) for word in words]
    if os.getuid() != 0:
        return command
    return ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", *command]
