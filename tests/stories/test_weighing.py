import numpy as np
import pytest
from numpy.typing import NDArray

from aggregator.lexicon import general_terms
from aggregator.stories.terms import SPACE
from aggregator.stories.text import digest
from aggregator.stories.weighing import UNKNOWN_SHARE, TermWeights, equally, pack_shares


def term(word: str) -> int:
    return digest(word, 4) % SPACE


def ids(*terms: int) -> NDArray[np.uint32]:
    return np.array(terms, np.uint32)


def test_a_rare_term_tells_more_than_a_common_one() -> None:
    weigh = TermWeights(general_terms())
    the, minister, unknown = weigh(ids(*map(term, ("the", "minister", "stojovic"))))
    assert 0.0 <= the < 0.5 < minister < unknown


def test_what_is_packed_comes_back() -> None:
    weigh = TermWeights(pack_shares({7: 0.5, 3: 0.01}))
    shares = np.exp(-weigh(ids(3, 7, 9)))
    assert shares == pytest.approx([0.01, 0.5, UNKNOWN_SHARE], rel=0.05)


def test_the_stream_wears_out_its_own_words() -> None:
    weigh = TermWeights()
    nato, other = ids(1, 2), ids(2)
    before = weigh(nato)
    weigh.add(nato)
    assert (weigh(nato) == before).all()  # only those who are compared have it
    for _ in range(200):
        weigh.add(nato)
    worn, _ = weigh(nato)
    assert worn < 0.5 < before[0]
    weigh.remove(nato, ids(201, 201), 201)
    assert (weigh(nato) == before).all()
    assert len(weigh(other)) == 1


def test_without_a_stream_all_weigh_the_same() -> None:
    assert equally(ids(5, 6)).tolist() == [1.0, 1.0]
