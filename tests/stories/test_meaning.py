import numpy as np
import pytest
from articles import beside, print_of
from hypothesis import given
from hypothesis import strategies as st

from aggregator.stories.fingerprint import Fingerprint
from aggregator.stories.likeness import meaning
from aggregator.stories.meaning import Centre, Meaning, meaning_of, text_to_embed


@given(st.integers(0, 2**32 - 1), st.floats(-1, 1))
def test_small_vectors_point_where_the_large_ones_did(seed: int, alike: float) -> None:
    one, noise = np.random.default_rng(seed).normal(size=(2, 384)).astype(np.float32)
    other = np.float32(alike) * one + noise
    cosine = float(one @ other / np.linalg.norm(one) / np.linalg.norm(other))
    small = meaning_of("x", one).vector @ meaning_of("x", other).vector
    assert small == pytest.approx(cosine, abs=0.01)


def test_a_dimension_takes_a_byte() -> None:
    kept = meaning_of("x", np.array([3.0, -1.5, 0.0], np.float32))
    assert kept == Meaning("x", np.array([127, -64, 0], np.int8).tobytes())
    assert kept.vector == pytest.approx([0.893, -0.45, 0.0], abs=1e-3)


def test_nothing_stays_nothing() -> None:
    assert meaning_of("x", np.zeros(3, np.float32)).vector.tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("broken", [float("nan"), float("inf")])
def test_what_is_no_number_is_no_meaning(broken: float) -> None:
    with pytest.raises(ValueError, match="no number"):
        meaning_of("x", np.array([1.0, broken], np.float32))


def test_an_encoder_reads_the_beginning() -> None:
    assert text_to_embed("Depot opens", "In Bar.") == "Depot opens\nIn Bar."
    assert text_to_embed("", "") == ""
    assert len(text_to_embed("a" * 10**6, "b" * 10**6)) < 2100


def of(model: str, *components: float) -> Fingerprint:
    return print_of(meaning=meaning_of(model, np.array(components, np.float32)))


@pytest.mark.parametrize(
    ("other", "value"),
    [
        (of("x", 1, 0), 1.0),
        (of("x", 0, 7), 0.5),
        (of("x", -1, 0), 1e-6),
        (of("y", 1, 0), 0.0),
        (of("x", 1, 0, 0), 0.0),
        (print_of(), 0.0),
    ],
    ids=["same", "unlike", "opposite", "other model", "other length", "never read"],
)
def test_likeness_is_between_vectors_of_one_model(other: Fingerprint, value: float) -> None:
    assert meaning(beside(of("x", 1, 0), other))[0] == pytest.approx(value)
    assert meaning(beside(other, of("x", 1, 0)))[0] == pytest.approx(value)


def vector(*components: float) -> Meaning:
    return meaning_of("x", np.array(components, np.float32))


def test_what_all_articles_mean_is_taken_off() -> None:
    see, one, other = Centre(), vector(3, 1, 0), vector(3, 0, 1)
    before = float(see(one) @ see(other))
    assert before == pytest.approx(float(one.vector @ other.vector))
    for number in range(1000):
        see.add(vector(3, number % 2, (number + 1) % 2))
    assert float(see(one) @ see(other)) < 0
    assert before > 0.8
    assert np.linalg.norm(see(one)) == pytest.approx(1.0)


def test_each_model_has_a_middle_of_its_own() -> None:
    see, one = Centre(), vector(1, 2, 3)
    for model, components in (("y", (1, 2, 3)), ("x", (1, 2))):
        see.add(meaning_of(model, np.array(components, np.float32)))
    see.add(None)
    assert see(one).tolist() == one.vector.tolist()


@given(st.permutations([(1, 2, 3), (3, -1, 0), (0, 0, 0), (-5, 1, 1), (2, 2, 2)]))
def test_the_middle_is_the_same_in_any_order_and_after_any_detour(
    order: list[tuple[float, float, float]],
) -> None:
    straight, winding, detour, one = Centre(), Centre(), Centre(), vector(1, 1, 0)
    for components in sorted(order):
        straight.add(vector(*components))
    for centre in (winding, detour):
        centre.add(vector(9, 1, 4))
    for components in order:
        winding.add(vector(*components))
    winding.remove(detour)
    assert straight(one).tolist() == winding(one).tolist()
