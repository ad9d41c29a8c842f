"""What matching needs of an article, computed once."""

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, time
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from aggregator.model import Article, Credit, Origin
from aggregator.stories.credits import without_credits
from aggregator.stories.days import named_days
from aggregator.stories.meaning import Meaning
from aggregator.stories.moments import tick_of
from aggregator.stories.openings import opening
from aggregator.stories.past import told_day
from aggregator.stories.provenance import (
    MIN_HEADLINE_WORDS,
    attributed,
    is_own,
    names_outlet,
    without_own_name,
)
from aggregator.stories.terms import LEAD_CHARACTERS, Terms, View, quoted_runs, telling_terms, terms
from aggregator.stories.text import TELLING, digest, mentions, names, numbers, shingles, tokens
from aggregator.stories.urls import canonical_url, outlet_of

MAX_SHINGLES = 256
OWN = ""  # the outlet of a headline that an article attributes to itself
_MIN_WORDS_FOR_TEXT_KEY = 40
# Texts are untrusted: a megabyte of them is not read to its end.
_MAX_TEXT = 200_000
_MAX_TITLE = 1_000
_MAX_CAPTIONS = 8
# So many of the quoted runs, the smallest hashes, stand for all in the exact keys.
_KEY_QUOTES, _KEY_RUNS = 4, 16
# So many of those it names lead back to it by the day of its news: later texts put others first.
_KEY_ACTORS = 6
_SOUGHT_ACTORS = 12
_DAYS_TO_REPORT = 3
_MIDDAY = time(12)


@dataclass(frozen=True, slots=True)
class Headline:
    """A headline that a telling attributes to an outlet, `OWN` where to itself.

    `words` are folded, joined by spaces.
    """

    words: str
    outlet: str


@dataclass(frozen=True)
class Fingerprint:
    """What matching needs of an article.

    `guid`, `link`, `canonical` and `text` are hashes of its exact keys, None where there is none.
    `opening` is how the text begins; `title` holds its folded words in order, `names` and `numbers`
    those among them that tell events apart. `shingles` are the hashes of the text's word runs,
    ascending, as 32-bit integers: all of them or, of a long text, the smallest. `words` counts the
    text's words; `headed` is the share of the title's words that the text has: small, where it is a
    cookie notice. `lead_days` are the ordinals of the days on which its news took place, `told_day`
    that of a day long past to which its text dates all of it, None where it is news; `quotes` are
    the hashes of word runs between quotation marks, ascending. `originals` are the keys of the
    addresses at which its credits say that it stood first, `origins` the outlets (hosts or names)
    from which it says that it comes. `meaning` is there only where a sentence encoder is at work.
    """

    outlet: str
    published: datetime
    dated: bool
    lang: str
    words: int
    headed: float
    opening: str
    title: tuple[str, ...]
    names: tuple[str, ...]
    numbers: tuple[str, ...]
    lead_numbers: tuple[str, ...]
    lead_days: tuple[int, ...]
    told_day: int | None
    headlines: tuple[Headline, ...]
    origins: tuple[str, ...]
    originals: tuple[int, ...]
    guid: int | None
    link: int | None
    canonical: int | None
    text: int | None
    shingles: "array[int]"  # quoted: takes its item's type only from Python 3.12 on
    quotes: "array[int]"
    terms: Terms
    meaning: Meaning | None = None

    @classmethod
    def partly(cls, known: Mapping[str, Any], rest: Callable[[str], Mapping[str, Any]]) -> Self:
        """Return a fingerprint of which some fields are `known`.

        `rest` reads another when it is asked for, by its name, and may return more than that one.
        Placing reads fifteen for each article, and needs the words of few.
        """
        found = cls.__new__(cls)
        vars(found).update(known, _rest=rest)
        return found

    if not TYPE_CHECKING:  # or every name would pass for that of a field

        def __getattr__(self, name: str) -> object:
            """Read a field that was left."""
            if name not in _FIELDS:
                raise AttributeError(name)
            vars(self).update(self._rest(name))
            return vars(self)[name]

    @property
    def told_at(self) -> datetime:
        """Return when its news was news: when it was published, unless it says otherwise itself."""
        if self.told_day is None:
            return self.published
        return datetime.combine(date.fromordinal(self.told_day), _MIDDAY, self.published.tzinfo)

    @cached_property
    def published_tick(self) -> int:
        """Return when it was published, in ticks."""
        return tick_of(self.published)

    @property
    def told_tick(self) -> int:
        """Return when its news was news, in ticks."""
        return self.published_tick if self.told_day is None else tick_of(self.told_at)

    @property
    def exact_keys(self) -> frozenset[str]:
        """Return the keys under which the article is found again, however old it is."""
        titles = [" ".join(self.title)] if len(self.title) >= MIN_HEADLINE_WORDS else []
        day = self.published.toordinal()
        days = _day_keys(day, self._actors(_KEY_ACTORS)) if self.dated else ()
        return self._identity | {_title_key(words) for words in titles} | {*days}

    @property
    def sought_keys(self) -> frozenset[str]:
        """Return the keys under which what the article retells may be found, however old that is.

        Those of its own, and the titles that its captions and credits name; its own title would
        lead to every "This week in pictures". Where it dates its news to a day long past, whom it
        names on that day and the next.
        """
        named = (headline.words for headline in self.headlines if headline.outlet != OWN)
        keys = self._identity | {_title_key(words) for words in named}
        if self.told_day is not None:
            actors = self._actors(_SOUGHT_ACTORS)
            for day in range(self.told_day, self.told_day + _DAYS_TO_REPORT):
                keys = keys.union(_day_keys(day, actors))
        return keys

    def _actors(self, count: int) -> list[int]:
        """Return the terms of those whom the lead names and the text names most."""
        counts = self.telling.counts
        width = len(View)
        found = [
            (-counts[place * width + View.NAMES], term)
            for place, term in enumerate(self.telling.ids)
            if counts[place * width + View.ACTORS]
        ]
        return [term for _, term in sorted(found)[:count]]

    @property
    def _identity(self) -> frozenset[str]:
        numbers = [("link", self.link), ("link", self.canonical), ("guid", self.guid)]
        numbers += [("link", original) for original in self.originals]
        numbers += [("text", self.text), *(("quote", run) for run in self.quotes[:_KEY_QUOTES])]
        return frozenset(f"{name}:{key:016x}" for name, key in numbers if key is not None)

    @property
    def identities(self) -> tuple[int | str | None, ...]:
        """Return what it is known by, and by what its original is: hashes, and headlines as words.

        Hashes of its addresses, of those that it names and of its text; its title and what it
        attributes. Some of it may be missing: None or "".
        """
        numbers = (self.guid, self.link, self.canonical, self.text, *self.originals)
        return *numbers, " ".join(self.title), *[headline.words for headline in self.headlines]

    @cached_property
    def telling(self) -> Terms:
        """Return those of its terms that a lead, names or figures have.

        Half of all are words that stand further down: they lead to candidates, no more.
        """
        return telling_terms(self.terms)

    @cached_property
    def keys(self) -> "array[int]":
        """Return the keys by which articles of one window find each other, ascending.

        64-bit hashes of its identities and, of 32 bits, the smallest of its word runs: of two texts
        that share most runs, most of these are common.
        """
        found = {
            digest(each) if isinstance(each, str) else each for each in self.identities if each
        }
        return array("Q", sorted(found.union(self.shingles[:_KEY_RUNS])))


_FIELDS = frozenset(field.name for field in fields(Fingerprint))


def fingerprint(article: Article) -> Fingerprint:
    """Return what matching needs of the article; pure, so any process may compute it."""
    own = (article.outlet, article.origin.title if article.origin else "")
    title = without_own_name(article.title[:_MAX_TITLE], own)
    text = without_credits(article.text[:_MAX_TEXT])
    found = tokens(text)
    told, read = (text, found) if len(found) >= TELLING else ("", [])  # or two words would tell
    heading = tuple(tokens(title))
    others = [credit for credit in article.credits if not is_own(credit, article.outlet)]
    day = article.published.date()
    past = told_day(title, text, day) if article.dated else None
    lead = f"{title}\n{text[:LEAD_CHARACTERS]}"
    return Fingerprint(
        outlet=article.outlet,
        published=article.published,
        dated=article.dated,
        lang=(article.lang or "").partition("-")[0].lower(),
        words=len(found),
        headed=mentions(found, heading),
        opening=opening(text),
        title=heading,
        names=tuple(sorted(names(title, told))),
        numbers=tuple(sorted(numbers(title))),
        lead_numbers=tuple(sorted(numbers(text[:LEAD_CHARACTERS]))),
        lead_days=tuple(named_days(lead, day, dated=article.dated)) if past is None else (past,),
        told_day=past,
        headlines=_headlines(article, title, others),
        origins=_origins(article.origin, others),
        originals=tuple(sorted({key for credit in others if (key := _link_key(credit.url))})),
        guid=_guid_key(article.guid),
        link=_link_key(article.link),
        canonical=_link_key(article.canonical_url),
        text=digest(" ".join(found)) if len(found) >= _MIN_WORDS_FOR_TEXT_KEY else None,
        shingles=array("I", sorted(shingles(found))[:MAX_SHINGLES]),
        quotes=quoted_runs(text),
        terms=terms(title, told, heading, read),
    )


def link_keys(url: str) -> frozenset[str]:
    """Return the exact keys that articles at this address, or naming it, have."""
    key = _link_key(url)
    return frozenset() if key is None else frozenset({f"link:{key:016x}"})


def _day_keys(day: int, actors: Iterable[int]) -> Iterator[str]:
    return (f"day:{day}:{actor:05x}" for actor in actors)


def _title_key(words: str) -> str:
    return f"title:{digest(words):016x}"


def _headlines(article: Article, title: str, others: Iterable[Credit]) -> tuple[Headline, ...]:
    """Return the headlines that an article attributes; `title` is its own without its outlet.

    Search engines put that behind it. A caption with the outlet's own name is that of another of
    its articles.
    """
    shown = attributed(article.title[:_MAX_TITLE])
    captions = (attributed(text[:_MAX_TITLE]) for text in article.captions[:_MAX_CAPTIONS])
    pairs = [(shown[0], OWN if shown[0] == title else shown[1])] if shown else []
    pairs += [pair for pair in captions if pair and not names_outlet(pair[1], article.outlet)]
    pairs += [(credit.headline, credit.outlet) for credit in others if credit.headline]
    found = (Headline(" ".join(tokens(headline)), outlet) for headline, outlet in pairs)
    return tuple(dict.fromkeys(found))


def _origins(origin: Origin | None, others: Iterable[Credit]) -> tuple[str, ...]:
    named = [(origin.url and outlet_of(origin.url)) or origin.title] if origin else []
    named += [name for credit in others for name in (credit.host, credit.outlet)]
    return tuple(dict.fromkeys(filter(None, named)))


def _guid_key(guid: str | None) -> int | None:
    """Return the key of a guid that means the same in every source: "1" does not."""
    if guid is None:
        return None
    if guid.startswith(("tag:", "urn:")):
        return digest(guid)
    return _link_key(guid) if "://" in guid else None


def _link_key(url: str | None) -> int | None:
    key = canonical_url(url) if url else None
    return digest(key) if key else None
