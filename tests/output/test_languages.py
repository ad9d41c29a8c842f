import pytest

from aggregator.output.languages import feed_language


@pytest.mark.parametrize(
    ("tag", "stated"),
    [
        ("en", "en"),
        ("sr-Latn-RS", "sr-Latn-RS"),
        ("DE-at", "de-at"),
        ("eng-GB", "en-GB"),
        ("cnr", "sr-ME"),
        ("cnr-Latn", "sr-ME"),
        ("iw", "he"),
        ("prs", "fa-AF"),
        ("kmr-Latn", "ku-Latn"),
        ("sh", "sh"),
        ("crh", "crh"),
        ("yue-HK", ""),
        ("zz", ""),
        ("und", ""),
        ("", ""),
    ],
)
def test_a_language_goes_by_the_name_that_readers_know(tag: str, stated: str) -> None:
    assert feed_language(tag) == stated
    assert feed_language(stated) == stated
