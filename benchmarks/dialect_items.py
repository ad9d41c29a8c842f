"""Items and entries that say what they say in an odd way, each with what it says."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Told:
    """What an entry says of itself: all that stories are known by."""

    title: str
    link: str = ""
    guid: str = ""


Item = tuple[str, tuple[Told, ...]]

SITE = "https://gazette.example"
FEED_URL = f"{SITE}/dir/feed.xml"
LINK = f"{SITE}/fog"
TITLE = "Fog over the harbour"
GUID = "urn:gazette:fog"
T, L = f"<title>{TITLE}</title>", f"<link>{LINK}</link>"
G = f"<guid isPermaLink='false'>{GUID}</guid>"
D = "<description>It lies low, and the ferry waits.</description>"
OTHER = "https://other.example/elsewhere"
FOG = Told(TITLE, LINK, GUID)


def _rss(inside: str, *told: Told) -> Item:
    return f"<item>{inside}</item>", told or (FOG,)


def _titled(title: str, shown: str = TITLE) -> Item:
    return _rss(f"<title>{title}</title>{L}{G}{D}", replace(FOG, title=shown))


def _linked(link: str, leads: str = LINK) -> Item:
    return _rss(f"{T}{link}{G}{D}", replace(FOG, link=leads))


def _named(guid: str, stated: str, link: str = LINK, stands: str = L) -> Item:
    return _rss(f"{T}{stands}{guid}{D}", Told(TITLE, link, stated))


def _beside(more: str) -> Item:
    """Return an item with more in it, before and behind what it says, that changes nothing."""
    one = f"<item>{more}{T}{L}{G}{D}</item>"
    return f"{one}<item>{T.replace('Fog', 'Mist')}{L}{D}{G.replace('fog', 'mist')}{more}</item>", (
        FOG,
        Told(TITLE.replace("Fog", "Mist"), LINK, GUID.replace("fog", "mist")),
    )


RSS_ITEMS: Mapping[str, Item] = {
    "plain": _rss(T + L + G + D),
    "other-order": _rss(G + D + L + T),
    "attributes": _rss(f"<title lang='en' x:a='1'>{TITLE}</title>{L}{G}{D}"),
    "title-escaped-html": _titled("Fog &lt;b&gt;over&lt;/b&gt; the harbour"),
    "title-html-section": _titled("<![CDATA[Fog <i>over</i> the harbour]]>"),
    "title-escaped-twice": _titled("Fog &amp;amp; rain", "Fog & rain"),
    "title-reference": _titled("Fog &#38; rain &#x2014; both", "Fog & rain — both"),
    "title-less-than": _titled("1 &lt; 2, 3 &gt; 2", "1 < 2, 3 > 2"),
    "title-section-reference": _titled("<![CDATA[Fog &amp; rain]]>", "Fog & rain"),
    "title-section-ampersand": _titled("<![CDATA[Fog & rain]]>", "Fog & rain"),
    "title-sections": _titled("<![CDATA[Fog over]]> the <![CDATA[harbour]]>"),
    "title-blanks": _titled("\n\t  Fog  over\n   the harbour \n"),
    "title-bidi-and-controls": _titled("Fog&#x202e; over the&#x7f; harbour", TITLE),
    "title-comment": _titled("Fog over<!-- the lake --> the harbour"),
    "title-named-reference": _titled("Caf&eacute;&nbsp;&mdash; open", "Café — open"),
    "title-markup": _titled("Fog <em>over</em> the harbour"),
    "title-empty": _rss(
        f"<title/>{L}{G}{D}", replace(FOG, title="It lies low, and the ferry waits.")
    ),
    "title-none": _rss(L + G + D, replace(FOG, title="It lies low, and the ferry waits.")),
    "title-only": _rss(T, Told(TITLE)),
    "title-and-link-only": _rss(T + L, Told(TITLE, LINK)),
    "description-only": _rss(D, Told("It lies low, and the ferry waits.")),
    "link-only": _rss(L, Told(LINK, LINK)),
    "guid-only": _rss(
        f"<guid>{LINK}</guid>{D}", Told("It lies low, and the ferry waits.", LINK, LINK)
    ),
    "link-blanks": _linked(f"<link>\n   {LINK}\n\t</link>"),
    "link-section": _linked(f"<link><![CDATA[ {LINK} ]]></link>"),
    "link-relative": _linked("<link>/fog</link>"),
    "link-relative-to-folder": _linked("<link>fog</link>", f"{SITE}/dir/fog"),
    "link-protocol-relative": _linked("<link>//gazette.example/fog</link>"),
    "link-query-only": _linked("<link>?p=7</link>", f"{SITE}/dir/feed.xml?p=7"),
    "link-ampersands": _linked(f"<link>{LINK}?a=1&amp;b=2</link>", f"{LINK}?a=1&b=2"),
    "link-base": _linked(f"<link xml:base='{SITE}/papers/'>fog</link>", f"{SITE}/papers/fog"),
    "link-not-ascii": _linked(f"<link>{SITE}/магла</link>", f"{SITE}/магла"),
    "link-scheme-capital": _linked(f"<link>HTTPS{LINK[5:]}</link>"),
    "link-attribute": _linked(f"<link href='{LINK}'/>"),
    "link-of-atom": _linked(f"<atom:link rel='alternate' href='{LINK}'/>"),
    "link-of-atom-self-beside": _linked(f"<atom:link rel='self' href='{OTHER}'/>{L}"),
    "link-of-atom-behind": _linked(f"{L}<atom:link rel='alternate' href='{LINK}'/>"),
    "link-twice": _linked(f"<link>{OTHER}</link>{L}"),
    "link-unsafe": _linked("<link>javascript:alert(1)</link>", ""),
    "link-feedburner": _linked(
        f"<link>{OTHER}</link><feedburner:origLink>{LINK}</feedburner:origLink>"
    ),
    "guid-permalink": _named(f"<guid isPermaLink='true'>{LINK}</guid>", LINK, stands=""),
    "guid-permalink-beside-link": _named(f"<guid>{OTHER}</guid>", OTHER),
    "guid-default": _named(f"<guid>{LINK}</guid>", LINK),
    "guid-no-address": _named("<guid>4711</guid>", "4711"),
    "guid-no-address-no-link": _named("<guid>4711</guid>", "4711", "", ""),
    "guid-false-address-no-link": _named(f"<guid isPermaLink='false'>{LINK}</guid>", LINK, "", ""),
    "guid-capital-false": _named(f"<guid isPermaLink='FALSE'>{GUID}</guid>", GUID),
    "guid-small-attribute": _named(f"<guid ispermalink='false'>{GUID}</guid>", GUID),
    "guid-section": _named(f"<guid isPermaLink='false'><![CDATA[{GUID}]]></guid>", GUID),
    "guid-blanks": _named(f"<guid isPermaLink='false'>\n {GUID}\n</guid>", GUID),
    "guid-empty": _named("<guid/>", ""),
    "guid-of-atom": _named(f"<atom:id>{GUID}</atom:id>", GUID),
    "guid-of-dublin-core": _named("<dc:identifier>urn:dc</dc:identifier>", ""),
    "guid-about": (f"<item rdf:about='{LINK}'>{T}{L}{D}</item>", (Told(TITLE, LINK, LINK),)),
    "guid-before-link": _rss(f"{T}<guid>{OTHER}</guid>{L}{D}", Told(TITLE, LINK, OTHER)),
    "guid-twice-two-links": (
        f"<item>{T}{L}{G}</item><item><title>Mist</title><link>{OTHER}</link>{G}</item>",
        (FOG, Told("Mist", OTHER, GUID)),
    ),
    "guid-twice-two-titles": (
        f"<item>{T}{L}{G}</item><item><title>Mist</title>{L}{G}</item>",
        (FOG, Told("Mist", LINK, GUID)),
    ),
    "twice-the-same": (f"<item>{T}{L}{G}</item><item>{T}{L}{G}</item>", (FOG,)),
    "no-guids-same-link": (
        f"<item>{T}{L}</item><item><title>Mist</title>{L}</item>",
        (Told(TITLE, LINK), Told("Mist", LINK)),
    ),
    "dublin-core-title": _rss(f"<dc:title>{TITLE}</dc:title>{L}{G}{D}"),
    "atom-title": _rss(f"<atom:title type='text'>{TITLE}</atom:title>{L}{G}{D}"),
    "body-encoded": _beside("<content:encoded><![CDATA[<h1>Head</h1><p>Body]]></content:encoded>"),
    "body-encoded-without-prefix": _beside("<encoded>All &lt;b&gt;of&lt;/b&gt; it</encoded>"),
    "body-xhtml": _beside("<h:body><h:h1>Head</h:h1><h:a href='/x'>y</h:a></h:body>"),
    "body-markup": _rss(f"{T}{L}{G}<description><p>It <b>lies</b> low.</p></description>"),
    "body-item-escaped": _rss(f"{T}{L}{G}<description>&lt;item&gt;&lt;title&gt;x</description>"),
    "body-item-section": _rss(f"{T}{L}{G}<description><![CDATA[<item>x</item>]]></description>"),
    "body-atom": _beside("<atom:content type='html'>&lt;p&gt;Body</atom:content>"),
    "media-title": _beside("<media:title>Picture</media:title>"),
    "media-content": _beside(
        f"<media:content url='{OTHER}'><media:title>P</media:title></media:content>"
    ),
    "media-group": _beside(
        f"<media:group><media:content url='{OTHER}' medium='image'><media:title>P</media:title>"
        "<media:description>D</media:description></media:content></media:group>"
    ),
    "itunes": _beside("<itunes:title>Heard</itunes:title><itunes:author>A</itunes:author>"),
    "image-within": _beside(
        f"<image><title>Crest</title><url>{OTHER}</url><link>{OTHER}</link></image>"
    ),
    "search-within": _beside(f"<textInput><title>Search</title><link>{OTHER}</link></textInput>"),
    "source": _beside(f"<source url='{OTHER}'>Elsewhere</source>"),
    "source-of-atom": _beside(
        f"<atom:source><atom:title>E</atom:title><atom:id>urn:e</atom:id>"
        f"<atom:link href='{OTHER}'/></atom:source>"
    ),
    "author-of-atom": _beside(
        f"<atom:author><atom:name>A</atom:name><atom:uri>{OTHER}</atom:uri></atom:author>"
    ),
    "enclosure": _beside(f"<enclosure url='{OTHER}' length='1' type='audio/mpeg'/>"),
    "comments": _beside(f"<comments>{OTHER}</comments><wfw:commentRss>{OTHER}</wfw:commentRss>"),
    "in-reply-to": _beside(f"<thr:in-reply-to ref='urn:x' href='{OTHER}'/>"),
    "unknown-elements": _beside("<x:title>X</x:title><x:link>y</x:link><x:guid>z</x:guid>"),
    "unknown-nested": _beside("<x:box><x:title>X</x:title><x:link>y</x:link></x:box>"),
    "comment-with-item": _beside("<!-- <item><title>Not</title></item> -->"),
    "instruction": _beside("<?php echo '</item>' ?>"),
    "empty": ("<item/>", ()),
    "blank": ("<item>\n</item>", ()),
    "capital-elements": (
        f"<ITEM><TITLE>{TITLE}</TITLE><LINK>{LINK}</LINK><GUID>{GUID}</GUID></ITEM>",
        (FOG,),
    ),
}


def _entry(inside: str, *told: Told) -> Item:
    return f"<entry>{inside}</entry>", told or (FOG,)


N, A = f"<id>{GUID}</id>", f"<link href='{LINK}'/>"
U = "<updated>2026-03-04T05:06:07Z</updated>"
XHTML = "xmlns='http://www.w3.org/1999/xhtml'"


def _called(title: str, shown: str = TITLE) -> Item:
    return _entry(f"{title}{A}{N}{U}", replace(FOG, title=shown))


def _leads(links: str, leads: str = LINK) -> Item:
    return _entry(f"{T}{links}{N}{U}", replace(FOG, link=leads))


def _with(more: str) -> Item:
    one = f"<entry>{more}{T}{A}{N}{U}</entry>"
    other = f"<entry>{T.replace('Fog', 'Mist')}{A}{N.replace('fog', 'mist')}{U}{more}</entry>"
    return one + other, (
        FOG,
        Told(TITLE.replace("Fog", "Mist"), LINK, GUID.replace("fog", "mist")),
    )


ATOM_ENTRIES: Mapping[str, Item] = {
    "plain": _entry(T + A + N + U),
    "other-order": _entry(U + N + A + T),
    "title-text": _called(f"<title type='text'>{TITLE}</title>"),
    "title-text-with-tags": _called(
        "<title type='text'>The &lt;b&gt; element</title>", "The <b> element"
    ),
    "title-html": _called("<title type='html'>Fog &lt;b&gt;over&lt;/b&gt; the harbour</title>"),
    "title-html-section": _called(
        "<title type='html'><![CDATA[Fog &amp; rain]]></title>", "Fog & rain"
    ),
    "title-xhtml": _called(
        f"<title type='xhtml'><div {XHTML}>Fog <em>over</em> the harbour</div></title>"
    ),
    "title-xhtml-prefixed": _called(
        "<title type='xhtml'><h:div>Fog <h:em>over</h:em> the harbour</h:div></title>"
    ),
    "title-type-mime": _called(
        "<title type='text/html'>Fog &lt;i&gt;over&lt;/i&gt; the harbour</title>"
    ),
    "title-type-plain": _called(f"<title type='text/plain' mode='escaped'>{TITLE}</title>"),
    "title-base64": _called(
        "<title type='text/plain' mode='base64'>Rm9nIG92ZXIgdGhlIGhhcmJvdXI=</title>"
    ),
    "title-none": _entry(f"{A}{N}{U}<summary>Low fog.</summary>", replace(FOG, title="Low fog.")),
    "id-only": _entry(N, Told("(untitled)", "", GUID)),
    "link-alternate": _leads(f"<link rel='alternate' href='{LINK}'/>"),
    "link-others-first": _leads(
        f"<link rel='self' href='{OTHER}'/><link rel='edit' href='{OTHER}'/>"
        f"<link rel='enclosure' href='{OTHER}'/><link rel='related' href='{OTHER}'/>"
        f"<link rel='replies' href='{OTHER}'/><link rel='via' href='{OTHER}'/>{A}"
    ),
    "link-others-last": _leads(
        f"{A}<link rel='enclosure' href='{OTHER}'/><link rel='related' href='{OTHER}'/>"
        f"<link rel='self' href='{OTHER}'/>"
    ),
    "link-registered": _leads(
        f"<link rel='http://www.iana.org/assignments/relation/alternate' href='{LINK}'/>"
    ),
    "link-relative": _leads("<link href='/fog'/>"),
    "link-base": _entry(
        f"{T}<link href='fog'/>{N}{U}".replace("<link", f"<link xml:base='{SITE}/p/'"),
        replace(FOG, link=f"{SITE}/p/fog"),
    ),
    "link-base-of-entry": (
        f"<entry xml:base='{SITE}/p/'>{T}<link href='fog'/>{N}{U}</entry>",
        (replace(FOG, link=f"{SITE}/p/fog"),),
    ),
    "link-blanks": _leads(f"<link href=' {LINK} '/>"),
    "link-types": _leads(
        f"<link rel='alternate' type='text/html' href='{LINK}'/>"
        f"<link rel='alternate' type='application/pdf' href='{OTHER}'/>"
    ),
    "link-none": _entry(f"{T}{N}{U}", replace(FOG, link="")),
    "link-no-href": _entry(f"{T}<link rel='alternate'/>{N}{U}", replace(FOG, link="")),
    "link-text": _leads(f"<link>{LINK}</link>"),
    "link-id-is-address": _entry(f"{T}<id>{LINK}</id>{U}", Told(TITLE, LINK, LINK)),
    "link-enclosure-alone": _entry(
        f"{T}<link rel='enclosure' href='{OTHER}'/>{N}{U}", replace(FOG, link="")
    ),
    "id-none": _entry(T + A + U, replace(FOG, guid="")),
    "id-blanks": _entry(f"{T}{A}<id>\n {GUID} \n</id>{U}"),
    "id-twice": (
        f"<entry>{T}{A}{N}{U}</entry><entry><title>Mist</title><link href='{OTHER}'/>{N}</entry>",
        (FOG, Told("Mist", OTHER, GUID)),
    ),
    "guid-instead": _entry(f"{T}{A}<guid>{GUID}</guid>{U}"),
    "source": _with(
        f"<source><id>urn:e</id><title>E</title><link href='{OTHER}'/>"
        f"<author><name>A</name></author><updated>2026-01-01T00:00:00Z</updated></source>"
    ),
    "author": _with(f"<author><name>A</name><uri>{OTHER}</uri><email>a@b.example</email></author>"),
    "content-xhtml": _with(
        f"<content type='xhtml'><div {XHTML}><title>X</title><a href='/x'>y</a></div></content>"
    ),
    "content-html": _with("<content type='html'>&lt;title&gt;X&lt;/title&gt;</content>"),
    "content-section": _with("<content type='html'><![CDATA[<entry><title>X</title>]]></content>"),
    "content-xml": _with(
        "<content type='application/xml'><x:doc><x:title>X</x:title></x:doc></content>"
    ),
    "content-entry": _with(
        f"<content type='application/atom+xml'><entry xmlns='http://www.w3.org/2005/Atom'>"
        f"<title>X</title><id>urn:x</id><link href='{OTHER}'/></entry></content>"
    ),
    "content-out-of-line": _with(f"<content type='video/mp4' src='{OTHER}'/>"),
    "content-naked": _with("<content><b>bold</b> words</content>"),
    "summary-xhtml": _with(f"<summary type='xhtml'><div {XHTML}>Low</div></summary>"),
    "media-group": _with(
        f"<media:group><media:title>P</media:title><media:content url='{OTHER}'/></media:group>"
    ),
    "category": _with("<category term='a' scheme='b' label='C'/>"),
    "contributor": _with(f"<contributor><name>A</name><uri>{OTHER}</uri></contributor>"),
    "extension": _with("<x:title>X</x:title><x:id>y</x:id><x:link href='z'/>"),
    "extension-nested": _with("<x:box><x:title>X</x:title><x:id>y</x:id></x:box>"),
    "in-reply-to": _with(f"<thr:in-reply-to ref='urn:x' href='{OTHER}'/>"),
}

P = "https://jsonfeed.org/version/1"


def _json(
    *items: dict[str, Any], told: tuple[Told, ...] = (FOG,), **feed: object
) -> tuple[dict[str, Any], tuple[Told, ...]]:
    return {"version": f"{P}.1", "title": "Gazette"} | feed | {"items": list(items)}, told


J: dict[str, Any] = {"id": GUID, "url": LINK, "title": TITLE, "content_text": "Low."}
JSON_ITEMS: Mapping[str, tuple[dict[str, Any], tuple[Told, ...]]] = {
    "plain": _json(J),
    "version-1": _json(J, version=P),
    "two": _json(J, J | {"id": "2", "title": "Мост"}, told=(FOG, Told("Мост", LINK, "2"))),
    "number-id": _json(J | {"id": 4711}, told=(replace(FOG, guid="4711"),)),
    "long-number-id": _json(J | {"id": 10**30}, told=(replace(FOG, guid=str(10**30)),)),
    "no-id": _json({name: J[name] for name in J if name != "id"}, told=(replace(FOG, guid=""),)),
    "no-url": _json({name: J[name] for name in J if name != "url"}, told=(replace(FOG, link=""),)),
    "no-title": _json(
        {name: J[name] for name in J if name != "title"}, told=(replace(FOG, title="Low."),)
    ),
    "title-null": _json(J | {"title": None}, told=(replace(FOG, title="Low."),)),
    "external": _json(J | {"url": "", "external_url": OTHER}, told=(replace(FOG, link=OTHER),)),
    "both-urls": _json(J | {"external_url": OTHER}),
    "relative": _json(J | {"url": "/fog"}),
    "html-title": _json(
        J | {"title": "Fog &amp; <b>rain</b>"}, told=(replace(FOG, title="Fog & rain"),)
    ),
    "authors": _json(J | {"authors": [{"name": "A"}, {"url": OTHER}], "author": None}),
    "odd-members": _json(J | {"tags": "a", "attachments": None, "_own": {"title": "X"}}),
    "odd-items": _json(J, {}, told=(FOG,)),
    "odd-authors": _json(J | {"author": "A", "authors": [None, "B"]}, author="C"),
    "controls": _json(J | {"title": "Fog\tover\nthe harbour"}),
    "same-id": _json(
        J,
        J | {"url": OTHER, "title": "Mist"},
        told=(FOG, Told("Mist", OTHER, GUID)),
    ),
    "expired": _json(J, expired=True, next_url=OTHER),
}
