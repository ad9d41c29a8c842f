"""What fuzzing found once (benchmarks/fuzz.py), and that it would find more."""

import random

import pytest
from fuzz import KEPT, TARGETS, Target, fault, mutated, smallest


@pytest.mark.parametrize("name", TARGETS)
def test_what_was_found_is_mended_and_a_little_of_what_comes_of_the_seeds_holds(name: str) -> None:
    target, chance = TARGETS[name], random.Random(20261129)
    kept = [path.read_bytes() for path in sorted((KEPT / name).glob("*"))]
    small = sorted(target.seeds(), key=len)[:1]
    for body in [*kept, mutated(small, chance)]:
        assert fault(target, body) is None, body


def test_a_fault_is_found_and_made_small() -> None:
    def stumble(body: bytes) -> None:
        if b"<![" in body:
            raise ValueError(body)

    target, chance = Target(stumble, list), random.Random(1)
    bodies = (mutated([b"a long text of no matter what" * 9], chance) for _ in range(5000))
    found = next(body for body in bodies if fault(target, body))
    assert smallest(target, found) == b"<!["
