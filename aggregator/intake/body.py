"""An article's body, from the extractor's own tags to lines, to text and to HTML."""

from collections.abc import Collection, Iterator

from aggregator.intake.edges import Line, Shape
from aggregator.intake.page import HtmlElement, markup, words

LINES = ("p", "head", "item", "row", "quote", "code")
GROUPS = ("list", "table")
TAGS = {"item": "li", "row": "tr", "quote": "blockquote", "code": "pre", "lb": "br"}
MARKS = {"#b": "strong", "#i": "em", "#u": "u", "#t": "code", "#sub": "sub", "#sup": "sup"}
SHAPES = {"head": Shape.HEADING, "item": Shape.ITEM, "row": Shape.ITEM}


class Body:
    """The lines of an article, which can be left out one by one.

    `lines` and `keep` speak of the same order, the page's.
    """

    def __init__(self, root: HtmlElement) -> None:
        self._root = root
        nodes = [
            node for node in root.iter(*LINES) if next(node.iterancestors("row"), None) is None
        ]
        told = ((node, _text(node)) for node in nodes)
        self._told = [(node, text) for node, text in told if text]
        self.lines = [
            Line(text, SHAPES.get(node.tag, Shape.TEXT), linked=_is_linked(node, text))
            for node, text in self._told
        ]

    def keep(self, kept: Collection[int]) -> None:
        """Leave out every line whose place is not in `kept`."""
        wanted = {id(self._told[i][0]) for i in kept}
        for node, _ in self._told:
            if id(node) not in wanted:
                _leave_out(node)
        self._told = [self._told[i] for i in sorted(kept)]

    @property
    def text(self) -> str:
        """Return the lines as plain text: blank lines between, none within a list or table."""
        parts: list[str] = []
        before: HtmlElement | None = None
        for node, text in self._told:
            group = next(node.iterancestors(*GROUPS), None)
            parts.append("\n" if group is not None and group is before else "\n\n")
            parts.append(text)
            before = group
        return "".join(parts).strip()

    def html(self) -> str:
        """Return the body as HTML, not yet sanitised; it is of no further use afterwards."""
        for node in list(self._root.iter(*GROUPS, *LINES)):
            if not words(node) and node.getparent() is not None:
                _leave_out(node)
        for node in self._root.iter():
            _rename(node)
        return "\n".join(markup(block) for block in self._root)


def _text(node: HtmlElement) -> str:
    """Return a line's own text, without that of the lines within it."""
    if node.tag == "row":
        return "\t".join(" ".join(" ".join(cell.itertext()).split()) for cell in node).strip()
    return "\n".join(
        filter(None, (" ".join(line.split()) for line in "".join(_own(node)).split("\0")))
    )


def _own(node: HtmlElement) -> Iterator[str]:
    yield node.text or ""
    for child in node:
        if child.tag == "lb":
            yield "\0"
        elif child.tag not in LINES and child.tag not in GROUPS:
            yield from _own(child)
        yield child.tail or ""


def _is_linked(node: HtmlElement, text: str) -> bool:
    return sum(len(words(link)) for link in node.iter("ref")) >= 0.9 * len(text)


def _leave_out(node: HtmlElement) -> None:
    """Take a line out, but not the lines within it."""
    if any(inner is not node for inner in node.iter(*LINES)) and node.tag != "row":
        node.text = None
        for child in list(node):
            if child.tag not in LINES and child.tag not in GROUPS:
                node.remove(child)
            child.tail = None
    else:
        node.getparent().remove(node)


def _rename(node: HtmlElement) -> None:
    """Turn an element of the extractor into one of HTML."""
    marks = dict(node.attrib)
    node.attrib.clear()
    match node.tag:
        case "head":
            node.tag = marks.get("rend", "h2")
        case "list":
            node.tag = "ol" if marks.get("rend") == "ol" else "ul"
        case "cell":
            node.tag = "th" if marks.get("role") == "head" else "td"
        case "hi":
            node.tag = MARKS.get(marks.get("rend", ""), "span")
        case "ref":
            node.tag = "a"
            node.set("href", marks.get("target", ""))
        case tag:
            node.tag = TAGS.get(tag, tag)
