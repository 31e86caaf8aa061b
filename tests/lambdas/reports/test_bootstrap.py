from __future__ import annotations

import numpy as np
import pytest

from lambdas.reports import bootstrap
from lambdas.reports.bootstrap import SampledMean, interval, resampled_means
from lambdas.reports.estimates import UNDEFINED, Difference, Estimate


def naive_means(values, resamples, seed):
    """The definition, draw by draw."""
    generator = np.random.default_rng(seed)
    n = len(values)
    out = []
    for _ in range(resamples):
        drawn = values[generator.integers(0, n, size=n)]
        out.append([np.nanmean(column) if not np.isnan(column).all() else np.nan for column in drawn.T])
    return np.array(out)


def test_is_the_mean_of_every_resample():
    values = np.random.default_rng(1).random((17, 3))
    assert resampled_means(values, resamples=50, seed=3) == pytest.approx(naive_means(values, 50, 3))


def test_undefined_values_are_left_out_of_each_resample():
    values = np.random.default_rng(2).random((9, 2))
    values[[1, 4, 5], 1] = np.nan
    assert resampled_means(values, resamples=80, seed=5) == pytest.approx(naive_means(values, 80, 5))


def test_does_not_depend_on_the_size_of_blocks(monkeypatch):
    values = np.random.default_rng(3).random((20, 2))
    whole = resampled_means(values, resamples=33, seed=1)
    monkeypatch.setattr(bootstrap, "_BLOCK_ENTRIES", 45)
    assert resampled_means(values, resamples=33, seed=1) == pytest.approx(whole, abs=1e-15)


def test_columns_share_their_resamples():
    values = np.random.default_rng(4).random((30, 1))
    means = resampled_means(np.hstack([values + 0.25, values]), resamples=40, seed=9)
    assert means[:, 0] - means[:, 1] == pytest.approx(0.25)


def test_interval_is_that_of_the_normal_approximation_on_many_users():
    values = np.random.default_rng(6).normal(0.3, 0.2, size=(4000, 1))
    low, high = interval(resampled_means(values, resamples=4000, seed=7)[:, 0], 0.95)
    error = values.std() / np.sqrt(len(values))
    assert low == pytest.approx(values.mean() - 1.96 * error, abs=0.15 * error)
    assert high == pytest.approx(values.mean() + 1.96 * error, abs=0.15 * error)


def test_wider_confidence_gives_a_wider_interval():
    draws = resampled_means(np.random.default_rng(8).random((50, 1)), resamples=500, seed=1)[:, 0]
    narrow, wide = interval(draws, 0.8), interval(draws, 0.99)
    assert wide[0] < narrow[0] < narrow[1] < wide[1]


def test_one_user_has_no_interval():
    means = resampled_means(np.array([[0.4]]), resamples=10, seed=1)
    assert SampledMean(0.4, means[:, 0]).estimate(0.95) == Estimate(0.4, None, None)


def test_no_user_has_no_value():
    means = resampled_means(np.empty((0, 1)), resamples=10, seed=1)
    assert SampledMean(float("nan"), means[:, 0]).estimate(0.95) == UNDEFINED == Estimate(None, None, None)


def test_an_undefined_resample_leaves_the_interval_undefined():
    assert interval(np.array([0.1, np.nan, 0.3]), 0.95) is None
    assert interval(np.empty(0), 0.95) is None


def test_a_difference_is_taken_draw_by_draw():
    model, other = SampledMean(0.5, np.array([0.4, 0.6])), SampledMean(0.25, np.array([0.2, 0.4]))
    found = model.minus(other, 0.5)
    # Quartiles between the two draws: differences 0.2 and 0.2, quotients 1 and 0.5.
    assert (found.absolute.value, found.absolute.low, found.absolute.high) == pytest.approx((0.25, 0.2, 0.2))
    assert (found.relative.value, found.relative.low, found.relative.high) == pytest.approx((1, 0.625, 0.875))


def test_a_draw_in_which_the_other_scores_nothing_leaves_the_relative_interval_undefined():
    found = SampledMean(0.5, np.array([0.4, 0.6])).minus(SampledMean(0.25, np.array([0.0, 0.5])), 0.95)
    assert found.relative == Estimate(1.0)
    assert found.absolute.low is not None


def test_equal_columns_differ_by_exactly_nothing():
    draws = np.array([0.1, 0.2, 0.3])
    found = SampledMean(0.2, draws + 1e-17).minus(SampledMean(0.2 - 1e-17, draws - 1e-16), 0.95)
    assert found == Difference(Estimate(0.0, 0.0, 0.0), Estimate(0.0, 0.0, 0.0))
