"""JSON as it is stored: what comes back is what went in."""

import json

from hypothesis import given
from hypothesis import strategies as st

from aggregator.store.as_json import as_json

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=())),
    lambda values: st.lists(values) | st.dictionaries(st.text(), values),
    max_leaves=8,
)


@given(VALUES)
def test_what_is_stored_comes_back_whatever_it_is(value: object) -> None:
    assert json.loads(as_json(value)) == value


def test_half_a_surrogate_pair_comes_back() -> None:
    assert json.loads(as_json(["\ud800", "žarko"])) == ["\ud800", "žarko"]
