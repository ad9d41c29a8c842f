"""Titles, whichever way they were written, as the line that they show."""

import re
from functools import partial

from aggregator.intake.sanitize import SILENT, TAGS, clean_line, plain_text

# As HTML reads it (13.2.5.8): the name goes on to white space or the end of the tag. One without
# an end is none, unless it has an attribute and the title was cut within it.
_TAG = re.compile(
    r"<(?:(?P<end>/?)(?P<name>[a-z][^\s/<>]*+)"
    r"(?:(?P<sure>\s+[\w:-]+\s*=\s*[\"'][^<>]*(?:>|\Z))|[^<>]*>))?",
    re.ASCII | re.IGNORECASE,
)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_QUOTED = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
_EMPTY = frozenset({"br", "hr", "img", "wbr"})
# Elements of HTML that no article keeps; titles come with them all the same.
_OTHERS = frozenset({
    "acronym", "area", "article", "aside", "audio", "base", "big", "body", "button", "canvas",
    "center", "embed", "fieldset", "font", "footer", "form", "frame", "frameset", "head", "header",
    "html", "input", "label", "link", "main", "map", "meta", "nav", "option", "param", "picture",
    "section", "source", "strike", "track", "tt", "video",
})  # fmt: skip
_HTML = (TAGS | _OTHERS) - SILENT


def headline(stated: str, *, is_text: bool = False) -> str:
    """Return a title as one line without markup, and without loss of what only looks like it.

    Few formats say whether a title is text or HTML, and many feeds say it
    wrong: what has a start and an end is taken for an element, and what HTML
    knows as one, where the format does not call the title text (`is_text`).
    All else is what the title says.

    Examples:
        >>> headline("The <defence> tag"), headline("The <b>new</b> tag")
        ('The <defence> tag', 'The new tag')
        >>> headline("Why <b> is out of use", is_text=True)
        'Why <b> is out of use'
    """
    return clean_line(stated, _text_of if is_text else _text_or_html)


def _text_of(stated: str) -> str:
    return plain_text(_Tags(stated).told_from_text(_EMPTY))


def _text_or_html(stated: str) -> str:
    return plain_text(_Tags(stated).told_from_text(_HTML))


class _Tags:
    """What in a title has the form of a tag."""

    def __init__(self, stated: str) -> None:
        self._stated = _without(_COMMENT, "-->", _without(_QUOTED, "]]>", stated))
        self._starts: dict[str, int] = {}
        self._ends: dict[str, int] = {}
        for tag in _TAG.finditer(self._stated):
            name = (tag["name"] or "").lower()
            if tag["end"]:
                self._ends[name] = tag.start()
            elif name:
                self._starts.setdefault(name, tag.start())

    def told_from_text(self, known: frozenset[str]) -> str:
        """Return the title as HTML in which only what is paired, `known` or certain is a tag."""
        return _TAG.sub(partial(self._told, known), self._stated)

    def _told(self, known: frozenset[str], tag: re.Match[str]) -> str:
        if tag["name"] and self._is_one(tag, known):
            return tag[0]
        # Without an end some elements would take the rest of the title with them.
        return "" if tag["sure"] else f"&lt;{tag[0][1:]}"

    def _is_one(self, tag: re.Match[str], known: frozenset[str]) -> bool:
        name = tag["name"].lower()
        if name in known:
            return tag[0].endswith(">")
        if tag["end"]:
            return self._starts.get(name, tag.start()) < tag.start()
        return self._ends.get(name, -1) > tag.start()


def _without(part: re.Pattern[str], end: str, stated: str) -> str:
    """Return the title with what the part holds in its place; an end that never comes is no part.

    Else each start would be sought an end for as far as the title goes.
    """
    last = stated.rfind(end) + len(end) if end in stated else 0
    held = part.sub(lambda found: found[1] if part.groups else "", stated[:last])
    return held + stated[last:]
