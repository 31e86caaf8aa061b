"""The sequence model against the textbook form of its formulas, and on walks whose next step is plain."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.recipes import sequence
from emulator.recipes.contract import fit
from emulator.recipes.events import Events
from emulator.recipes.sequence import SequenceTrainer
from emulator.recipes.sequential_linear import (
    HISTORY,
    MEMORIES,
    REACHES,
    WINDOW,
    WINDOW_DECAY,
    LinearStatistics,
)
from emulator.recipes.side_regression import solve_with_side
from emulator.recipes.transitions import (
    SOURCE_POWER,
    STEP_DECAY,
    STEPS,
    TARGET_POWER,
    TransitionStatistics,
)


def events_of(walks, n_items):
    users = np.repeat(np.arange(len(walks)), [len(walk) for walk in walks]).astype(np.int32)
    return Events(users, np.array([item for walk in walks for item in walk], np.int32), len(walks), n_items)


def gram_of(statistics):
    gram = np.empty_like(statistics.ordered)
    statistics.fill_gram(gram)
    return gram


def design(walks, n_items):
    """X and Y row by row, as the formulas say them."""
    inputs, targets = [], []
    for walk in walks:
        for p in range(len(walk)):
            row = np.zeros(len(MEMORIES) * n_items)
            for block, tau in enumerate(MEMORIES):
                for a in range(max(0, p - REACHES[block]), p):
                    row[block * n_items + walk[a]] += np.exp(-(p - 1 - a) / tau)
            target = np.zeros(n_items)
            for ahead, item in enumerate(walk[p : p + WINDOW]):
                target[item] += np.exp(-ahead / WINDOW_DECAY)
            inputs.append(row)
            targets.append(target)
    return np.array(inputs), np.array(targets)


walks = st.lists(st.lists(st.integers(0, 4), min_size=1, max_size=40), min_size=1, max_size=6)


@given(walks)
@settings(max_examples=40, deadline=None)
def test_sums_over_pairs_equal_the_products_of_the_design_matrix(walked):
    # Walks of up to forty events outlast the short memory and the window.
    inputs, targets = design(walked, 5)
    statistics = LinearStatistics.empty(5)
    statistics.add(events_of(walked, 5))
    assert np.allclose(gram_of(statistics), inputs.T @ inputs, atol=1e-4)
    assert np.allclose(statistics.cross, inputs.T @ targets, atol=1e-4)


def test_a_walk_longer_than_the_long_memory_gives_the_same_sums_as_the_design():
    walked = [[(step * step) % 5 for step in range(3 * HISTORY)]]
    inputs, targets = design(walked, 5)
    statistics = LinearStatistics.empty(5)
    statistics.add(events_of(walked, 5))
    assert np.allclose(gram_of(statistics), inputs.T @ inputs, rtol=1e-4)
    assert np.allclose(statistics.cross, inputs.T @ targets, rtol=1e-4)


def test_coefficients_are_those_of_ridge_regression():
    walked = [[0, 1, 2, 3], [0, 1, 3], [2, 1, 0, 4, 0]]
    inputs, targets = design(walked, 5)
    statistics = LinearStatistics.empty(5)
    statistics.add(events_of(walked, 5))
    expected = np.linalg.solve(inputs.T @ inputs + 2.0 * np.eye(10), inputs.T @ targets)
    assert np.allclose(solve_with_side(statistics, None, None, ridge=2.0).items, expected, atol=1e-4)


def test_what_lies_outside_the_head_leaves_the_rest_alone():
    small, whole = LinearStatistics.empty(3), LinearStatistics.empty(5)
    for statistics in (small, whole):
        statistics.add(events_of([[0, 4, 1, 2], [3, 0, 1]], 5))
    assert np.allclose(small.cross[:3], whole.cross[:3, :3])
    assert np.allclose(gram_of(small)[3:, 3:], gram_of(whole)[5:8, 5:8])


def test_transitions_by_hand():
    statistics = TransitionStatistics(3)
    statistics.add(events_of([[0, 1, 2], [0, 1]], 3))
    neighbours = statistics.neighbours().toarray()
    # 0 → 1 twice at one step, counts 2 and 2; 0 → 2 once at two steps, counts 2 and 1.
    assert neighbours[0, 1] == pytest.approx(2 / (2**SOURCE_POWER * 2**TARGET_POWER))
    assert neighbours[0, 2] == pytest.approx(np.exp(-1 / STEP_DECAY) / 2**SOURCE_POWER)
    assert neighbours[2].sum() == 0


def test_transitions_end_after_so_many_steps():
    statistics = TransitionStatistics(STEPS + 2)
    statistics.add(events_of([list(range(STEPS + 2))], STEPS + 2))
    neighbours = statistics.neighbours().toarray()
    assert neighbours[0, STEPS] > 0
    assert neighbours[0, STEPS + 1] == 0


RING = [[(start + step) % 40 for step in range(30)] for start in range(40) for _ in range(3)]


def steps_ahead(model, last):
    """How far the five best items lie ahead of the last one on a ring of 40."""
    best = model.recommend([np.array([(last - 1) % 40, last], np.int32)], 5).items[0]
    return [(item - last) % 40 for item in best.tolist()]


@pytest.mark.parametrize("last", [0, 17, 39])
def test_on_a_ring_the_best_items_are_those_that_come_next(last):
    ahead = steps_ahead(fit(SequenceTrainer, events_of(RING, 40), {}), last)
    assert all(1 <= step <= WINDOW for step in ahead), ahead


def test_items_outside_the_head_are_found_by_transitions(monkeypatch):
    monkeypatch.setattr(sequence, "HEAD_ITEMS", 2)
    ahead = steps_ahead(fit(SequenceTrainer, events_of(RING, 40), {}), 17)
    assert {1, 2, 3} <= set(ahead)


def test_above_the_bound_whole_users_are_left_out_of_the_sums_but_not_of_popularity(monkeypatch):
    monkeypatch.setattr(sequence, "LEARNED_EVENTS", 20)
    # Every second user is learned from: those with an even code, who go 0 → 1.
    model = fit(SequenceTrainer, events_of([[0, 1], [0, 2], [2, 2]] * 6 + [[0, 1], [2, 2]], 3), {})
    assert model.recommend([np.array([], np.int32)], 1).items.tolist() == [[2]]
    assert len(model.recommend([np.array([0], np.int32)], 3).items[0]) == 3


def test_scores_for_an_unknown_user_follow_popularity():
    # Items 0 and 1 have four and one events: popularity 1 and 1/4, so the softmax gives exp(5 x 3/4) times as much.
    model = fit(SequenceTrainer, events_of([[0, 0], [0, 0], [1]], 2), {})
    ((first, second),) = model.recommend([np.array([], np.int32)], 2).scores
    assert first / second == pytest.approx(np.exp(sequence.SHARPNESS * 0.75), rel=1e-5)
