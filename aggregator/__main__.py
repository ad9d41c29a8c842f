"""The program's door, and `python -m aggregator`.

Light on purpose: each child process imports its parent's main program, and
needs nothing of the command line.
"""

import gc
import sys


def main() -> None:
    """Run the command line."""
    # What is imported stays: a tenth of that time goes into looking for what of it might not. The
    # command that is called for has collections made again (`cli/commands.py`).
    gc.disable()
    try:
        from aggregator.cli import main as run  # noqa: PLC0415 - see above

        run()
    except KeyboardInterrupt:  # while all that is imported, too
        sys.exit(130)
    finally:
        gc.enable()


if __name__ == "__main__":
    main()
