"""Fingerprints as they are stored: numbers first and at fixed places, words last.

Whoever needs no words reads none: a whole window is read when the daemon starts.
"""

import json
from array import array
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from struct import Struct
from sys import intern
from typing import TYPE_CHECKING, Any

import numpy as np

from aggregator.stories.fingerprint import Fingerprint, Headline
from aggregator.stories.meaning import Meaning
from aggregator.stories.terms import Terms, View, by_view

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Raised with every change to what the fields mean: stored fingerprints are then computed anew.
VERSION = 6
_KEYS = ("guid", "link", "canonical", "text")
# Of 64 bits the first of these, of 32 the others.
_ARRAYS = ("keys", "ids", "shingles", "quotes")
_TUPLES = ("title", "names", "numbers", "lead_numbers", "lead_days", "origins", "originals")
# The version, in the byte order of the machine: what comes from another is none of ours. Which keys
# there are, a bit for each; `dated`, `words`, the microsecond, `headed`; keys; lengths of arrays,
# of the name of the meaning's model and of its steps.
_HEAD = Struct(f"=HB?Iqd{len(_KEYS)}Q{len(_ARRAYS)}I2I")
MARK = Struct("=H").pack(VERSION)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)
_TICKS_A_DAY = timedelta(days=1) // _TICK
_PACKED = {"dated", "words", "published", "headed", "terms", "meaning", *_KEYS, *_ARRAYS}
_FACTS = tuple(field.name for field in fields(Fingerprint) if field.name not in _PACKED)


@dataclass(frozen=True, slots=True, eq=False)
class Handles:
    """What an article is found by, all of it ascending.

    `day` is the ordinal of its publication; `terms` are all its terms, `held`
    those of its lead, names and figures, by which it is found whatever the
    stream, and `often` how often the text has these; `keys` are as
    `Fingerprint.keys`. By its `meaning` none is found: the middle of a window
    is made of them.
    """

    day: int
    keys: "NDArray[np.uint64]"
    terms: "NDArray[np.uint32]"
    held: "NDArray[np.uint32]"
    often: "NDArray[np.uint8]"
    meaning: Meaning | None


def to_bytes(fingerprint: Fingerprint) -> bytes:
    """Return the fingerprint in its stored form, the same in every process of a machine."""
    keys = [getattr(fingerprint, name) for name in _KEYS]
    facts = {name: getattr(fingerprint, name) for name in _FACTS}
    facts["headlines"] = [(headline.words, headline.outlet) for headline in fingerprint.headlines]
    arrays = (
        fingerprint.keys,
        fingerprint.terms.ids,
        fingerprint.shingles,
        fingerprint.quotes,
    )
    meaning = fingerprint.meaning
    model, steps = (meaning.model.encode(), meaning.steps) if meaning else (b"", b"")
    head = _HEAD.pack(
        VERSION,
        sum(1 << place for place, key in enumerate(keys) if key is not None),
        fingerprint.dated,
        fingerprint.words,
        (fingerprint.published - _EPOCH) // _TICK,
        fingerprint.headed,
        *(key or 0 for key in keys),
        *map(len, (*arrays, model, steps)),
    )
    said = json.dumps(list(facts.values()), ensure_ascii=False, separators=(",", ":")).encode()
    return b"".join((head, *arrays, fingerprint.terms.counts, model, steps, said))


def from_bytes(stored: bytes) -> Fingerprint | None:
    """Return the stored fingerprint, None where another version wrote it: compute it anew."""
    if not stored.startswith(MARK):
        return None
    _, which, dated, words, ticks, headed, *rest, model, steps = _HEAD.unpack_from(stored)
    # The keys are skipped: they follow from the rest.
    end = _HEAD.size + 8 * rest[len(_KEYS)]
    arrays = []
    for length in rest[len(_KEYS) + 1 :]:
        part = array("I")
        start, end = end, end + 4 * length
        part.frombytes(stored[start:end])
        arrays.append(part)
    ids, shingles, quotes = arrays
    start, end = end, end + len(View) * len(ids)
    said = stored[end + model + steps :].decode()
    facts: dict[str, Any] = dict(zip(_FACTS, json.loads(said), strict=True))
    for name in _TUPLES:
        facts[name] = tuple(facts[name])
    facts["headlines"] = tuple([Headline(*headline) for headline in facts["headlines"]])
    for place, name in enumerate(_KEYS):
        facts[name] = rest[place] if which >> place & 1 else None
    return Fingerprint(
        **facts,
        dated=dated,
        words=words,
        published=_EPOCH + timedelta(microseconds=ticks),
        headed=headed,
        shingles=shingles,
        quotes=quotes,
        terms=Terms(ids, stored[start:end]),
        meaning=_meaning(stored, end, model, steps),
    )


def handles(fingerprint: Fingerprint) -> Handles:
    """Return what an article is found by."""
    return _handles(
        (fingerprint.published - _EPOCH) // _TICK,
        np.array(fingerprint.keys, np.uint64),
        np.array(fingerprint.terms.ids, np.uint32),
        fingerprint.terms.counts,
        fingerprint.meaning,
    )


def stored_handles(stored: bytes) -> Handles | None:
    """Return the same of a stored fingerprint, None where another version wrote it."""
    if not stored.startswith(MARK):
        return None
    _, _, _, _, ticks, _, *rest, model, steps = _HEAD.unpack_from(stored)
    keys, terms, *lengths = rest[len(_KEYS) :]
    start = _HEAD.size + 8 * keys
    counts = start + 4 * (terms + sum(lengths))
    end = counts + len(View) * terms
    return _handles(
        ticks,
        np.frombuffer(stored, np.uint64, keys, _HEAD.size),
        np.frombuffer(stored, np.uint32, terms, start),
        stored[counts:end],
        _meaning(stored, end, model, steps),
    )


def _meaning(stored: bytes, start: int, model: int, steps: int) -> Meaning | None:
    """Return the meaning that is stored from there on, by the lengths of its parts."""
    if not model:
        return None
    end = start + model
    return Meaning(intern(stored[start:end].decode()), stored[end : end + steps])


def _handles(
    ticks: int,
    keys: "NDArray[np.uint64]",
    terms: "NDArray[np.uint32]",
    counts: bytes,
    meaning: Meaning | None,
) -> Handles:
    day = _EPOCH.toordinal() + ticks // _TICKS_A_DAY
    views = by_view(counts)
    held = (views[:, View.LEAD] | views[:, View.NAMES] | views[:, View.FIGURES]) > 0
    return Handles(day, keys, terms, terms[held], views[held].max(axis=1), meaning)
