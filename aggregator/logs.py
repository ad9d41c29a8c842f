"""Logs: one event, one line on stderr; coloured on a terminal, JSON elsewhere.

Events are named `noun.past_participle`, facts are fields. What comes from
outside can neither break a line nor command a terminal, and passwords are
struck out.
"""

import logging
import os
import re
import sys
from collections.abc import Mapping
from datetime import datetime
from typing import cast

import structlog
from structlog.typing import EventDict, FilteringBoundLogger, Processor, WrappedLogger

_SECRET_KEY = re.compile(
    r"password|passwd|secret|token|authorization|cookie|api_?key", re.IGNORECASE
)
_USERINFO = re.compile(r"(?<=://)[^\s/?#]*@")
_SECRET_PARAMETER = re.compile(
    rf"([?&][^=&\s]*(?:{_SECRET_KEY.pattern})[^=&\s]*=)[^&\s]+", re.IGNORECASE
)
_STRUCK = "***"


def configure_logs(level: str, format: str) -> None:  # noqa: A002 - the setting's own name
    """Send every event of `level` and above to stderr, the libraries' from WARNING on.

    `format` is "json", "console" or "auto": coloured on a terminal, JSON for
    files, pipes and the journal. May be called again to change either.
    """
    json = format == "json" or (format == "auto" and not sys.stderr.isatty())
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _clean,
            *([structlog.processors.JSONRenderer()] if json else _console()),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    _route_libraries()


def get_logger(name: str) -> FilteringBoundLogger:
    """Return a logger whose events name the module they come from; it follows `configure_logs`."""
    return cast("FilteringBoundLogger", structlog.get_logger(logger_name=name))


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


def _console() -> list[Processor]:
    """Return what draws a line for people.

    Values are drawn as `repr`, which escapes line breaks and whatever
    commands a terminal. The event and the traceback, which the renderer
    would print as they are, are made to fit.
    """
    colors = sys.stderr.isatty() and not os.environ.get("NO_COLOR")
    renderer = structlog.dev.ConsoleRenderer(colors=colors, repr_native_str=True, sort_keys=False)
    return [_in_one_line, renderer]


def _in_one_line(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    event["event"] = _escaped(event["event"])
    if "exception" in event:
        event["traceback"] = event.pop("exception")
    return event


def _escaped(text: str) -> str:
    return text if text.isprintable() else repr(text)[1:-1]


def _clean(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Return the event in plain values, its secrets struck out."""
    return {key: _plain(key, value) for key, value in event.items()}


def _plain(key: str, value: object) -> object:
    if _SECRET_KEY.search(key):
        return _STRUCK
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {str(inner): _plain(str(inner), each) for inner, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(key, each) for each in value]
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    return _SECRET_PARAMETER.sub(rf"\1{_STRUCK}", _USERINFO.sub(f"{_STRUCK}@", text))
