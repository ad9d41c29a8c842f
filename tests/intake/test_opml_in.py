import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.errors import ParseError
from aggregator.intake.opml import OpmlSource, parse_opml, read_opml
from aggregator.model import Role

LISTS = Path(__file__).parents[1] / "golden" / "lists"


def opml(*outlines: str) -> bytes:
    return f'<opml version="2.0"><body>{"".join(outlines)}</body></opml>'.encode()


def test_folders_and_category_attributes_become_slugs() -> None:
    body = opml(
        '<outline text="Западни Балкан"><outline text="Zemlje — Crna Góra">',
        '<outline text="Luka" xmlUrl="https://luka.example/?a=1&amp;b=2" '
        'category="/nato/EU Defence,cyber"/>',
        "</outline></outline>",
        '<outline title="Alone" xmlurl="https://alone.example/"/>',
    )
    slugs = ("nato", "eu-defence", "cyber", "zapadni-balkan", "zemlje-crna-gora")
    assert parse_opml(body) == (
        OpmlSource("https://luka.example/?a=1&b=2", "Luka", slugs),
        OpmlSource("https://alone.example/", "Alone"),
    )


def test_role_and_outlet_come_along_with_or_without_a_prefix() -> None:
    body = opml(
        '<outline text="a" xmlUrl="u:a" role="primary" outlet="a.example"/>',
        '<outline text="b" xmlUrl="u:b" x:role=" press " outlet=""/>',
    )
    first, second = parse_opml(body)
    assert (first.role, first.outlet) == ("primary", "a.example")
    assert (second.role, second.outlet) == ("press", None)


def test_role_and_outlet_may_be_category_paths_which_attributes_override() -> None:
    paths = "/nato,/role/press,/outlet/a.example,/role"
    body = opml(
        f'<outline text="a" xmlUrl="u:a" category="{paths}"/>',
        f'<outline text="b" xmlUrl="u:b" category="{paths}" role="primary"/>',
    )
    assert parse_opml(body) == (
        OpmlSource("u:a", "a", ("nato", "role"), Role.PRESS, "a.example"),
        OpmlSource("u:b", "b", ("nato", "role"), Role.PRIMARY, "a.example"),
    )


def test_an_address_given_twice_is_one_source_in_both_categories() -> None:
    line = '<outline text="a" xmlUrl="u:a"/>'
    body = opml(f'<outline text="X">{line}</outline><outline text="Y">{line}</outline>')
    assert parse_opml(body) == (OpmlSource("u:a", "a", ("x", "y")),)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1251"])
def test_the_declared_encoding_is_honoured(encoding: str) -> None:
    named = encoding.removesuffix("-sig")
    text = (
        f"<?xml version='1.0' encoding='{named}'?>"
        + opml('<outline text="Мост" xmlUrl="u"/>').decode()
    )
    assert parse_opml(text.encode(encoding)) == (OpmlSource("u", "Мост"),)


def test_a_wrong_encoding_is_forgiven() -> None:
    body = b"<?xml version='1.0' encoding='klingon'?>" + opml('<outline text="a" xmlUrl="u"/>')
    assert parse_opml(body) == (OpmlSource("u", "a"),)


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-16-le", "utf-32"])
@pytest.mark.parametrize("stated", ["", "<?xml version='1.0' encoding='utf-8'?>"])
def test_an_encoding_that_is_not_stated_is_found_out(encoding: str, stated: str) -> None:
    text = stated + opml('<outline text="Café" xmlUrl="u"/>').decode()
    assert parse_opml(text.encode(encoding)) == (OpmlSource("u", "Café"),)


def test_the_address_of_a_feed_may_stand_elsewhere_that_of_a_link_is_none() -> None:
    body = opml(
        '<outline type="rss" text="a" url="u:a"/>',
        '<outline type="Atom" text="b" feedUrl="u:b" url="u:page"/>',
        '<outline type="rss" text="c" xmlUrl="" href="u:c"/>',
        '<outline type="link" text="d" url="u:d"/>',
        '<outline type="include" text="e" url="u:e.opml"/>',
        '<outline type="rss" text="f"/>',
        '<outline text="g" url="u:g"/>',
    )
    assert [source.url for source in parse_opml(body)] == ["u:a", "u:b", "u:c"]


def test_a_feed_is_one_whatever_else_leads_to_its_address() -> None:
    body = opml(
        '<outline type="link" text="Page" url="u:a"/>',
        '<outline text="Site" xmlUrl="" htmlUrl="u:b"/>',
        '<outline type="source" text="List" xmlUrl="u:c"/>',
        *(f'<outline type="rss" text="{name}" xmlUrl="u:{name}"/>' for name in "abc"),
    )
    assert [(source.url, source.title) for source in parse_opml(body)] == [
        ("u:a", "a"), ("u:b", "b"), ("u:c", "c"),
    ]  # fmt: skip


@pytest.mark.parametrize("said", ['type="rss"', 'type="folder"', 'xmlUrl=""', 'type="Atom" url=""'])
def test_a_folder_is_one_whatever_it_says_of_itself(said: str) -> None:
    body = opml(f'<outline text="Ports" {said}><outline text="A" xmlUrl="u:a"/></outline>')
    listed = read_opml(body)
    assert listed.sources == (OpmlSource("u:a", "A", ("ports",)),)
    assert listed.left_out == ()


ANOTHER = "{0} is another list: import it by itself"
NONE = "{0} has no address of a feed"


@pytest.mark.parametrize(
    ("outline", "name", "reason"),
    [
        ('text="A" type="rss"', "A", NONE),
        ('xmlUrl=" "', "an outline", NONE),
        ('title="A" xmlUrl="" htmlUrl="javascript:x"', "A", NONE),
        ('text="A" type="include" url="u:l"', "u:l", ANOTHER),
        ('type="link" url="u:l.OPML"', "u:l.OPML", ANOTHER),
        ('type="source" xmlUrl="u:l"', "u:l", ANOTHER),
    ],
)
def test_what_seems_to_be_a_source_is_named(outline: str, name: str, reason: str) -> None:
    listed = read_opml(opml(f"<outline {outline}/>", '<outline xmlUrl="u:a"/>'))
    assert listed.left_out == ((name, reason.format(name)),)
    assert [source.url for source in listed.sources] == ["u:a"]


@pytest.mark.parametrize(
    "outline",
    [
        'text="A page" type="link" url="u:page"',
        'text="A page" htmlUrl="https://a.example/"',
        'text="Nothing" type="include"',
        'text="Words alone"',
        'type="include" xmlUrl="u:feed"',
    ],
)
def test_what_seems_to_be_none_is_passed_over(outline: str) -> None:
    assert read_opml(opml(f"<outline {outline}/>", '<outline xmlUrl="u:a"/>')).left_out == ()


@pytest.mark.parametrize(
    ("stated", "title"),
    [
        ("&lt;b&gt;The&lt;/b&gt; Quay &amp;amp; Port", "The Quay & Port"),
        ("Caf&eacute;&nbsp;Quay", "Café Quay"),
        ("The\x0b Quay", "The Quay"),
        ("Nets & lines", "Nets & lines"),
    ],
)
def test_a_title_is_a_line_of_text(stated: str, title: str) -> None:
    assert parse_opml(opml(f'<outline text="{stated}" xmlUrl="u"/>')) == (OpmlSource("u", title),)


def test_raw_ampersands_and_missing_ends_are_read_as_far_as_they_go() -> None:
    body = b'<opml><body><outline text="a" xmlUrl="https://a.example/?x=1&y=2">'
    assert parse_opml(body) == (OpmlSource("https://a.example/?x=1&y=2", "a"),)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "no element found in line 1, column 1"),
        (b"hello", "syntax error in line 1, column 1"),
        (b"<opml>\n<body>\n</opml>", "mismatched tag in line 3, column 3"),
        (b"<html><body>Home</body></html>", "it holds no outline with an xmlUrl"),
        (opml('<outline text="empty folder"/>'), "it holds no outline with an xmlUrl"),
        (opml("</outline></outline>"), "mismatched tag in line 1"),
        (opml("<![if x"), "in line 1, column"),
        (b"<?xml version='1.0' encoding='base64'?><opml/>", "base64"),
    ],
)
def test_what_holds_no_source_is_refused_with_its_place(body: bytes, reason: str) -> None:
    with pytest.raises(ParseError) as raised:
        parse_opml(body)
    assert reason in str(raised.value)
    assert "\n" not in str(raised.value)


def test_declared_entities_are_refused_unexpanded() -> None:
    levels = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(30))
    body = f'<!DOCTYPE opml [<!ENTITY e0 "ha">{levels}]>'.encode() + opml("&e30;")
    with pytest.raises(ParseError, match=r"declares an entity \(e0\)"):
        parse_opml(body)


def test_a_document_that_declares_entities_is_read_and_nothing_of_them_is() -> None:
    body = b'<!DOCTYPE opml [<!ENTITY e "ha">]>' + opml('<outline text="&e;" xmlUrl="u"/>')
    assert parse_opml(body) == (OpmlSource("u", "&e;"),)


def test_what_is_commented_out_is_paused_with_all_below_it() -> None:
    body = opml(
        '<outline text="A" xmlUrl="u:a" isComment="true"/>',
        '<outline text="Old" isComment="TRUE"><outline text="B" xmlUrl="u:b"/></outline>',
        '<outline text="C" xmlUrl="u:c" isComment="false"/>',
    )
    assert [source.paused for source in parse_opml(body)] == [True, True, False]


@pytest.mark.parametrize(
    ("body", "urls"),
    [
        ('<OPML><BODY><OUTLINE TEXT="A" XMLURL="u:a"/></BODY></OPML>', ["u:a"]),
        ('<outline text="A" xmlUrl="u:a"/>', ["u:a"]),
        ("<opml><body><outline text=A xmlUrl=u:a /></body></opml>", ["u:a"]),
        ('<opml><body><outline text="A" checked xmlUrl="u:a"/></body></opml>', ["u:a"]),
        ('<opml><body><outline text="A" text="B" xmlUrl="u:a"/></body></opml>', ["u:a"]),
        ('<opml><body><outline text="A "so called" B" xmlUrl="u:a"/></body></opml>', ["u:a"]),
        ('<opml><body><outline text="1 < 2" xmlUrl="u:a"/></body></opml>', ["u:a"]),
        ('<opml><body><outline text="A" xmlUrl="u:a?b=1&copy=2&c"/></body>', ["u:a?b=1&copy=2&c"]),
        ('<opml><body><!-- <outline xmlUrl="u:b"/> --><outline xmlUrl="u:a"/></body>', ["u:a"]),
        ('<opml><outline xmlUrl="u:a"><outline xmlUrl="u:b"/></outline></opml>', ["u:a", "u:b"]),
        ('<opml><outline text="A" xmlUrl="u:a"/><outline text="B" xmlUrl="u:', ["u:a"]),
        ('<opml><body><outline xmlUrl="u:a"/></body></opml><opml><outline xmlUrl="u:b"/></opml>',
         ["u:a", "u:b"]),
        ('Notice: x\n<opml><body><outline xmlUrl=" u:a\n"/></body></opml><br>', ["u:a"]),
        ('<opml xmlns="http://opml.org/spec2"><outline xmlUrl="u:a"/></opml>', ["u:a"]),
        ('<o:opml xmlns:o="http://opml.org/spec2"><o:outline xmlUrl="u:a"/></o:opml>', ["u:a"]),
        ('<opml><outline type="pie" xmlUrl="u:a"/><outline type="source" xmlUrl="u:b"/></opml>',
         ["u:a"]),
    ],
)  # fmt: skip
def test_lists_are_read_as_people_write_them(body: str, urls: list[str]) -> None:
    assert [source.url for source in parse_opml(body.encode())] == urls


FOAF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
xmlns:rdfs="http://www.w3.org/2000/01/rdf-schema#" xmlns:rss="http://purl.org/rss/1.0/"
xmlns:foaf="http://xmlns.com/foaf/0.1/"><foaf:Group><foaf:name>Pilots</foaf:name><foaf:member>
<foaf:Agent><foaf:name>Ana</foaf:name><foaf:weblog><foaf:Document rdf:about="https://a.example/">
<rdfs:seeAlso><rss:channel rdf:about="u:a"/></rdfs:seeAlso></foaf:Document></foaf:weblog>
</foaf:Agent></foaf:member></foaf:Group></rdf:RDF>"""
GADGET = """<GadgetTabML xmlns="http://schemas.google.com/GadgetTabML/2008">
<Module type="RSS" xmlns="http://www.google.com/ig"><ModulePrefs xmlUrl="u:a"/></Module>
</GadgetTabML>"""


@pytest.mark.parametrize("body", [FOAF, GADGET])
def test_other_kinds_of_lists_are_read_too(body: str) -> None:
    assert [source.url for source in parse_opml(body.encode())] == ["u:a"]


def test_five_thousand_sources_are_read_in_order() -> None:
    outlines = [f'<outline text="s{n}" xmlUrl="https://s.example/{n}"/>' for n in range(5_000)]
    sources = parse_opml(opml(*outlines))
    assert [source.title for source in sources] == [f"s{n}" for n in range(5_000)]


SCRAPS = st.sampled_from(
    [
        "<opml>",
        "<outline ",
        "text='a'",
        "xmlUrl='u'",
        ">",
        "/>",
        "</outline>",
        "<![",
        "<!--",
        "\x00",
    ]
)


@given(st.binary(max_size=60) | st.lists(SCRAPS, max_size=12).map(lambda s: " ".join(s).encode()))
def test_any_bytes_are_sources_or_a_parse_error(body: bytes) -> None:
    try:
        sources = parse_opml(body)
    except ParseError as error:
        assert "\n" not in str(error)  # noqa: PT017 - either outcome is right
    else:
        assert sources


@pytest.mark.parametrize("path", sorted(LISTS.glob("*.opml")), ids=lambda path: path.stem)
def test_a_list_is_read_as_its_golden_file_says(path: Path) -> None:
    expected = json.loads(path.with_suffix(".json").read_text("utf-8"))
    listed = read_opml(path.read_bytes())
    stated = (
        {**each, "categories": tuple(each.get("categories", ()))} for each in expected["sources"]
    )
    assert listed.sources == tuple(OpmlSource(**each) for each in stated)
    assert [list(each) for each in listed.left_out] == expected.get("left_out", [])


def test_there_are_golden_lists() -> None:
    assert len([*LISTS.glob("*.opml")]) == len([*LISTS.glob("*.json")]) >= 10
