"""What came of a document, counted."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Tally:
    """How many entries a document held, how many of them were unseen, how many corrected."""

    seen: int = 0
    new: int = 0
    corrected: int = field(default=0, compare=False)
