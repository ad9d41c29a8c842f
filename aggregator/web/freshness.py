"""How long an answer may be kept: as the feed's own rhythm allows."""

import re
from datetime import datetime
from email.utils import parsedate_to_datetime
from itertools import pairwise
from statistics import median

SHORTEST, USUAL, LONGEST = 60, 300, 3600  # seconds
_LOOKED_AT = 30  # entries, the newest
_ARCHIVE = b"<fh:archive/>"
_DATE = re.compile(
    rb"<published>([^<]+)</published>|<pubDate>([^<]+)</pubDate>|\"date_published\": \"([^\"]+)\""
)


def max_age(document: bytes) -> int:
    """Return for how many seconds a copy of the document may be taken for fresh.

    Half of the usual time between two entries of a feed, within bounds; what
    leaves a live feed goes into its archive, so that one is as brisk.
    """
    if _ARCHIVE in document[:4096]:
        return LONGEST
    stated = (match.group(match.lastindex or 0) for match in _DATE.finditer(document))
    moments = sorted((_moment(text.decode()) for text in stated), reverse=True)[:_LOOKED_AT]
    gaps = [(later - earlier).total_seconds() for later, earlier in pairwise(moments)]
    if not gaps:
        return USUAL
    return round(min(max(median(gaps) / 2, SHORTEST), LONGEST))


def _moment(text: str) -> datetime:
    return parsedate_to_datetime(text) if "," in text else datetime.fromisoformat(text)
