"""Training as a whole: minima, featurization, and metrics against a second computation by loops."""

import math

import numpy as np
import pytest

from emulator.data.interactions import Interactions
from emulator.errors import JobFailedError
from emulator.recipes.catalogue import RECIPE_ARN_PREFIX, RECIPES
from emulator.recipes.events import Events
from emulator.settings import Limits
from emulator.training.holdout import hold_out
from emulator.training.train import TrainingRequest, check_minima, train, usable_users

POPULARITY = TrainingRequest(RECIPES[f"{RECIPE_ARN_PREFIX}aws-popularity-count"])
USER_PERSONALIZATION = RECIPES[f"{RECIPE_ARN_PREFIX}aws-user-personalization"]


def made_up(users=60, items=50, seed=3):
    """Users with 20 to 40 events each, on items that are the more popular the lower their code."""
    random = np.random.default_rng(seed)
    lengths = random.integers(20, 41, users)
    drawn = np.minimum(random.geometric(0.06, lengths.sum()) - 1, items - 1)
    order = np.argsort(-np.bincount(drawn, minlength=items), kind="stable")
    code = np.argsort(order).astype(np.int32)
    events = Events(np.repeat(np.arange(users), lengths).astype(np.int32), code[drawn], users, items)
    return Interactions(events, [f"u{user}" for user in range(users)], [f"i{item}" for item in range(items)])


def test_metrics_equal_those_of_plain_loops():
    interactions = made_up()
    held = hold_out(interactions.events)
    counts = [0] * 50
    for user, item in zip(interactions.events.users, interactions.events.items, strict=True):
        counts[item] += not held.test[user]
    top = sorted(range(50), key=lambda item: (-counts[item], item))[:25]
    reciprocal, gain, precision = [], [], []
    for truth in held.truths:
        positions = [place for place, item in enumerate(top, 1) if item in set(truth.tolist())]
        reciprocal.append(1 / positions[0] if positions else 0)
        within = [place for place in positions if place <= 10]
        ideal = sum(1 / math.log(1 + place) for place in range(1, len(within) + 1))
        gain.append(sum(1 / math.log(1 + place) for place in within) / ideal if within else 0)
        precision.append(len(within) / 10)
    metrics = train(interactions, POPULARITY, Limits()).metrics
    assert metrics["mean_reciprocal_rank_at_25"] == round(sum(reciprocal) / len(reciprocal), 4)
    assert metrics["normalized_discounted_cumulative_gain_at_10"] == round(sum(gain) / len(gain), 4)
    assert metrics["precision_at_10"] == round(sum(precision) / len(precision), 4)
    assert metrics["coverage"] == 0.5


def test_the_final_model_knows_the_test_users_too():
    interactions = made_up()
    model = train(interactions, POPULARITY, Limits()).model
    assert model.for_users(["u0"], 50).items[0].tolist() == list(range(50))
    assert len(model.users) == 60


def walks(*lengths):
    users = np.repeat(np.arange(len(lengths)), lengths).astype(np.int32)
    return Events(users, np.zeros(len(users), np.int32), len(lengths), 1)


@pytest.mark.parametrize(
    ("lengths", "said"),
    [
        ([999], "fewer than 1000 interactions"),
        ([50] * 24, "fewer than 25 users with at least 2 interactions each"),
        ([500] * 24 + [1] * 100, "fewer than 25 users"),
        ([100] * 25 + [1] * 3000, "Fewer than 1% of the users"),
    ],
)
def test_too_little_data_is_told_in_the_services_words(lengths, said):
    with pytest.raises(JobFailedError, match=said):
        check_minima(walks(*lengths), POPULARITY, Limits())


def test_just_enough_data_passes():
    check_minima(walks(*[40] * 25), POPULARITY, Limits())


def test_users_outside_the_percentiles_of_history_length_teach_nothing():
    events = walks(*range(1, 101))
    request = TrainingRequest(
        USER_PERSONALIZATION, featurization={"min_user_history_length_percentile": "0.1"}
    )
    kept = np.diff(usable_users(events, request).offsets)
    # The default keeps up to the 99th of a hundred lengths; the tenth is the shortest that stays.
    assert kept[kept > 0].tolist() == list(range(10, 100))
    assert len(usable_users(events, POPULARITY)) == len(events)
