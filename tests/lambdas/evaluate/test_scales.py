from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.evaluate.page.scales import Scale

figures = st.floats(-50, 50).filter(lambda value: value == 0 or abs(value) > 1e-6)


@pytest.mark.parametrize(
    ("values", "low", "high", "step"),
    [
        ([0.1498], 0.0, 0.15, 0.05),
        ([0.55], 0.0, 0.6, 0.2),
        ([-0.3, 1.1], -0.5, 1.5, 0.5),
        ([4.36], 0.0, 5.0, 1.0),
        ([], 0.0, 1.0, 0.2),
        ([0.0], 0.0, 1.0, 0.2),
    ],
)
def test_limits_and_steps_are_round(values, low, high, step):
    scale = Scale.around(values)
    assert (scale.low, scale.high, scale.step) == pytest.approx((low, high, step))


@given(st.lists(figures, max_size=8))
def test_every_value_and_zero_lie_inside(values):
    scale = Scale.around(values)
    assert all(-1e-6 <= scale.x(value) <= 100 + 1e-6 for value in [0.0, *values])


@given(st.lists(figures, max_size=8))
def test_ticks_go_from_end_to_end_and_one_is_zero(values):
    ticks = Scale.around(values).ticks(str)
    assert 2 <= len(ticks) <= 9
    assert (ticks[0].x, ticks[-1].x) == pytest.approx((0, 100))
    assert sum(tick.is_zero for tick in ticks) == 1
    assert (ticks[0].anchor, ticks[-1].anchor) == ("start", "end")
