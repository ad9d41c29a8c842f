"""What travels between the floors: frozen values that know no library.

All datetimes are aware and in UTC. HTML in any field is already sanitised.
"""

from aggregator.model.arriving import (
    NO_HINTS,
    Article,
    Credit,
    Entry,
    Hints,
    Origin,
    Page,
    ParsedFeed,
    Provenance,
    Role,
    Source,
    SourceKind,
)
from aggregator.model.told import (
    Candidate,
    Category,
    Folded,
    HealthTurn,
    Kind,
    Signal,
    Story,
    Telling,
    Verdict,
)

__all__ = [
    "NO_HINTS",
    "Article",
    "Candidate",
    "Category",
    "Credit",
    "Entry",
    "Folded",
    "HealthTurn",
    "Hints",
    "Kind",
    "Origin",
    "Page",
    "ParsedFeed",
    "Provenance",
    "Role",
    "Signal",
    "Source",
    "SourceKind",
    "Story",
    "Telling",
    "Verdict",
]
