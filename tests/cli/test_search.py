"""Stories found by words, and by what a category's rule would select."""

from console import Console

from aggregator.cli.story_lists import story_facts


def test_search_finds_by_the_words_of_any_telling(newsdesk: Console) -> None:
    everything = newsdesk("stories", "--json").json
    found = newsdesk("search", "minehunters varna", "--json").json
    assert found
    assert all(story in everything for story in found)
    assert "minehunters" in found[0]["title"].lower()
    lines = newsdesk("search", "minehunters varna").lines
    assert [line.split("\t")[4] for line in lines] == [story["key"] for story in found]
    assert len(newsdesk("search", "the", "--limit", 2, "--json").json) == 2


def test_search_says_when_there_is_nothing(newsdesk: Console) -> None:
    said = newsdesk("search", "submarine zeppelin")
    assert (said.code, said.lines) == (0, [])
    assert "no published story" in said.err
    said = newsdesk("search", " -x ")
    assert said.code == 2
    assert "nothing to look for" in said.complaint


def test_a_rule_is_tried_on_the_stories_of_the_window(newsdesk: Console) -> None:
    everything = newsdesk("stories", "--json").json
    varna = [story for story in everything if "Varna" in story["title"]]
    assert varna
    said = newsdesk("test-rule", "title:(varna AND NOT zeppelin)", "--json")
    assert said.json == varna
    assert f"{len(varna)} of 25 stories" in said.err
    assert len(newsdesk("test-rule", "title:varna").lines) == len(varna)
    assert newsdesk("test-rule", "title:zeppelin", "--json").json == []


def test_a_rule_that_does_not_parse_says_where(newsdesk: Console) -> None:
    said = newsdesk("test-rule", "title:(nato")
    assert said.code == 2
    assert "query, line 1" in said.complaint


def test_lists_share_their_keys(newsdesk: Console) -> None:
    assert story_facts.__doc__
    keys = {tuple(story) for story in newsdesk("search", "the", "--json").json}
    assert keys == {tuple(newsdesk("stories", "--json").json[0])}
