"""Attacks through every field, in every format: nothing that comes out is active."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest
from feed_formats import json_feed_faults
from rfc4287 import ATOM, faults, parsed
from sample_stories import FEED, NOW, story, telling

from aggregator.intake.sanitize import clean_html
from aggregator.model import Folded, HealthTurn, Kind, Signal, Story
from aggregator.output.atom import render_atom
from aggregator.output.entry import out_entries
from aggregator.output.jsonfeed import render_json
from aggregator.output.opml import Outline, render_opml
from aggregator.output.remarks import folded_entries, health_entries
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
    # Markup that changes its meaning when it is parsed a second time.
    "<svg></p><style><a id='</style><img src=1 onerror={}>'>",
    "<math><annotation-xml encoding='text/html'><script>{}</script></annotation-xml></math>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror={}>",
    "<svg><desc><noscript><img title='</noscript></desc><script>{}</script>'></svg>",
    "<table><td><svg><title><p title='</title><img src=x onerror={}>'></table>",
    "<select><template><style><!--</style><a rel='--></style></template><img onerror={}>'>",
    "<p><noembed><img alt='</noembed><iframe onload={}></iframe>'></p>",
    "<listing>&lt;img src=x onerror={}&gt;</listing>",
    "<plaintext><script>{}</script>",
    "<svg:script xmlns:svg='http://www.w3.org/2000/svg'>{}</svg:script>",
    "<x:script xmlns:x='http://www.w3.org/1999/xhtml'>{}</x:script>",
    "<svg><foreignObject><body onpageshow={}></foreignObject></svg>",
    "<svg><use href='data:image/svg+xml,<svg id=x onload={}/>#x'/></svg>",
    "<svg><set attributeName=href to='javascript:{}' /></svg>",
    "<math><maction actiontype='statusline' xlink:href='javascript:{}'>x</maction></math>",
    # Addresses that browsers read more kindly than people do.
    "<img srcset='javascript:{} 1x, data:text/html,{} 2x' src='x'>",
    "<a href='\x01\x02javascript:{}'>x</a>",
    "<a href='java&NewLine;script&colon;{}'>x</a>",
    "<a href='&#x6A&#x61&#x76&#x61&#x73&#x63&#x72&#x69&#x70&#x74&#x3A;{}'>x</a>",
    "<a href='\u00a0javascript:{}'>x</a>",
    "<a href='feed:javascript:{}'>x</a>",
    "<a href='data:;base64,PHNjcmlwdD57fTwvc2NyaXB0Pg=={}'>x</a>",
    "<a ping='javascript:{}' href='https://x.example/'>x</a>",
    "<area shape=default coords=0,0 href='javascript:{}'>",
    "<img lowsrc='javascript:{}' dynsrc='javascript:{}'>",
    "<table background='javascript:{}'><td background='javascript:{}'>x</table>",
    "<blockquote cite='javascript:{}'>x</blockquote>",
    "<video poster='javascript:{}' src='data:text/html,{}'></video>",
    # What is not run, but takes a page over: names that scripts look for, frames, forms, styles.
    "<a id=location href='javascript:{}'></a><img name=getElementById onerror={}>",
    "<button form=x formaction='javascript:{}' onclick={}>x</button><form id=x></form>",
    "<div style='position:fixed;inset:0;background:url(\"javascript:{}\")'>x</div>",
    "<frameset onload={}><frame src='javascript:{}'></frameset>",
    "<marquee onstart={}>x</marquee><keygen autofocus onfocus={}>",
    "<object><param name=src value='javascript:{}'></object><applet code='{}'></applet>",
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
        changed_at=NOW,
    )
    (reason,) = folded_entries(FEED, "tag:x,2026", [folded])
    assert Watch(reason.html).seen == []
    assert not _SCHEME.match(reason.alternate)


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_active_stands_in_what_feeds_and_sources_are_called(attack: str) -> None:
    turn = HealthTurn(1, attack, attack, attack, failing=True, reason=attack, at=NOW)
    entries = health_entries(FEED, "tag:x,2026", [turn])
    assert [seen for entry in entries for seen in Watch(entry.html).seen] == []
    # So is the feed of a search called.
    feed = replace(FEED, title=attack, subtitle=attack)
    atom, rss = render_atom(feed, entries), parsed(render_rss(feed, entries))
    assert faults(atom) == []
    assert json_feed_faults(render_json(feed, entries)) == []
    assert [seen for e in rss.iter() for seen in Watch(e.text or "").seen] == []
    outlines = [Outline(attack, "https://x.example/feed", attack, (attack,))]
    opml = parsed(render_opml(attack, outlines))
    # Other programs take no attribute for HTML; a title they may.
    reached = [*addresses(parsed(atom)), *addresses(rss), *page_addresses(opml)]
    assert [address for address in reached if _SCHEME.match(address)] == []


def page_addresses(opml: ET.Element) -> Iterator[str]:
    yield from (outline.get("htmlUrl", "") for outline in opml.iter("outline"))


def test_there_are_more_than_three_hundred_attacks() -> None:
    assert len(set(ATTACKS)) > 300
