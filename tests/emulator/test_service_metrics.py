"""The service's metrics by its own worked examples, and its hold-out."""

import numpy as np
import pytest

from emulator.recipes.events import Events
from emulator.training.holdout import hold_out
from emulator.training.metrics import (
    covered_share,
    hits,
    mean_reciprocal_rank,
    normalized_discounted_cumulative_gain,
    precision,
    service_metrics,
)


def found_at(*positions):
    row = np.zeros(25, dtype=bool)
    row[[position - 1 for position in positions]] = True
    return row


def test_reciprocal_rank_of_the_guides_example():
    assert mean_reciprocal_rank(np.array([found_at(4), found_at(2, 3), found_at(6)])) == pytest.approx(
        0.3056, abs=5e-5
    )


def test_gain_and_precision_of_the_guides_example():
    found = np.array([found_at(2, 5)])
    assert normalized_discounted_cumulative_gain(found, 5) == pytest.approx(0.6241, abs=5e-5)
    assert precision(found, 5) == pytest.approx(0.4)
    assert mean_reciprocal_rank(found) == pytest.approx(0.5)


def test_a_list_without_hit_counts_as_nothing():
    found = np.array([found_at(), found_at(1)])
    assert mean_reciprocal_rank(found) == pytest.approx(0.5)
    assert normalized_discounted_cumulative_gain(found, 10) == pytest.approx(0.5)


def test_short_lists_are_filled_with_misses():
    found = hits(np.array([[3, 1]]), [np.array([1, 9])])
    assert found.shape == (1, 25)
    assert np.nonzero(found[0])[0].tolist() == [1]
    assert precision(found, 5) == pytest.approx(0.2)


def test_keys_and_rounding():
    metrics = service_metrics(np.array([found_at(3), found_at(3), found_at(1)]), 0.123456)
    assert set(metrics) == {
        "coverage",
        "mean_reciprocal_rank_at_25",
        *(f"normalized_discounted_cumulative_gain_at_{k}" for k in (5, 10, 25)),
        *(f"precision_at_{k}" for k in (5, 10, 25)),
    }
    assert metrics["coverage"] == 0.1235
    assert metrics["mean_reciprocal_rank_at_25"] == 0.5556


def test_without_a_test_user_the_means_are_zero():
    assert service_metrics(np.zeros((0, 25), dtype=bool), 0.5)["precision_at_5"] == 0


def test_covered_share_counts_each_item_once():
    assert covered_share(np.array([[0, 1], [1, 2]]), 6) == pytest.approx(0.5)


def test_a_tenth_of_the_users_is_held_out_and_of_them_the_newest_tenth():
    users = np.repeat(np.arange(40), 20).astype(np.int32)
    events = Events(users, np.tile(np.arange(20), 40).astype(np.int32), 40, 20)
    holdout = hold_out(events)
    assert holdout.test.sum() == len(holdout.truths) == 4
    assert all(truth.tolist() == [18, 19] for truth in holdout.truths)
    assert all(history.tolist() == list(range(18)) for history in holdout.histories)
    assert np.array_equal(hold_out(events).test, holdout.test)


def test_users_with_one_event_are_not_test_users():
    events = Events(np.array([0, 1, 2, 2], np.int32), np.array([0, 0, 0, 1], np.int32), 3, 2)
    holdout = hold_out(events)
    assert holdout.test.tolist() == [False, False, True]
    assert [truth.tolist() for truth in holdout.truths] == [[1]]
