"""What children are told to run: named here, imported there.

Who names a parser to a child need not wait for what it is made of; the children have
that preloaded.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from aggregator.model import ParsedFeed

if TYPE_CHECKING:
    from aggregator.intake.news import News
    from aggregator.stories.meaning import Meaning


def parse_feed(
    body: bytes,
    content_type: str,
    url: str,
    to_the_end: bool = False,  # noqa: FBT001, FBT002 - a child is given arguments by place
) -> ParsedFeed:
    """Return what the document at `url` says, its entries in document order.

    `to_the_end`: the item within which it is cut off is taken, too.

    Raises:
        ParseError: The body is no feed.
    """
    from aggregator.intake import parse  # noqa: PLC0415 - feedparser, lxml

    return parse.parse_feed(body, content_type, url, to_the_end)


def read_news(body: bytes, items: bytes | None, content_type: str, url: str) -> "News":
    """Return what the document at `url` says beyond the `items` remembered of earlier ones.

    Raises:
        ParseError: The body is no feed.
    """
    from aggregator.intake import news, parse  # noqa: PLC0415 - as above

    return news.read_news(parse.parse_feed, body, items, content_type, url)


def embed(folder: Path, text: str) -> "Meaning":
    """Return what a text means to the encoder in `folder`.

    Raises:
        SettingsError: There is no encoder that can be used.
    """
    from aggregator.intake import encoder  # noqa: PLC0415 - numpy, ONNX Runtime

    return encoder.embed(folder, text)
