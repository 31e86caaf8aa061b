"""Interactions with little to learn from, or with too much of the same: every recipe makes a sound model of them."""

import numpy as np
import pytest

from emulator.recipes.catalogue import RECIPE_ARN_PREFIX, RECIPES
from emulator.recipes.contract import Side, fit
from emulator.recipes.events import Events
from emulator.training.train import TrainingRequest, known_parameters

NOON = 1_600_000_000
RELATED = ("aws-sims", "aws-similar-items")


def walks(*lists, times=None):
    """Columns of the events of users u00, u01, …, a minute apart."""
    pairs = [(f"u{user:02d}", item) for user, items in enumerate(lists) for item in items]
    places = [place for items in lists for place in range(len(items))]
    return {
        "USER_ID": [user for user, _ in pairs],
        "ITEM_ID": [item for _, item in pairs],
        "TIMESTAMP": times or [NOON + 60 * place for place in places],
    }


def wandering(users=30, length=8, items=12, seed=0):
    random = np.random.default_rng(seed)
    return [[f"i{item:02d}" for item in random.integers(0, items, length)] for _ in range(users)]


EXTREMES = {
    "one item": walks(*[["only"] * 3] * 30),
    "one user": walks(["a", "b", "c", "d", "e"] * 8),
    "one event": walks(["a"]),
    "one event each": walks(*[[f"i{user % 7}"] for user in range(30)]),
    "all users alike": walks(*[["a", "b", "c", "d", "e", "f"]] * 30),
    "an item that everybody has": walks(*[["hit", *items] for items in wandering()]),
    "every item once": walks(*[[f"{user}-{place}" for place in range(5)] for user in range(30)]),
    "all at the same time": walks(*wandering(), times=[NOON] * 240),
    "all before 1970": walks(*wandering(), times=[-NOON + 60 * place for place in range(240)]),
    "from the first second to the last": walks(
        *wandering(), times=[-(2**63), -1, 0, 1, NOON, 2**31, 2**53 + 1, 2**63 - 1] * 30
    ),
}


@pytest.mark.parametrize("events", EXTREMES.values(), ids=EXTREMES)
def test_answers_are_well_formed(learn, made, name, events):
    learned = learn(name, made("Interactions", events))
    assert set(learned.model.items) == set(events["ITEM_ID"])
    assert set(learned.model.users) == set(events["USER_ID"])
    assert learned.answers()


@pytest.mark.parametrize("times", [(-(2**63), 2**63 - 1), (-5, 3), (-(2**40), 9)])
def test_events_are_in_the_order_of_time_wherever_zero_is(learn, made, times):
    columns = {"USER_ID": ["u"] * 4, "ITEM_ID": list("dcba"), "TIMESTAMP": [times[1], 2, -3, times[0]]}
    model = learn("aws-user-personalization-v2", made("Interactions", columns)).model
    assert [model.items[code] for code in model.history("u")] == ["a", "b", "c", "d"]


def test_what_rises_before_1970_is_trending(learn, made):
    old, new = -NOON, -NOON + 7200 + 60
    times = [old + user for user in range(20)] + [new + user for user in range(5)]
    columns = walks(*[["usual"]] * 20, *[["rising"]] * 5, times=times)
    listed = learn("aws-trending-now", made("Interactions", columns)).answers()["u00"]
    assert [item for item, _ in listed] == ["rising", "usual"]


def test_one_event_that_is_far_ahead_ends_all_trends(learn, made):
    times = [NOON + user for user in range(20)] + [NOON + 7260] * 5 + [NOON * 1000]
    columns = walks(*[["usual"]] * 20, *[["rising"]] * 5, ["late"], times=times)
    listed = learn("aws-trending-now", made("Interactions", columns)).answers()["u00"]
    assert [item for item, _ in listed] == ["usual", "rising", "late"]


@pytest.mark.parametrize("name", ["aws-user-personalization", "aws-item-affinity"])
def test_items_of_users_who_are_left_out_of_the_training_count_as_untaken(name):
    # Item 0 is the most popular, but by one user alone, whose events the model does not see.
    lists = [[0] * 9, *[[1, 2, 3, 4]] * 3, [1, 2, 3], [1, 2], [1]]
    users = np.repeat(np.arange(7), [len(items) for items in lists]).astype(np.int32)
    events = Events(users, np.concatenate(lists).astype(np.int32), 7, 5)
    recipe = RECIPES[RECIPE_ARN_PREFIX + name]
    trainer = recipe.trainer.start(events.item_counts, known_parameters(TrainingRequest(recipe)), Side())
    trainer.add(events.of_users(np.arange(7) > 0))
    asked = [np.array(history, np.int32) for history in ([], [1], [1, 2, 3])]
    lists = trainer.recommender().recommend(asked, 5).items.tolist()
    assert lists[0] == [1, 2, 3, 4, 0]
    assert [row[-1] for row in lists] == [0, 0, 0]


LONG = 100_000
CONSTANT, FIRST, SECOND, RARE = 0, 1, 2, 5
"""Items of two users with LONG events each, one of whom takes one item again and again, the other two in turn."""


def long_histories():
    others = np.array([3, 4, RARE] * 2)
    lists = [np.resize([FIRST, SECOND], LONG), np.full(LONG, CONSTANT), *[others] * 20]
    users = np.repeat(np.arange(len(lists)), [len(items) for items in lists]).astype(np.int32)
    items = np.concatenate(lists).astype(np.int32)
    return Events(users, items, len(lists), 6)


TRAINERS = {recipe.trainer: recipe for recipe in RECIPES.values() if recipe.trainer}


@pytest.mark.parametrize("recipe", TRAINERS.values(), ids=[recipe.name for recipe in TRAINERS.values()])
def test_users_with_a_hundred_thousand_events_are_learned_from(recipe):
    model = fit(recipe.trainer, long_histories(), known_parameters(TrainingRequest(recipe)))
    histories = [[FIRST], [SECOND], [FIRST, SECOND] * 30, [CONSTANT], [CONSTANT] * 60, [RARE], []]
    asked = [np.array(history, np.int32) for history in histories]
    lists = model.recommend(asked, 6)
    first = lists.items[:, 0].tolist()
    if recipe.name in RELATED:
        # One user is one witness, however many events there are of him: what is popular comes first.
        assert first[:4] == [CONSTANT] * 3 + [FIRST]
    elif not model.history_length:
        assert first == [CONSTANT] * 7
    else:
        assert first[:5] == [SECOND, FIRST, FIRST, CONSTANT, CONSTANT]
        assert np.isfinite(lists.scores).all()
        assert np.allclose(lists.scores.sum(axis=1), 1)
