"""The program's door, and `python -m aggregator`.

Light on purpose: each child process imports its parent's main program, and
needs nothing of the command line.
"""

import gc
import signal
import sys

# Those that a SIGHUP tells to read their settings again.
LASTING = {"run", "worker"}
_SET_UP = "use the program in .venv/bin, which `make run` sets up"


def main() -> None:
    """Run the command line."""
    if LASTING & set(sys.argv):
        # It would end them, before they are ready to hear it; the settings are still to be read.
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    # What is imported stays: a tenth of that time goes into looking for what of it might not. The
    # command that is called for has collections made again (`cli/commands.py`).
    gc.disable()
    try:
        from aggregator.cli import main as run  # noqa: PLC0415 - see above

        run()
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] == __package__:
            raise
        sys.exit(f"aggregator: the package {error.name} is missing here: {_SET_UP}")
    except KeyboardInterrupt:  # while all that is imported, too
        sys.exit(130)
    finally:
        # Nor is there anything to be found in it as the process ends, and all of it is let go.
        gc.freeze()
        gc.enable()


if __name__ == "__main__":
    main()
