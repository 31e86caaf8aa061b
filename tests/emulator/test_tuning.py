"""performHPO: searches within what it may, reports what it chose, and keeps the defaults unless there is a gain."""

import numpy as np
import pytest

from emulator.recipes.contract import Recommender, Trainer
from emulator.recipes.events import Events
from emulator.recipes.network_parameters import DEFAULT_DIMENSION, HISTORY, Tuning
from emulator.recipes.sequential_linear import RIDGE
from emulator.training.tuning import MOST_JOBS, Range, Search, _candidates, tune


class Guess(Recommender):
    """Knows the next item if its parameter is right."""

    scored = False
    history_length = 10

    def __init__(self, step):
        self.step = step

    n_items = 200

    def score(self, histories, traits=None):
        scores = np.zeros((len(histories), self.n_items), np.float32)
        for row, history in enumerate(histories):
            scores[row, (history[-1] + self.step) % self.n_items] = 1
        return scores

    def save(self, folder):
        raise NotImplementedError

    @classmethod
    def load(cls, folder):
        raise NotImplementedError


class GuessTrainer(Trainer):
    """Takes in nothing."""

    def __init__(self, step=50):
        self.step = step

    @classmethod
    def start(cls, item_counts, parameters, side):
        return cls()

    def add(self, events):
        self.seen = events

    def recommender(self):
        return Guess(self.step)

    def retuned(self, parameters):
        return GuessTrainer(int(parameters["step"]))


def walks(step, users=40, length=10):
    items = np.array(
        [(user * 7 + step * place) % 200 for user in range(users) for place in range(length)], np.int32
    )
    return Events(np.repeat(np.arange(users), length).astype(np.int32), items, users, 200)


STEPS = Search((Range("step", "integer", 1, 4),), 15)


def test_the_best_candidate_is_chosen():
    assert tune(GuessTrainer(), walks(3), {"step": "50"}, STEPS, None) == {"step": "3"}


def test_without_a_gain_the_given_parameters_stay():
    wide = Search((Range("step", "integer", 1, 60),), 15)
    assert tune(GuessTrainer(), walks(50), {"step": "50", "other": "1"}, wide, None) == {"step": "50"}


@pytest.mark.parametrize(
    ("limits", "value", "nearest"),
    [
        (Range("x", "integer", 1, 4), "50", "4"),
        (Range("x", "integer", 60, 70), "50", "60"),
        (Range("x", "float", 0.5, 1.0), "0.25", "0.5"),
        (Range("x", "float", 0.0, 1.0), "0.50", "0.50"),
        (Range("x", "choice", choices=("false",)), "True", "false"),
        (Range("x", "choice", choices=("false", "true")), "True", "True"),
    ],
)
def test_what_is_outside_of_its_range_is_moved_to_the_nearest_inside(limits, value, nearest):
    # All candidates are equally bad, so what is given stays as far as it may.
    assert limits.nearest(value) == nearest
    trainer = GuessTrainer(0)
    trainer.retuned = lambda parameters: trainer
    assert tune(trainer, walks(3), {"x": value}, Search((limits,), 5), None) == {"x": nearest}


def test_draws_from_a_narrow_range_stay_inside():
    narrow = Search((Range("x", "float", 0.123451, 0.123459),), 15)
    drawn = [float(found["x"]) for found in _candidates(narrow)]
    assert drawn
    assert all(0.123451 <= value <= 0.123459 for value in drawn)


def test_the_newest_tenth_is_what_has_to_be_predicted():
    trainer = GuessTrainer()
    tune(trainer, walks(3), {"step": "50"}, STEPS, None)
    assert np.diff(trainer.seen.offsets).tolist() == [9] * 40


@pytest.mark.parametrize(("jobs", "most"), [(1, 0), (2, 1), (40, MOST_JOBS - 1)])
def test_no_more_models_are_trained_than_allowed(jobs, most):
    found = _candidates(Search((Range("x", "float", 0, 1),), jobs))
    assert len(found) == most
    assert all(0 <= float(drawn["x"]) <= 1 for drawn in found)
    assert found == _candidates(Search((Range("x", "float", 0, 1),), jobs))


def test_network_parameters_have_counterparts_that_are_neutral_at_their_defaults():
    defaults = {"hidden_dimension": "149", DEFAULT_DIMENSION: "149", "bptt": "32", "recency_mask": "True"}
    assert Tuning.of(defaults) == Tuning.of({}) == Tuning(RIDGE, HISTORY, recency=True)
    changed = Tuning.of(defaults | {"hidden_dimension": "298", "bptt": "16", "recency_mask": "false"})
    assert changed == Tuning(RIDGE / 2, HISTORY // 2, recency=False)
    assert Tuning.of({"apply_recency_bias": "false"}).recency is False


def hpo(jobs="4", **ranges):
    lists = {
        f"{kind}HyperParameterRanges": ranges.get(kind, [])
        for kind in ("integer", "continuous", "categorical")
    }
    resources = {"maxNumberOfTrainingJobs": jobs, "maxParallelTrainingJobs": "2"}
    return {"hpoConfig": {"hpoResourceConfig": resources, "algorithmHyperParameterRanges": lists}}


@pytest.mark.parametrize(
    ("recipe", "config", "names"),
    [
        (
            "aws-sims",
            hpo(
                continuous=[{"name": "popularity_discount_factor", "minValue": 0.0, "maxValue": 1.0}],
                integer=[{"name": "min_cointeraction_count", "minValue": 0, "maxValue": 5}],
            ),
            {"popularity_discount_factor", "min_cointeraction_count"},
        ),
        ("aws-sims", None, {"popularity_discount_factor", "min_cointeraction_count"}),
        ("aws-similar-items", None, {"item_id_hidden_dim", "item_metadata_hidden_dim"}),
        (
            "aws-user-personalization",
            hpo(categorical=[{"name": "recency_mask", "values": ["true", "false"]}]),
            {"recency_mask"},
        ),
    ],
)
def test_a_version_says_what_was_chosen(service, recipe, config, names):
    members = {} if config is None else {"solutionConfig": config}
    version = service.train(service.ready_group(), recipe, performHPO=True, **members)
    assert version["status"] == "ACTIVE", version
    assert version["performHPO"] is True
    assert set(version["tunedHPOParams"]["algorithmHyperParameters"]) == names


def test_without_a_search_nothing_is_said(service):
    assert "tunedHPOParams" not in service.train(service.ready_group(), "aws-sims")


@pytest.mark.parametrize(
    ("recipe", "config", "said"),
    [
        ("aws-user-personalization-v2", hpo(), "performHPO is not supported"),
        ("aws-popularity-count", hpo(), "performHPO is not supported"),
        ("aws-sims", hpo(jobs="41"), "maxNumberOfTrainingJobs must be from 1 to 40, not '41'"),
        ("aws-sims", hpo(jobs="many"), "must be from 1 to 40"),
        (
            "aws-sims",
            hpo(integer=[{"name": "popularity_discount_factor", "minValue": 0, "maxValue": 1}]),
            "cannot be tuned here (this recipe takes: min_cointeraction_count)",
        ),
        (
            "aws-sims",
            hpo(continuous=[{"name": "popularity_discount_factor", "minValue": 0.8, "maxValue": 0.2}]),
            "minValue 0.8 is above maxValue 0.2",
        ),
        (
            "aws-sims",
            hpo(continuous=[{"name": "popularity_discount_factor", "minValue": 0.0, "maxValue": 2.0}]),
            "must be from 0 to 1",
        ),
        (
            "aws-user-personalization",
            hpo(categorical=[{"name": "recency_mask", "values": ["maybe"]}]),
            "recency_mask must be one of true, false",
        ),
        (
            "aws-sims",
            {"hpoConfig": {"algorithmHyperParameterRanges": {"integerHyperParameterRanges": []}}},
            "needs continuousHyperParameterRanges, categoricalHyperParameterRanges",
        ),
    ],
)
def test_searches_that_cannot_be_made(service, refused, recipe, config, said):
    code, _, message = refused(
        service.personalize.create_solution,
        name="s",
        datasetGroupArn=service.create_group(),
        recipeArn=f"arn:aws:personalize:::recipe/{recipe}",
        performHPO=True,
        solutionConfig=config,
    )
    assert code == "InvalidInputException"
    assert said in message


def test_sizes_of_similar_items_can_be_given_as_ranges_only(service, refused):
    config = {"algorithmHyperParameters": {"item_id_hidden_dim": "100"}}
    answered = refused(
        service.personalize.create_solution,
        name="s",
        datasetGroupArn=service.create_group(),
        recipeArn="arn:aws:personalize:::recipe/aws-similar-items",
        solutionConfig=config,
    )
    assert "no parameter 'item_id_hidden_dim'" in answered[2]
