"""Lines: results on stdout, remarks on stderr, nothing that commands a terminal."""

import re
import sys

# Control characters, line separators and what turns the reading direction: nothing that a
# source says may command a terminal. Each can stand in JSON as its escape.
UNPRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


def printable(text: object) -> str:
    """Return the text on one line, with nothing in it that commands a terminal."""
    return UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", str(text))


def say(text: str) -> None:
    """Print a result line on stdout."""
    sys.stdout.write(printable(text) + "\n")
    # What follows may run for days; who reads us through a pipe wants this line now.
    sys.stdout.flush()


def talk(text: str) -> None:
    """Print a remark on stderr."""
    sys.stderr.write(printable(text) + "\n")


# How a remark goes on about a feed that is to be a source.
OWN_FEED = "of our own, with stories that stand here already; `aggregator remove-source` undoes it"


def counted(number: int, one: str, many: str | None = None) -> str:
    """Return how many there are, in words that fit the number; `many` defaults to `one` with s."""
    return f"{number} {one if number == 1 else many or f'{one}s'}"
