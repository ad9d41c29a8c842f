"""The XML reader that feedparser is told to use: expat, with text in whole pieces.

Python's own hands over each reference and each line by itself, and feedparser
takes as long over such a piece as over a page: HTML that is escaped has
hundreds. See `feedparser.PREFERRED_XML_PARSERS`.
"""

from typing import TYPE_CHECKING
from xml.sax.expatreader import ExpatParser
from xml.sax.xmlreader import XMLReader

if TYPE_CHECKING:
    from pyexpat import XMLParserType


class WholeText(ExpatParser):
    """Reads as its base does."""

    def reset(self) -> None:
        """Begin anew, and gather text between tags."""
        super().reset()
        parser: XMLParserType = vars(self)["_parser"]
        parser.buffer_text = True


def create_parser() -> XMLReader:
    """Return a reader, by the name that `xml.sax.make_parser` calls."""
    return WholeText()
