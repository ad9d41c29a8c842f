"""What a power cut must not undo."""

import os
from pathlib import Path


def sync(path: Path) -> None:
    """Have the disk hold a file, or of a directory which names stand in it."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
