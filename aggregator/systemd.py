"""What a service manager tells us and is told: systemd's side of the daemon.

Everything comes by environment variables (sd_notify(3), sd_watchdog_enabled(3),
sd_listen_fds(3)); where they are not set there is nobody to tell, and nothing happens.
"""

import os
import socket
from contextlib import suppress
from datetime import timedelta
from time import CLOCK_MONOTONIC, clock_gettime_ns

# The first descriptor that is handed over: SD_LISTEN_FDS_START.
_FIRST_HANDED = 3
_LONGEST_STATUS = 200


class ServiceManager:
    """Who started us, where that was a service manager; each method tells it something.

    What cannot be delivered is dropped: the manager's own time limits say what follows.
    """

    def __init__(self) -> None:
        self._address = os.environ.get("NOTIFY_SOCKET", "")
        self.watchdog = _watchdog()

    def ready(self, status: str) -> None:
        """Tell that we are at work, at first and after each reload."""
        self._tell("READY=1", _status(status))

    def reloading(self) -> None:
        """Tell that the configuration is read again; `ready` ends it."""
        # Both in one message (systemd 253), with the clock that cannot be set.
        now = clock_gettime_ns(CLOCK_MONOTONIC) // 1000
        self._tell("RELOADING=1", f"MONOTONIC_USEC={now}")

    def alive(self) -> None:
        """Feed the watchdog."""
        self._tell("WATCHDOG=1")

    def status(self, text: str) -> None:
        """Tell how things stand, in a line for `systemctl status`."""
        self._tell(_status(text))

    def stopping(self) -> None:
        """Tell that we are about to end."""
        self._tell("STOPPING=1", _status("ending: what runs is finished or left due"))

    def _tell(self, *assignments: str) -> None:
        if not self._address:
            return
        # "@" stands for the NUL byte of an abstract address.
        address = "\0" + self._address[1:] if self._address[0] == "@" else self._address
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as door:
            door.settimeout(0)
            door.sendto("\n".join(assignments).encode(), address)


def _status(text: str) -> str:
    """Return the assignment of a status, which is one line and not a long one."""
    return "STATUS=" + " ".join(text.split())[:_LONGEST_STATUS]


def _watchdog() -> timedelta | None:
    """Return how often we must show that we are alive, None where nobody watches us."""
    limit, pid = os.environ.get("WATCHDOG_USEC", ""), os.environ.get("WATCHDOG_PID", "")
    watched = limit.isdecimal() and int(limit) > 0 and pid in ("", str(os.getpid()))
    return timedelta(microseconds=int(limit)) if watched else None


def handed_socket() -> socket.socket | None:
    """Return the listening socket that a socket unit opened for us, None where there is none.

    It is ours alone: its children are not to find it.
    """
    count, pid = os.environ.get("LISTEN_FDS", ""), os.environ.get("LISTEN_PID", "")
    if count in ("", "0") or pid != str(os.getpid()):
        return None
    os.set_inheritable(_FIRST_HANDED, False)  # noqa: FBT003 - the only argument there is
    return socket.socket(fileno=_FIRST_HANDED)
