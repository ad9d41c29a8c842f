"""The program's door, and `python -m aggregator`.

Light on purpose: each child process imports its parent's main program, and
needs nothing of the command line.
"""


def main() -> None:
    """Run the command line."""
    from aggregator.cli import main as run  # noqa: PLC0415 - see above

    run()


if __name__ == "__main__":
    main()
