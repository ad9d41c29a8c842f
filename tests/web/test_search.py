"""The page of a search, and its feed."""

import re

import pytest
from rfc4287 import ATOM, faults, parsed
from sample_view import Client
from yarl import URL


async def test_a_search_shows_what_was_found_and_its_feed(client: Client) -> None:
    text = await (await client.get("/search", params={"q": "Frigate  joins"})).text()
    assert text.count('<article class="teaser">') == 2
    assert 'value="Frigate joins"' in text
    feeds = re.findall(r'href="(\./search\.atom\?q=[^"]*)"', text)
    assert feeds == ["./search.atom?q=Frigate%20joins"] * 2
    answer = await client.get("/search.atom", params={"q": "Frigate joins"})
    body = await answer.read()
    assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    again = await client.get(answer.url.path_qs, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status == 304
    plain = await client.get(answer.url.path_qs, headers={"Accept-Encoding": "identity"})
    document = await plain.read()
    assert body != document
    assert faults(document) == []
    assert len([*parsed(document).iter(f"{ATOM}entry")]) == 2


@pytest.mark.parametrize(
    ("asked", "called"),
    [
        ("frigate*+%22baltic+sea%22", "frigate%2A%20%22baltic%20sea%22"),
        ("frigate%2A%20%22baltic%20sea%22", "frigate%2A%20%22baltic%20sea%22"),
        ("e%CC%81cole", "%C3%A9cole"),
    ],
)
async def test_a_feed_says_by_which_address_it_calls_itself(
    client: Client, asked: str, called: str
) -> None:
    """Who compares the link to itself with where it was asked for would call it another's feed."""
    answer = await client.get(URL(f"/search.atom?q={asked}", encoded=True))
    assert answer.headers["Content-Location"] == f"search.atom?q={called}"
    assert answer.status == 200
    headers = {"If-None-Match": answer.headers["ETag"]}
    again = await client.get(URL(f"/search.atom?q={asked}", encoded=True), headers=headers)
    assert (again.status, again.headers["Content-Location"]) == (304, f"search.atom?q={called}")


@pytest.mark.parametrize("query", ["", "   "])
async def test_without_a_question_the_page_says_how_to_ask(client: Client, query: str) -> None:
    answer = await client.get("/search", params={"q": query})
    assert answer.status == 200
    assert "Quotes make a phrase" in await answer.text()
    assert (await client.get("/search")).status == 200


async def test_what_is_nowhere_is_said(client: Client) -> None:
    text = await (await client.get("/search", params={"q": "submarine"})).text()
    assert "No story holds all of these words; <code>frigate*</code> finds frigates, too." in text


async def test_a_question_that_is_none_is_refused(client: Client) -> None:
    for path in ("/search", "/search.atom"):
        answer = await client.get(path, params={"q": "-- ***"})
        assert answer.status == 400
        assert "nothing to look for" in await answer.text()
    assert (await client.get("/search.atom")).status == 400


@pytest.mark.parametrize(
    "query", ['"><script>alert(1)</script>', "x' onfocus=alert(1) y", "\0\x1b"]
)
async def test_a_question_cannot_become_markup(client: Client, query: str) -> None:
    answer = await client.get("/search", params={"q": query})
    text = await answer.text()
    assert "<script" not in text
    assert not re.search(r"<[^>]*\sonfocus=", re.sub(r'"[^"]*"', "", text))


async def test_a_question_without_end_is_cut(client: Client) -> None:
    text = await (await client.get("/search", params={"q": "frigate " * 200})).text()
    assert len(re.findall("frigate", text)) < 200
