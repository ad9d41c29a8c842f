"""Fingerprints as they are stored: numbers first and at fixed places, words last.

Whoever needs no words reads none: a whole window is read when the daemon starts, and of what an
article is compared with most is told from it by numbers alone.
"""

import json
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import accumulate
from struct import Struct
from sys import intern
from typing import TYPE_CHECKING, Any

import numpy as np

from aggregator.stories.fingerprint import Fingerprint, Headline
from aggregator.stories.meaning import Meaning
from aggregator.stories.moments import EPOCH, TICK, moment_of
from aggregator.stories.terms import Terms, View, by_view

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Raised with every change to what the fields mean: stored fingerprints are then computed anew.
VERSION = 14
_KEYS = ("guid", "link", "canonical", "text")
# In this order: the keys; the terms that tell, and the others; word runs, quotes, days; how often
# each view has the terms that tell, and how often the text has the others; the meaning's model and
# its steps; outlet, language, opening.
_PARTS = 13
# The version, in the byte order of the machine: what comes from another is none of ours. Which keys
# there are, a bit for each; `dated`, `words`, the microsecond, `headed`, `told_day` or 0; keys; the
# bytes of each part.
_HEAD = Struct(f"=HB?Iqdi{len(_KEYS)}Q{_PARTS}I")
MARK = Struct("=H").pack(VERSION)
_TICKS_A_DAY = timedelta(days=1) // TICK
# From which part to which all terms lie, the counts of those that tell, and those of the others.
_OF_TERMS = (1, 3), (6, 7), (7, 8)
# What is read when it is asked for, as JSON behind all else.
_SAID = ("title", "names", "numbers", "lead_numbers", "origins", "originals", "headlines")
# As json.loads does, which takes twice as long to look for what we never write.
_read_json = json.JSONDecoder().raw_decode


@dataclass(frozen=True, slots=True, eq=False)
class Handles:
    """What an article is found by.

    `day` is the ordinal of its publication; `terms` are all its terms, first
    those of its lead, names and figures, ascending, by which it is found
    whatever the stream; `often` says how often the text has these; `keys` are
    as `Fingerprint.keys`. By its `meaning` none is found: the middle of a
    window is made of them. By its language, "" where none is known, those of
    the window are counted.
    """

    day: int
    keys: "NDArray[np.uint64]"
    terms: "NDArray[np.uint32]"
    often: "NDArray[np.uint8]"
    meaning: Meaning | None
    lang: str

    @property
    def held(self) -> "NDArray[np.uint32]":
        """Return the terms by which it is found."""
        return self.terms[: len(self.often)]


def to_bytes(fingerprint: Fingerprint) -> bytes:
    """Return the fingerprint in its stored form, the same in every process of a machine."""
    keys = [getattr(fingerprint, name) for name in _KEYS]
    counts = by_view(fingerprint.terms.counts)
    ids = np.array(fingerprint.terms.ids, np.uint32)
    other = ~counts[:, View.FULL + 1 :].any(axis=1)
    meaning = fingerprint.meaning
    parts = (
        fingerprint.keys.tobytes(),
        fingerprint.telling.ids.tobytes(),
        ids[other].tobytes(),
        fingerprint.shingles.tobytes(),
        fingerprint.quotes.tobytes(),
        array("I", fingerprint.lead_days).tobytes(),
        fingerprint.telling.counts,
        counts[other, View.FULL].tobytes(),
        meaning.model.encode() if meaning else b"",
        meaning.steps if meaning else b"",
        fingerprint.outlet.encode(),
        fingerprint.lang.encode(),
        fingerprint.opening.encode("utf-8", "replace"),
    )
    head = _HEAD.pack(
        VERSION,
        sum(1 << place for place, key in enumerate(keys) if key is not None),
        fingerprint.dated,
        fingerprint.words,
        fingerprint.published_tick,
        fingerprint.headed,
        fingerprint.told_day or 0,
        *(key or 0 for key in keys),
        *map(len, parts),
    )
    facts = [getattr(fingerprint, name) for name in _SAID[:-1]]
    facts.append([(headline.words, headline.outlet) for headline in fingerprint.headlines])
    said = json.dumps(facts, ensure_ascii=False, separators=(",", ":")).encode()
    return b"".join((head, *parts, said))


def from_bytes(stored: bytes) -> Fingerprint | None:
    """Return the stored fingerprint, None where another version wrote it: compute it anew.

    Its words are read when they are asked for.
    """
    if not stored.startswith(MARK):
        return None
    _, _, dated, words, tick, headed, told_day, *rest = _HEAD.unpack_from(stored)
    starts = (*accumulate(rest[len(_KEYS) :], initial=_HEAD.size),)
    keys, telling, others, runs, quotes, days, counts, often, model, steps, outlet, *last = starts
    lang, opening, _ = last
    known = {
        "outlet": stored[outlet:lang].decode(),
        "published_tick": tick,
        "dated": dated,
        "lang": stored[lang:opening].decode(),
        "words": words,
        "headed": headed,
        "lead_days": (*array("I", stored[days:counts]),),
        "told_day": told_day or None,
        "shingles": array("I", stored[runs:quotes]),
        "quotes": array("I", stored[quotes:days]),
        "meaning": _meaning(stored[model:steps], stored[steps:outlet]),
        "keys": array("Q", stored[keys:telling]),
        "telling": Terms(array("I", stored[telling:others]), stored[counts:often]),
    }
    return Fingerprint.partly(known, partial(_rest, stored, starts))


def handles(fingerprint: Fingerprint) -> Handles:
    """Return what an article is found by."""
    return _handles(to_bytes(fingerprint))


def stored_handles(stored: bytes) -> Handles | None:
    """Return the same of a stored fingerprint, None where another version wrote it."""
    return _handles(stored) if stored.startswith(MARK) else None


def _handles(stored: bytes) -> Handles:
    _, _, _, _, ticks, _, _, *rest = _HEAD.unpack_from(stored)
    keys, telling, others, shingles, quotes, days, counts, often, *last = rest[len(_KEYS) :]
    model, steps, outlet, lang, _ = last
    start = _HEAD.size + keys
    terms = np.frombuffer(stored, np.uint32, (telling + others) // 4, start)
    start += telling + others + shingles + quotes + days
    # A row for each view: in columns of single bytes the same takes three times as long.
    views = np.ascontiguousarray(by_view(stored[start : start + counts]).T)
    start += counts + often
    end = start + model
    spoken = end + steps + outlet
    held = (views[View.LEAD] | views[View.NAMES] | views[View.FIGURES]) > 0
    most = views.max(axis=0)
    if not held.all():
        most = most[held]
        first = np.zeros(len(terms), np.bool_)
        first[: len(held)] = held
        terms = np.concatenate([terms[first], terms[~first]])
    return Handles(
        EPOCH.toordinal() + ticks // _TICKS_A_DAY,
        np.frombuffer(stored, np.uint64, keys // 8, _HEAD.size),
        terms,
        most,
        _meaning(stored[start:end], stored[end : end + steps]),
        intern(stored[spoken : spoken + lang].decode()),
    )


def _rest(stored: bytes, starts: Sequence[int], name: str) -> Mapping[str, Any]:
    """Return a field that was not read yet, with those that are read in one go with it."""
    if name in _SAID:
        said, _ = _read_json(stored[starts[-1] :].decode())
        facts = dict(zip(_SAID, map(tuple, said), strict=True))
        facts["headlines"] = tuple([Headline(*headline) for headline in facts["headlines"]])
        return facts
    if name == "opening":
        return {name: stored[starts[-2] : starts[-1]].decode()}
    if name == "terms":
        ids, counts, often = (stored[starts[first] : starts[end]] for first, end in _OF_TERMS)
        return {name: _terms(np.frombuffer(ids, np.uint32), by_view(counts), often)}
    _, which, _, _, tick, _, _, *numbers = _HEAD.unpack_from(stored)
    keys = {
        key: number if which >> place & 1 else None
        for place, (key, number) in enumerate(zip(_KEYS, numbers, strict=False))
    }
    return {"published": moment_of(tick), **keys}


def _terms(ids: "NDArray[np.uint32]", telling: "NDArray[np.uint8]", often: bytes) -> Terms:
    """Return all terms, ascending: those that tell, and those that the text alone has so often."""
    counts = np.zeros((len(ids), len(View)), np.uint8)
    counts[: len(telling)] = telling
    counts[len(telling) :, View.FULL] = np.frombuffer(often, np.uint8)
    order = ids.argsort()
    return Terms(array("I", ids[order].tobytes()), counts[order].tobytes())


def _meaning(model: bytes, steps: bytes) -> Meaning | None:
    return Meaning(intern(model.decode()), steps) if model else None
