"""What is counted for related items: pairs by hand, and whose events count."""

import numpy as np
import pytest

from emulator.recipes import co_occurrence
from emulator.recipes.catalogue import RECIPES
from emulator.recipes.co_occurrence import (
    BEFORE,
    REACH,
    REACH_DECAY,
    UNIT,
    CoOccurrence,
    between_percentiles,
    weight_of,
)
from emulator.recipes.events import Events
from emulator.training.train import TrainingRequest, usable_users

SIMS = RECIPES["arn:aws:personalize:::recipe/aws-sims"]


def events_of(walks, n_items):
    users = np.repeat(np.arange(len(walks)), [len(walk) for walk in walks]).astype(np.int32)
    return Events(users, np.array([item for walk in walks for item in walk], np.int32), len(walks), n_items)


def counted(walks, n_items):
    """Weighted sums and numbers of pairs, (items, items) each."""
    events = events_of(walks, n_items)
    sums = CoOccurrence(events.item_counts)
    sums.add(events)
    return sums.together().toarray(), sums.often().toarray()


def test_co_occurrence_by_hand():
    # 1 follows 0 at once and, another time, two steps later; 0 follows 1 once.
    together, often = counted([[0, 1], [1, 0, 2], [0, 3, 1]], 4)
    near, apart = 1.0, np.exp(-1 / REACH_DECAY)
    assert together[0, 1] == pytest.approx(near + apart + BEFORE * near, abs=1 / UNIT)
    assert together[1, 0] == pytest.approx(BEFORE * (near + apart) + near, abs=1 / UNIT)
    assert together[0, 2] == near
    assert together[2, 0] == pytest.approx(BEFORE)
    assert together.diagonal().tolist() == [0, 0, 0, 0]
    assert often[0].tolist() == [0, 3, 1, 1]
    assert np.array_equal(often, often.T)


def test_events_too_far_apart_have_nothing_to_do_with_each_other():
    together, often = counted([[0] + [1] * REACH + [2]], 3)
    assert together[0, 2] == often[0, 2] == 0
    assert together[0, 1] > 0
    assert [weight_of(lag) > weight_of(lag + 1) > 0 for lag in (1, REACH - 1)] == [True, True]


def test_items_between_the_percentiles():
    counts = np.array([100, 50, 40, 30, 20, 10, 5, 4, 3, 1, 0])
    bounds = {"min_item_interaction_count_percentile": "0.15", "max_item_interaction_count_percentile": "0.9"}
    kept = between_percentiles(counts, bounds)
    # Ten items have events; the most popular tenth and the rarest are out, and so is the one without.
    assert np.nonzero(kept)[0].tolist() == list(range(1, 9))


@pytest.mark.parametrize(
    ("bound", "users"), [("min_user_history_length_percentile", 1), ("max_user_history_length_percentile", 0)]
)
def test_users_outside_the_percentiles_teach_nothing(bound, users):
    # Ten short histories and ten long ones tell different things about 0.
    events = events_of([[0, 1]] * 10 + [[0, 2, 3, 2]] * 10, 4)
    request = TrainingRequest(SIMS, featurization={bound: "0.6" if users else "0.4"})
    kept = usable_users(events, request)
    neighbours = counted([kept.history(user).tolist() for user in range(20)], 4)[0][0]
    assert (neighbours[1] > 0, neighbours[2] > 0) == ((False, True) if users else (True, False))


def test_of_many_events_whole_users_are_left_out(monkeypatch):
    monkeypatch.setattr(co_occurrence, "LEARNED_EVENTS", 20)
    sums = CoOccurrence(np.array([20, 20]))
    sums.add(events_of([[0, 1]] * 20, 2))
    assert sums.often().toarray()[0, 1] == 10
    assert sums.counts.tolist() == [20, 20]


@pytest.mark.parametrize("at_once", [1, 70, 10_000])
def test_pairs_are_the_same_however_many_are_counted_at_once(monkeypatch, at_once):
    walks = [[0, 1, 2, 3, 1, 0], [3, 2, 1], [2, 0, 0, 1]]
    whole = counted(walks, 4)
    monkeypatch.setattr(co_occurrence, "PAIRS_AT_ONCE", at_once)
    assert all(np.array_equal(*pair) for pair in zip(counted(walks, 4), whole, strict=True))
