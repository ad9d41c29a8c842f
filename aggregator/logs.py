"""Logs: one event, one line on stderr; coloured on a terminal, JSON elsewhere.

Events are named `noun.past_participle`, facts are fields. What comes from
outside can neither break a line nor command a terminal nor be long, and
secrets are struck out.

structlog takes a tenth of a second to load, and most commands log nothing: it comes with
the first event that is to be written.
"""

import logging
import os
import re
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, TextIO, cast

if TYPE_CHECKING:
    from structlog.typing import EventDict, Processor, WrappedLogger

# Possessive where it can be: what is logged may have been written to be slow to search.
_SECRET_NAME = re.compile(
    r"password|passwd|passphrase|pwd|secret|token|credential|authorization|cookie|signature"
    r"|api[-_.]?key|^(?:key|auth|pass|sig)$",
    re.IGNORECASE,
)
_QUOTED = r"""'(?:[^'\\]|\\.)*+'|"(?:[^"\\]|\\.)*+\""""
_USERINFO = re.compile(r"(?<=://)[^\s/?#]*@")
# A parameter of an address, a keyword of a database, a field of a value's repr.
_ASSIGNED = re.compile(rf"(?<![\w.%-])([\w.%-]++)=({_QUOTED}|[^\s&]++)")
_MEMBER = re.compile(rf"""(["'])([\w.-]++)\1\s*+:\s*+(?:{_QUOTED})""")
_HEADER = re.compile(r"(authorization:\s*+(?:\w++\s++)?)\S++", re.IGNORECASE)
# Our own callbacks let in whoever knows their path.
_CALLBACK = re.compile(r"(/websub/\d++/)[\w-]++")
_STRUCK = "***"
# The journal cuts a line of more than 48 kB in two, and JSON takes up to twelve bytes for a
# character that is not ASCII.
_LONGEST, _LONGEST_FOREIGN, _LONGEST_TRACEBACK, _MOST = 2_000, 500, 12_000, 50
_SEARCHED = 4 * _LONGEST_TRACEBACK


def configure_logs(level: str, format: str) -> None:  # noqa: A002 - the setting's own name
    """Send every event of `level` and above to stderr, the libraries' from WARNING on.

    `format` is "json", "console" or "auto": coloured on a terminal, JSON for
    files, pipes and the journal. May be called again to change either.
    """
    json = format == "json" or (format == "auto" and not sys.stderr.isatty())
    _waiting.configure = partial(_configure, level, sys.stderr, json=json)
    _waiting.level = logging.getLevelNamesMapping()[level.upper()]
    _route_libraries()


class _Waiting:
    """What structlog is to be told before it writes an event, and of what level that is."""

    configure: Callable[[], None] | None = None
    level = logging.NOTSET


_waiting = _Waiting()


class Logger:
    """Writes events that name the module they come from; it follows `configure_logs`."""

    def __init__(self, name: str) -> None:
        self._name = name

    def debug(self, event: str, **facts: object) -> None:
        """Write what is of use when something is looked into."""
        self.log(logging.DEBUG, event, **facts)

    def info(self, event: str, **facts: object) -> None:
        """Write what changed something."""
        self.log(logging.INFO, event, **facts)

    def warning(self, event: str, **facts: object) -> None:
        """Write what a source or a network does badly."""
        self.log(logging.WARNING, event, **facts)

    def error(self, event: str, **facts: object) -> None:
        """Write what we fail to do."""
        self.log(logging.ERROR, event, **facts)

    def exception(self, event: str, **facts: object) -> None:
        """Write a bug, with the traceback of the exception that is handled."""
        self.log(logging.ERROR, event, exc_info=True, **facts)

    def log(self, level: int, event: str, **facts: object) -> None:
        """Write an event of a level of the standard library's."""
        if _waiting.configure is not None:
            if level < _waiting.level:
                return
            _waiting.configure()
            _waiting.configure = None
        import structlog  # noqa: PLC0415 - see above

        structlog.get_logger(logger_name=self._name).log(level, event, **facts)


def get_logger(name: str) -> Logger:
    """Return the logger of a module."""
    return Logger(name)


def _configure(level: str, stderr: TextIO, *, json: bool) -> None:
    import structlog  # noqa: PLC0415 - see above

    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _clean,
            *([structlog.processors.JSONRenderer()] if json else _console(stderr)),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(cast("TextIO", _Outlet(stderr))),
    )


class _Outlet:
    """Where lines go: a stream that is full or closed costs the line, never the work."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        with suppress(OSError, ValueError):
            self._stream.write(text)

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            self._stream.flush()


class _Router(logging.Handler):
    """Hands what libraries log to our own log."""

    def emit(self, record: logging.LogRecord) -> None:
        get_logger(record.name).log(
            min(record.levelno // 10 * 10, logging.CRITICAL),  # libraries invent levels between
            "library.logged",
            message=record.getMessage(),
            exc_info=record.exc_info,
        )


def _route_libraries() -> None:
    root = logging.getLogger()
    if not any(isinstance(handler, _Router) for handler in root.handlers):
        root.addHandler(_Router(logging.WARNING))
    root.setLevel(logging.WARNING)
    logging.captureWarnings(capture=True)


def _console(stderr: TextIO) -> "list[Processor]":
    """Return what draws a line for people.

    Values are drawn as `repr`, which escapes line breaks and whatever
    commands a terminal. The event and the traceback, which the renderer
    would print as they are, are made to fit.
    """
    import structlog  # noqa: PLC0415 - see above

    colors = stderr.isatty() and not os.environ.get("NO_COLOR")
    renderer = structlog.dev.ConsoleRenderer(colors=colors, repr_native_str=True, sort_keys=False)
    return [_in_one_line, renderer]


def _in_one_line(_logger: "WrappedLogger", _method: str, event: "EventDict") -> "EventDict":
    event["event"] = _escaped(event["event"])
    if "exception" in event:
        event["traceback"] = event.pop("exception")
    return event


def _escaped(text: str) -> str:
    return text if text.isprintable() else repr(text)[1:-1]


def _clean(_logger: "WrappedLogger", _method: str, event: "EventDict") -> "EventDict":
    """Return the event in plain values, its secrets struck out."""
    return {key: _plain(key, value) for key, value in event.items()}


def _plain(key: str, value: object) -> object:
    if _SECRET_NAME.search(key):
        return _STRUCK
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        some = islice(value.items(), _MOST)
        return _if_short({str(inner): _plain(str(inner), each) for inner, each in some})
    if isinstance(value, list | tuple | set | frozenset):
        return _if_short([_plain(key, each) for each in islice(value, _MOST)])
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    if key == "exception":  # its last lines tell the most
        text = _struck(text[-_SEARCHED:]).encode("ascii", "backslashreplace").decode()
        return text if len(text) <= _LONGEST_TRACEBACK else f"...{text[-_LONGEST_TRACEBACK:]}"
    return _shortened(_struck(text[:_SEARCHED]))


def _if_short(values: object) -> object:
    """Return the values, or the beginning of what they look like."""
    text = str(values)
    short = _shortened(text)
    return values if short == text else short


def _shortened(text: str) -> str:
    longest = _LONGEST if text.isascii() else _LONGEST_FOREIGN
    return text if len(text) <= longest else f"{text[:longest]}…"


def _struck(text: str) -> str:
    """Return the text with what looks like a secret struck out."""
    text = _USERINFO.sub(f"{_STRUCK}@", text)
    text = _CALLBACK.sub(rf"\1{_STRUCK}", _HEADER.sub(rf"\1{_STRUCK}", text))
    return _MEMBER.sub(_strike_member, _ASSIGNED.sub(_strike_assigned, text))


def _strike_assigned(found: re.Match[str]) -> str:
    return f"{found[1]}={_STRUCK}" if _SECRET_NAME.search(found[1]) else found[0]


def _strike_member(found: re.Match[str]) -> str:
    quote, name = found[1], found[2]
    is_secret = _SECRET_NAME.search(name)
    return f"{quote}{name}{quote}: {quote}{_STRUCK}{quote}" if is_secret else found[0]
