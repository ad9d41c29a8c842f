"""The program's door, and `python -m aggregator`.

Light on purpose: each child process imports its parent's main program, and
needs nothing of the command line.
"""

import sys


def main() -> None:
    """Run the command line."""
    try:
        from aggregator.cli import main as run  # noqa: PLC0415 - see above

        run()
    except KeyboardInterrupt:  # while all that is imported, too
        sys.exit(130)


if __name__ == "__main__":
    main()
