"""What every recipe promises, on data small enough to check by eye."""

import numpy as np
import pytest

from emulator.recipes import contract
from emulator.recipes.catalogue import RECIPES
from emulator.recipes.contract import fit
from emulator.recipes.events import Events
from emulator.recipes.related import SimsTrainer
from emulator.training.model import recommender_class

TRAINERS = sorted(
    {recipe.trainer for recipe in RECIPES.values() if recipe.trainer}, key=lambda kind: kind.__name__
)

# Five users walk 2 → 0 → 1, three of them go on to 3, one to 4. Popularity: 0, 1, 2 (five each), 3 (three), 4 (one).
WALKS = [[2, 0, 1, 3], [2, 0, 1, 3], [2, 0, 1, 3], [2, 0, 1, 4], [2, 0, 1]]


def events_of(walks, n_items=5):
    users = np.repeat(np.arange(len(walks)), [len(walk) for walk in walks]).astype(np.int32)
    return Events(users, np.array([item for walk in walks for item in walk], np.int32), len(walks), n_items)


def histories(*items):
    return [np.array(history, np.int32) for history in items]


@pytest.fixture(params=TRAINERS, ids=lambda kind: kind.__name__)
def trainer(request):
    return request.param


def listed(ranking):
    """The lists without their empty places."""
    return [[item for item in row if item != contract.NOBODY] for row in ranking.items.tolist()]


def test_lists_hold_each_item_once_and_no_more_than_there_are(trainer):
    ranking = fit(trainer, events_of(WALKS), {}).recommend(histories([2], [0, 1], []), 50)
    assert ranking.items.shape == (3, 5)
    # An item is not related to itself; all other recipes may return anything.
    related = issubclass(trainer, SimsTrainer)
    expected = [[0, 1, 3, 4], [0, 2, 3, 4], [0, 1, 2, 3, 4]] if related else [[0, 1, 2, 3, 4]] * 3
    assert [sorted(row) for row in listed(ranking)] == expected


def test_a_shorter_list_is_the_beginning_of_a_longer_one(trainer):
    model = fit(trainer, events_of(WALKS), {})
    asked = histories([2], [0, 1], [])
    assert np.array_equal(model.recommend(asked, 2).items, model.recommend(asked, 5).items[:, :2])


def test_an_empty_history_gets_popular_items(trainer):
    assert fit(trainer, events_of(WALKS), {}).recommend(histories([]), 5).items.tolist() == [[0, 1, 2, 3, 4]]


def test_scores_are_a_distribution_over_the_catalogue_or_absent(trainer):
    model = fit(trainer, events_of(WALKS), {})
    scores = model.recommend(histories([2], []), 5).scores
    if not model.scored:
        assert scores is None
        return
    assert np.allclose(scores.sum(axis=1), 1)
    assert (np.diff(scores, axis=1) <= 0).all()


def test_requests_do_not_influence_each_other(trainer):
    model = fit(trainer, events_of(WALKS), {})
    asked = histories([2], [0, 1], [], [3])
    together = model.recommend(asked, 5).items.tolist()
    assert together == [model.recommend([history], 5).items[0].tolist() for history in asked]


def test_many_requests_are_answered_in_parts(trainer, monkeypatch):
    model = fit(trainer, events_of(WALKS), {})
    asked = histories([2], [0, 1], [], [3], [4])
    whole = model.recommend(asked, 5)
    monkeypatch.setattr(contract, "SCORES_AT_ONCE", 10)
    assert np.array_equal(model.recommend(asked, 5).items, whole.items)


def test_no_request_gets_no_answer(trainer):
    assert len(fit(trainer, events_of(WALKS), {}).recommend([], 5).items) == 0


def test_a_saved_model_gives_the_same_answers(trainer, tmp_path):
    model = fit(trainer, events_of(WALKS), {})
    model.save(tmp_path)
    loaded = recommender_class(trainer).load(tmp_path)
    asked = histories([2], [0, 1], [])
    before, after = model.recommend(asked, 5), loaded.recommend(asked, 5)
    assert np.array_equal(before.items, after.items)
    assert before.scores is after.scores is None or np.array_equal(before.scores, after.scores)


def test_parts_add_up_to_the_whole_and_a_model_can_be_made_in_between(trainer):
    events = events_of(WALKS)
    first = np.array([True, False, True, False, False])
    parts = trainer.start(events.item_counts, {}, contract.Side())
    parts.add(events.of_users(first))
    parts.recommender()
    parts.add(events.of_users(~first))
    asked = histories([2], [0, 1], [])
    whole, summed = fit(trainer, events, {}).recommend(asked, 5), parts.recommender().recommend(asked, 5)
    assert np.array_equal(whole.items, summed.items)


@pytest.mark.parametrize(
    "walks", [[[0]], [[0, 0, 0]], [[0], [0]]], ids=["one event", "one item", "all alike"]
)
def test_the_least_data_makes_a_model(trainer, walks):
    ranking = fit(trainer, events_of(walks, n_items=1), {}).recommend(histories([0], []), 5)
    assert listed(ranking) == [[] if issubclass(trainer, SimsTrainer) else [0], [0]]


def test_what_is_not_allowed_is_left_out_and_scores_stay(trainer):
    model = fit(trainer, events_of(WALKS), {})
    asked = histories([2], [])
    allowed = np.array([[True, False, True, True, True], [False, True, False, False, True]])
    free, filtered = model.recommend(asked, 5), model.recommend(asked, 5, allowed=allowed)
    for row in range(2):
        kept = [item for item in listed(free)[row] if allowed[row, item]]
        assert listed(filtered)[row] == kept
        if model.scored:
            before = dict(zip(free.items[row].tolist(), free.scores[row].tolist(), strict=True))
            after = dict(zip(filtered.items[row].tolist(), filtered.scores[row].tolist(), strict=True))
            assert all(after[item] == before[item] for item in kept)


def test_a_filter_for_all_requests_is_one_row(trainer):
    model = fit(trainer, events_of(WALKS), {})
    asked, allowed = histories([2], [0], []), np.array([[False, True, True, False, True]])
    together = model.recommend(asked, 5, allowed=allowed).items
    assert np.array_equal(together, model.recommend(asked, 5, allowed=np.repeat(allowed, 3, axis=0)).items)


def test_a_long_history_counts_only_by_its_newest_events(trainer):
    model = fit(trainer, events_of(WALKS), {})
    recent = [0, 1] * 40
    asked = histories(recent, [4] * 1000 + recent)
    first, second = model.recommend(asked, 5).items.tolist()
    assert first == second
