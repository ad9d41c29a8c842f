"""How long an answer may be kept: as the feed's own rhythm allows."""

import re
from datetime import datetime
from email.utils import parsedate_to_datetime
from itertools import pairwise
from statistics import median

SHORTEST, USUAL, LONGEST = 60, 300, 3600  # seconds
_LOOKED_AT = 30  # entries, the newest
# An archive leads to its feed, and once it is past to the next (RFC 5005, section 4).
_ARCHIVE, _PAST = b'rel="current"/>', b'rel="next-archive"/>'
_HEAD = 4096  # bytes
# In each format the one that no text within it can look like: there `<` or `"` is escaped.
_IN_XML = re.compile(rb"<published>([^<]+)</published>|<pubDate>([^<]+)</pubDate>")
_IN_JSON = re.compile(rb'"date_published": "([^"]+)"')


def max_age(document: bytes) -> int:
    """Return for how many seconds a copy of the document may be taken for fresh.

    Half of the usual time between two entries of a feed, within bounds. The
    archive that is still open takes what a live feed lets go, at any moment:
    who has a copy of it and none of that feed would miss what moved.
    """
    is_json = document.startswith(b"{")
    if not is_json and _ARCHIVE in (head := document[:_HEAD]):
        return LONGEST if _PAST in head else 0
    found = (_IN_JSON if is_json else _IN_XML).finditer(document)
    stated = (
        _moment(match.group(match.lastindex or 0).decode(errors="replace")) for match in found
    )
    moments = sorted(filter(None, stated), reverse=True)[:_LOOKED_AT]
    gaps = [(later - earlier).total_seconds() for later, earlier in pairwise(moments)]
    if not gaps:
        return USUAL
    return round(min(max(median(gaps) / 2, SHORTEST), LONGEST))


def _moment(text: str) -> datetime | None:
    """Return the moment, None where it is none or has no zone: whoever wrote it, it is served."""
    try:
        moment = parsedate_to_datetime(text) if "," in text else datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None
