"""The partial sort against a full one."""

import numpy as np
import pytest
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


@pytest.mark.parametrize("seed", range(40))
def test_the_best_are_those_of_a_full_sort_however_many_scores_are_equal(seed):
    random = np.random.default_rng(seed)
    width, count = int(random.integers(1, 3000)), int(random.integers(1, 60))
    scores = random.integers(-3, 4, (3, width)).astype(np.float32)
    if seed % 2:
        scores = random.normal(size=scores.shape).astype(np.float32)
    scores[random.random(scores.shape) < 0.2] = -np.inf
    expected = [np.lexsort((np.arange(width), -row))[:count].tolist() for row in scores]
    assert top_items(scores, count).tolist() == expected
