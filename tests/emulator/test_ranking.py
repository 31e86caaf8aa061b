"""The partial sort against a full one."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from emulator.recipes.ranking import top_items

values = st.sampled_from([0.0, -0.0, 1.0, -1.0, 0.5, 1e-30, -3.5, 7.25])


@given(
    hnp.arrays(np.float32, st.tuples(st.integers(1, 4), st.integers(1, 12)), elements=values),
    st.integers(1, 15),
)
@settings(max_examples=200, deadline=None)
def test_best_first_and_ties_by_code(scores, count):
    expected = [sorted(range(len(row)), key=lambda code: (-row[code], code))[:count] for row in scores]
    assert top_items(scores, count).tolist() == expected
