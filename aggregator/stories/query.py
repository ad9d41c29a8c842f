"""Category rules: boolean queries in Lucene's syntax over what an article says.

A query is made of words, "phrases" and the wildcards * and ? (in phrases, too), joined by AND, OR,
NOT, +, - and parentheses, each aimed at a field (`title:kosovo`, `tag:(cyber OR "data breach")`)
or, with none named, at title, text and tags together. `head` is title, opening words and tags:
what a text is about rather than what it mentions. AND binds tighter than OR, OR tighter than
plain adjacency; adjacency means OR. Among alternatives, + marks what is required, and - or NOT
what is excluded. Exclusions alone select everything else.

Words are compared folded (see folding.py) and whole. A word that folding parts, such as
`anti-tank` or `nato.int`, is a phrase.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import chain

from luqum import tree
from luqum.exceptions import ParseError
from luqum.thread import parse

from aggregator.errors import RuleError
from aggregator.stories.fields import FIELDS
from aggregator.stories.folding import fold, without_possessives, words

# Headline and opening say what a text is about; the rest, what it mentions.
HEAD_WORDS = 150
ALLOWED = (
    'allowed are words, "phrases", the wildcards * and ?, AND, OR, NOT, +, -, ( ) '
    f"and the fields {', '.join(FIELDS)}"
)
DEEPEST = 50  # levels of nesting: more than anybody writes, fewer than the stack holds

_ANYWHERE = ""  # the field of a term that names none: title, text and tags
_NO_WORD = re.compile(r'and|or|not|&&|\|\||!.*|.*".*', re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_WORD_PATTERN = re.compile(r"(?:[^\W_]|[*?])+")
_UNSUPPORTED = {
    tree.Fuzzy: "fuzzy search (~)",
    tree.Proximity: "proximity search (~)",
    tree.Boost: "boosting (^)",
    tree.Range: "a range ([ ])",
    tree.From: "a comparison (>)",
    tree.To: "a comparison (<)",
    tree.Regex: "a regular expression (/ /)",
}


class WordIndex:
    """The folded words of one field, arranged for look-ups.

    Each run (the title, one tag ...) stands apart: no phrase reaches from one
    into the next.
    """

    def __init__(self, runs: Iterable[list[str]]) -> None:
        runs = list(runs)
        self.line = "\n".join(f" {' '.join(run)} " for run in runs)
        self.vocabulary = frozenset(chain.from_iterable(runs))
        self.ordered = sorted(self.vocabulary)

    def holds_prefix(self, stem: str) -> bool:
        """Return whether a word begins with the stem."""
        at = bisect_left(self.ordered, stem)
        return at < len(self.ordered) and self.ordered[at].startswith(stem)


@dataclass(frozen=True)
class Document:
    """What rules see of an article; its words are folded once, on first use.

    `text` is plain, `lang` a language tag, `source` whatever the source is
    known by (its name, its address, or both).
    """

    title: str = ""
    text: str = ""
    outlet: str = ""
    source: str = ""
    lang: str = ""
    tags: tuple[str, ...] = ()

    @cached_property
    def fields(self) -> Mapping[str, WordIndex]:
        """Return the words of each field, and of those that a bare term is sought in."""
        tags = [words(tag) for tag in self.tags]
        stated = ("title", "text", "outlet", "source", "lang")
        runs = {name: [words(getattr(self, name))] for name in stated}
        opening = runs["text"][0][:HEAD_WORDS]
        runs |= {"tag": tags, "head": [*runs["title"], opening, *tags]}
        runs |= {_ANYWHERE: [*runs["title"], *runs["text"], *tags]}
        return {name: WordIndex(run) for name, run in runs.items()}


_Test = Callable[[Document], bool]


@dataclass(frozen=True)
class Query:
    """A compiled rule."""

    text: str
    test: _Test

    def matches(self, document: Document) -> bool:
        """Return whether the rule selects the document."""
        return self.test(document)


def compile_query(text: str) -> Query:
    """Return the query, ready to match.

    Raises:
        RuleError: it does not parse, or asks for what is not supported; the
            text says what, where, and what is allowed.

    >>> query = compile_query('montenegr* AND NOT tag:sport')
    >>> query.matches(Document(title="Montenegro's army")), query.matches(Document(tags=("Sport",)))
    (True, False)
    """
    try:
        root = parse(text)
    except ParseError as error:
        raise _syntax_fault(text, str(error)) from error
    except (ValueError, ArithmeticError) as error:  # luqum reads the numbers behind ~ and ^
        raise _fault(
            text, 0, "the number after ~ or ^ is not one, and neither is supported"
        ) from error
    return Query(text, _Compiler(text).compile(root, _ANYWHERE, 0))


class _Compiler:
    """Turns luqum's tree into tests; holds the text to say where a fault is."""

    def __init__(self, text: str) -> None:
        self.text = text

    def compile(self, node: tree.Item, name: str, depth: int) -> _Test:
        """Return the test that the node asks for, in the field called name."""
        if depth > DEEPEST:
            raise _fault(self.text, node.pos, f"nested deeper than {DEEPEST} levels")
        inner = partial(self.compile, name=name, depth=depth + 1)
        match node:
            case tree.SearchField():
                return self.compile(node.expr, self._field(node), depth + 1)
            case tree.Group(expr=child) | tree.FieldGroup(expr=child) | tree.Plus(a=child):
                return inner(child)
            case tree.Not() | tree.Prohibit():
                return _none_of([inner(node.a)])
            case tree.AndOperation():
                return _all_of([inner(operand) for operand in node.operands])
            case tree.OrOperation() | tree.UnknownOperation():
                return self._alternatives(node.operands, inner)
            case tree.Word() | tree.Phrase():
                return _term(self._patterns(node), name)
        what = _UNSUPPORTED[type(node)]
        raise _fault(self.text, node.pos, f"{what} is not supported")

    def _field(self, node: tree.SearchField) -> str:
        if node.name not in FIELDS:
            raise _fault(self.text, node.pos, f"there is no field {node.name!r}")
        return str(node.name)

    def _alternatives(
        self, operands: Iterable[tree.Item], inner: Callable[[tree.Item], _Test]
    ) -> _Test:
        required, excluded, optional = [], [], []
        for operand in operands:
            match operand:
                case tree.Plus():
                    required.append(inner(operand.a))
                case tree.Not() | tree.Prohibit():
                    excluded.append(inner(operand.a))
                case _:
                    optional.append(inner(operand))
        if optional and not required:
            required = [_any_of(optional)]
        return _all_of([*required, _none_of(excluded)]) if excluded else _all_of(required)

    def _patterns(self, node: tree.Word | tree.Phrase) -> list[str]:
        """Return the term's folded words, wildcards kept."""
        if isinstance(node, tree.Word) and _NO_WORD.fullmatch(node.value):
            what = "is no search word: write AND, OR, NOT in capitals, and quotes around phrases"
            raise _fault(self.text, node.pos, f"{node.value!r} {what}")
        plain = _ESCAPED.sub(lambda found: " " if found[1] in "*?" else found[1], node.value)
        patterns = _WORD_PATTERN.findall(without_possessives(fold(plain)))
        if not patterns:
            raise _fault(self.text, node.pos, f"{node.value!r} holds no letter or digit")
        return patterns


def _term(patterns: list[str], name: str) -> _Test:
    """Return the test for consecutive words, cheapest check first."""
    first, *others = patterns
    stem = re.split(r"[*?]", first, maxsplit=1)[0]
    if not others and first == stem:
        return lambda document: stem in document.fields[name].vocabulary
    if not others and first == f"{stem}*":
        return lambda document: document.fields[name].holds_prefix(stem)
    joined = re.escape(f" {' '.join(patterns)} ").replace(r"\*", r"\S*").replace(r"\?", r"\S")
    compiled: list[re.Pattern[str]] = []

    def search(document: Document) -> bool:
        index = document.fields[name]
        if not (stem in index.vocabulary if first == stem else index.holds_prefix(stem)):
            return False
        if not compiled:  # few are ever asked for, and all are read whenever the program starts
            compiled.append(re.compile(joined))
        return compiled[0].search(index.line) is not None

    return search


def _any_of(tests: list[_Test]) -> _Test:
    return lambda document: any(test(document) for test in tests)


def _all_of(tests: list[_Test]) -> _Test:
    return lambda document: all(test(document) for test in tests)


def _none_of(tests: list[_Test]) -> _Test:
    return lambda document: not any(test(document) for test in tests)


def _syntax_fault(text: str, complaint: str) -> RuleError:
    found = re.search(r"at position (\d+)\W*\Z", complaint)
    if found is None:
        what = "it ends too early: something is missing or left open"
        return _fault(text, len(text), what if text.strip() else "it is empty")
    position = int(found[1])
    if text[position] == '"':
        return _fault(text, position, "the quote is left open")
    return _fault(text, position, f"unexpected {text[position]!r}")


def _fault(text: str, position: int, what: str) -> RuleError:
    before = text[:position]
    line, column = before.count("\n") + 1, position - before.rfind("\n")
    return RuleError(f"query, line {line}, column {column}: {what}; {ALLOWED}")
