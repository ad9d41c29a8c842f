"""Writes the next revision from the tables as they stand: for developers.

`python -m aggregator.store.migrations "What changes"`.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from aggregator.store.dialect import open_engine
from aggregator.store.migrate import upgrade, write_revision


def main() -> None:
    """Compare the tables with an empty database brought up to date; write the difference."""
    with TemporaryDirectory() as folder:
        engine = open_engine(f"sqlite:///{Path(folder) / 'empty.db'}", checkpoints=False)
        upgrade(engine)
        write_revision(engine, " ".join(sys.argv[1:]) or "Unnamed")
        engine.dispose()


if __name__ == "__main__":
    main()
