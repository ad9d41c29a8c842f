"""The first words of an entry, for the formats that have a place for them."""

import re

LONGEST = 400
# The sanitizer has closed every element, so these find their ends.
_ASIDE = re.compile(r"<(figure|h[1-6]|table|ul|ol)\b.*?</\1>", re.DOTALL)
_TAG = re.compile(r"<(?:[^>\"']|\"[^\"]*\"|'[^']*')*>")
_CUT_ENTITY = re.compile(r"&[^;]*\Z")


def teaser(html: str) -> str:
    """Return the beginning of sanitised HTML as HTML without any element.

    Character references stay as they are: the result is as safe as what it
    was made from. It ends with a word, where those are not as long as all that is shown.

    >>> teaser("<h2>No</h2><p>A <b>frigate</b> &amp; crew.</p><p>Next</p>")
    'A frigate &amp; crew. Next'
    >>> len(teaser("<p>To " + "\u8230" * 500))
    402
    """
    bare = _TAG.sub(" ", _ASIDE.sub(" ", html))
    text = " ".join(bare.replace("<", "&lt;").replace(">", "&gt;").split())
    text = re.sub(r" (?=[.,;:!?])", "", text)
    if len(text) <= LONGEST:
        return text
    cut = _CUT_ENTITY.sub("", text[:LONGEST])
    words = cut.rpartition(" ")[0]
    return f"{words if len(words) > LONGEST // 2 else cut} …"
