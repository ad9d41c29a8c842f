"""What stands before the command."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Given:
    """What the options before the command say: `config` is the configuration folder, if named."""

    config: Path | None = None
