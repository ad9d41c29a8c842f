"""Cuts the chrome out of a page's tree, by what its elements are called, and finds the article.

Names lie: a theme may call the article's own box `has-sidebar` or `related-12`. So
nothing is cut that holds much of the page's prose.
"""

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from aggregator.intake.page import HtmlElement, element, words


def _set(text: str) -> frozenset[str]:
    return frozenset(" ".join(name.split()) for name in text.split(","))


# Tags that are never part of an article.
MUTE = (
    "script",
    "style",
    "noscript",
    "template",
    "svg",
    "canvas",
    "iframe",
    "object",
    "button",
    "select",
    "textarea",
    "input",
    "dialog",
)
ASIDE = (
    ".//nav | .//aside | .//footer | .//form | .//menu"
    " | .//header[not(ancestor::article) and not(ancestor::main) and not(.//h1)]"
    " | .//*[@hidden] | .//*[contains(translate(@style, ' ', ''), 'display:none')]"
)
ROLES = _set(
    """
    alertdialog, banner, complementary, contentinfo, dialog, menu, menubar, navigation, search,
    tablist
    """
)
# What stands between the hyphens of a class or an id and means chrome.
TOKENS = _set(
    """
    ad, adbox, addthis, addtoany, ads, adsbygoogle, adsense, advert, advertisement, advertising,
    advertisment, author, authorbox, bio, breadcrumb, breadcrumbs, byline, catlinks, comment,
    commentlist, comments, consent, cookie, cookies, copyright, crumbs, disqus, footer, gdpr,
    jp-relatedposts, login, masthead, menu, meta, modal, nav, navbar, navigation, newsletter,
    outbrain, pager, pagination, paginator, popular, popup, postmeta, postnav, prevnext, promo,
    promobox, readmore, recommendations, recommended, related, relatedposts, respond, search,
    share, sharebar, sharedaddy, sharing, sidebar, signup, sociable, social, subscribe,
    subscription, taboola, tagcloud, tags, teaserlist, toc, topbar, trending, whatsapp, widget,
    widgets, yarpp
    """
)
PAIRS = _set(
    """
    also read, cat links, more stories, next prev, no result, post nav, posted on, prev next,
    read also, read more, screen reader, search result, site header, skip link, sr only, you may
    """
)
# Body and post classes that say something about the page, not about the element.
ABOUT_PAGE = re.compile(
    r"(?:has|no|with|is|not|category|tag|type|format|status|single|page|elementor(?!-share|-post-nav|-author))-"
    r"|.*-(?:open|on|off|enabled|disabled|left|right)$"
)
PART = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
# A paragraph this long, outside links, is prose (in characters).
SENTENCE = 80
# Shares of a page's prose: too much to be chrome, enough to be the article, all but a by-line.
MUCH, MOST, NEARLY_ALL = 0.4, 0.75, 0.98
BLOCKS = _set(
    """
    address, article, aside, blockquote, body, center, dd, details, div, dl, dt, fieldset,
    figcaption, figure, footer, form, h1, h2, h3, h4, h5, h6, header, hr, li, main, ol, p, pre,
    section, table, tbody, td, tfoot, th, thead, tr, ul
    """
)
LOOSE = ("p", "font", "span")
BOXES = ("article", "body", "center", "dd", "div", "main", "section", "header")
LAYOUT = ".//h1 | .//h2 | .//h3 | .//td[count(.//p) > 1 or count(.//br) > 3 or .//ul]"
# A paragraph shorter than this that holds line breaks is several lines, not one (in characters);
# preformatted text is prose where a line is longer.
STANZA = 240
# Names by which themes call the box that holds the article, as one class or id.
ARTICLE = re.compile(
    r"(?:entry|post|article|story|news|td-post)[-_]?(?:content|body|text)|content-inner|articlebody"
)


class Prose:
    """How much of a page's running text each element holds."""

    def __init__(self, tree: HtmlElement) -> None:
        self._held: Counter[HtmlElement] = Counter()
        for line in tree.iter("p", "li"):
            length = len(words(line)) - sum(len(words(link)) for link in line.iter("a"))
            if length >= SENTENCE:
                self._held[line] += length
                for above in line.iterancestors():
                    self._held[above] += length
        self._all = self._held[tree] or len(words(tree)) or 1

    def share(self, node: HtmlElement) -> float:
        """Return the part of the page's prose that the element holds, 0.0 to 1.0."""
        return (self._held[node] if self._held else len(words(node))) / self._all


def prune(tree: HtmlElement) -> None:
    """Take navigation, related posts, comments, notices and the like out of the tree.

    What was loose text between tags and line breaks stands in paragraphs afterwards.
    """
    for node in list(tree.iter(*MUTE)):
        _drop(node)
    _dissolve_layout(tree)
    _set_paragraphs(tree)
    prose = Prose(tree)
    for node in [*tree.xpath(ASIDE), *_named_chrome(tree)]:
        if prose.share(node) < MUCH:
            _drop(node)


def article(tree: HtmlElement) -> HtmlElement:
    """Return the element that holds the article and as little as possible beside it."""
    prose = Prose(tree)
    box = tree.find(".//body")
    boxes = [node for node in tree.iter(*BOXES) if _is_article(node) and prose.share(node) >= MOST]
    if boxes:
        return next((node for node in boxes if node.tag == "article"), boxes[-1])
    inner: HtmlElement | None = box
    while inner is not None:
        box = inner
        least = NEARLY_ALL * prose.share(box)
        inner = next(
            (node for node in box.iterchildren(*BOXES) if prose.share(node) >= least), None
        )
    return box


def _is_article(node: HtmlElement) -> bool:
    names = f"{node.get('class', '')} {node.get('id', '')} {node.get('itemprop', '')}".lower()
    return node.tag == "article" or any(ARTICLE.fullmatch(name) for name in names.split())


def _named_chrome(tree: HtmlElement) -> Iterator[HtmlElement]:
    for node in tree.iter():
        names = f"{node.get('class', '')} {node.get('id', '')}".split()
        if node.get("role") in ROLES or any(map(_means_chrome, names)):
            yield node


@lru_cache(maxsize=4096)
def _means_chrome(name: str) -> bool:
    if ABOUT_PAGE.match(name):
        return False
    parts = [part.lower() for part in PART.findall(name)]
    return not TOKENS.isdisjoint(parts) or any(
        f"{one} {two}" in PAIRS for one, two in pairwise(parts)
    )


def _drop(node: HtmlElement) -> None:
    if node.getparent() is not None:
        node.drop_tree()


def _dissolve_layout(tree: HtmlElement) -> None:
    """Turn tables that only place things on the page into plain boxes."""
    for table in list(tree.iter("table")):
        rows = [row for row in table.iter("tr") if len(row) > 1]
        if not rows or table.find(".//table") is not None or table.xpath(LAYOUT):
            for node in list(
                table.iter("table", "thead", "tbody", "tfoot", "tr", "td", "th", "caption")
            ):
                if node.tag == "table" or next(node.iterancestors("table"), table) is table:
                    node.tag = "div"


def _set_paragraphs(tree: HtmlElement) -> None:
    """Put text that stands loose in a box, or between line breaks, into paragraphs."""
    for typed in list(tree.iter("pre")):
        _break_lines(typed)
    for broken in {line_break.getparent() for line_break in tree.iter("br")}:
        if broken.tag != "p" or _has_gap(broken) or _is_listing(broken):
            broken.tag = "div" if broken.tag in LOOSE else broken.tag
    around_blocks = {above for block in tree.iter(*BLOCKS) for above in block.iterancestors()}
    for box in list(tree.iter(*BOXES)):
        if box.tag != "td" and not any(above.tag == "p" for above in box.iterancestors("p")):
            _wrap_loose(box, around_blocks)


def _has_gap(paragraph: HtmlElement) -> bool:
    """Tell whether two line breaks follow each other with nothing between them."""
    return any(
        one.tag == other.tag == "br" and not (one.tail or "").strip()
        for one, other in pairwise(paragraph)
    )


def _is_listing(paragraph: HtmlElement) -> bool:
    """Tell whether a paragraph's line breaks part short lines, as in lists, and not prose."""
    length = len(words(paragraph))
    return length < max(STANZA, SENTENCE * len(paragraph.findall(".//br")))


def _break_lines(typed: HtmlElement) -> None:
    """Turn preformatted text that is prose into a box with line breaks."""
    for line_break in typed.iter("br"):
        line_break.tail = f"\n{line_break.tail or ''}"
    lines = "".join(typed.itertext()).splitlines()
    if max(map(len, lines), default=0) >= STANZA:
        typed.tag = "div"
        typed[:] = [element("br") for _ in lines]
        typed.text = None
        for line_break, line in zip(typed, lines, strict=True):
            line_break.tail = line


def _wrap_loose(box: HtmlElement, around_blocks: set[HtmlElement]) -> None:
    made: list[HtmlElement] = []
    line = element("p")
    line.text, box.text = box.text, None
    for child in list(box):
        if child.tag in BLOCKS or child.tag == "br" or child in around_blocks:
            made += [line, child] if child.tag != "br" else [line]
            line = element("p")
            line.text, child.tail = child.tail, None
        else:
            line.append(child)
    box[:] = [node for node in (*made, line) if node.tag != "p" or len(node) or words(node)]
