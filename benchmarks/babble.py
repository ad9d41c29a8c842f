"""News that says nothing twice: many stories in few words, to learn what chance has in common.

Every text is drawn from the small vocabulary of its topic, as if a whole window spoke alike. Two of
them share much and mean nothing by it; in a window of thousands there is always one that shares a
little more. All of it is made up, word by word.
"""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from aggregator.labelled import Document
from aggregator.model import Article

ONSETS = (
    "b", "br", "c", "ch", "d", "dr", "f", "fl", "g", "gr", "h", "j", "k", "l", "m", "n", "p", "pl",
    "pr", "r", "s", "st", "str", "t", "tr", "v", "w", "z",
)  # fmt: skip
NUCLEI = ("a", "e", "i", "o", "u", "ai", "ea", "ou")
CODAS = ("l", "n", "r", "s", "t", "nd", "rk", "st", "")
LINKS = (
    "the", "a", "of", "to", "in", "and", "for", "with", "on", "by", "at", "from", "as", "after",
    "before", "over", "under", "against",
)  # fmt: skip
TOPICS = 12
WORDS_A_TOPIC = 160
NAMES = 400
TOPICAL = 0.7  # of the words; the others are links
FIGURED = 0.2  # of the sentences
START = datetime(2026, 1, 5, tzinfo=UTC)


def babble(count: int, seed: int = 1) -> Iterator[Document]:
    """Yield documents, each a story of its own, some minutes apart."""
    chance = random.Random(seed)
    topics = [[_word(chance) for _ in range(WORDS_A_TOPIC)] for _ in range(TOPICS)]
    names = [_word(chance).capitalize() for _ in range(NAMES)]
    for number in range(count):
        article = _article(chance, number, chance.choice(topics), chance.sample(names, 5))
        yield Document(f"babble-{number}", f"babble-{number}", article, "original")


def _article(
    chance: random.Random, number: int, words: Sequence[str], names: Sequence[str]
) -> Article:
    lines = [_sentence(chance, words, names) for _ in range(chance.randint(6, 22))]
    title = _sentence(chance, words, names[:2]).rstrip(".")
    return Article(
        entry_id=number,
        title=title,
        text="\n\n".join(lines),
        outlet=f"outlet{chance.randint(1, 60)}.example",
        published=START + timedelta(minutes=7 * number),
        lang="en",
    )


def _sentence(chance: random.Random, words: Sequence[str], names: Sequence[str]) -> str:
    found = [chance.choice(words if chance.random() < TOPICAL else LINKS) for _ in range(12)]
    found[chance.randint(2, 9)] = chance.choice(names)
    if chance.random() < FIGURED:
        found[chance.randint(2, 9)] = str(chance.randint(4, 400))
    return f"{' '.join(found).capitalize()}."


def _word(chance: random.Random) -> str:
    syllables = (
        chance.choice(ONSETS) + chance.choice(NUCLEI) + chance.choice(CODAS) for _ in range(2)
    )
    return "".join(syllables)
