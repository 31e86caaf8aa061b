"""performHPO over the recipes that have something to tune: inside the ranges, within the jobs, never for the worse."""

import numpy as np
import pytest

from emulator.recipes.catalogue import RECIPE_ARN_PREFIX, RECIPES
from emulator.recipes.contract import Side
from emulator.recipes.events import Events
from emulator.training import tuning
from emulator.training.train import TrainingRequest, known_parameters
from emulator.training.tuning import Range, Search, _measured, _split, tune

TUNED = sorted(
    recipe.name
    for recipe in RECIPES.values()
    if recipe.trainer and any(parameter.tuned for parameter in recipe.parameters)
)


def test_these_recipes_can_be_tuned():
    assert {
        "aws-sims",
        "aws-similar-items",
        "aws-user-personalization",
        "aws-personalized-ranking",
        "aws-hrnn",
    } <= set(TUNED)


def ring(users=60, length=30, items=40):
    """Whoever took an item mostly takes one of the next three; codes are ranks of popularity."""
    chance = np.random.default_rng(5)
    steps = np.where(chance.random((users, length)) < 0.8, chance.integers(1, 4, (users, length)), 17)
    taken = np.cumsum(steps, axis=1).ravel() % items
    code = np.argsort(np.argsort(-np.bincount(taken, minlength=items), kind="stable"))
    return Events(
        np.repeat(np.arange(users), length).astype(np.int32), code[taken].astype(np.int32), users, items
    )


@pytest.fixture(params=TUNED)
def recipe(request):
    return RECIPES[RECIPE_ARN_PREFIX + request.param]


def started(recipe, events):
    return recipe.trainer.start(events.item_counts, known_parameters(TrainingRequest(recipe)), Side())


def widest(recipe, jobs):
    tuned = [parameter for parameter in recipe.parameters if parameter.tuned]
    return Search(
        tuple(Range(one.name, one.kind, one.lowest, one.highest, one.choices) for one in tuned), jobs
    )


def within(limits, value):
    if limits.kind == "choice":
        return value.lower() in limits.choices
    number = int(value) if limits.kind == "integer" else float(value)
    return limits.lowest <= number <= limits.highest


def test_what_is_chosen_is_no_worse_where_it_was_chosen(recipe):
    events, defaults = ring(), known_parameters(TrainingRequest(recipe))
    chosen = tune(started(recipe, events), events, defaults, widest(recipe, 15), None)
    past, task = _split(events, None)
    trainer = started(recipe, events)
    trainer.add(past)
    before, after = (
        _measured(trainer, parameters, task).mean() for parameters in (defaults, defaults | chosen)
    )
    assert before > 0
    assert (
        after > before if any(defaults[name] != value for name, value in chosen.items()) else after == before
    )


def test_values_are_inside_of_ranges_that_leave_the_defaults_out(recipe):
    ranges = []
    for one in widest(recipe, 1).ranges:
        if one.kind == "choice":
            ranges.append(Range(one.name, one.kind, choices=("false",)))
        else:
            lowest, highest = (0.9, 1.0) if one.kind == "float" else (int(one.lowest), int(one.lowest) + 2)
            ranges.append(Range(one.name, one.kind, lowest, highest))
    defaults = known_parameters(TrainingRequest(recipe))
    assert not any(within(one, defaults[one.name]) for one in ranges)
    events = ring()
    for jobs in (1, 6):
        chosen = tune(started(recipe, events), events, defaults, Search(tuple(ranges), jobs), None)
        assert set(chosen) == {one.name for one in ranges}
        assert all(within(one, chosen[one.name]) for one in ranges), chosen


@pytest.mark.parametrize("jobs", [1, 2, 5])
def test_no_more_models_are_trained_than_asked_for(recipe, jobs, monkeypatch):
    trained = []

    def counted(trainer, parameters, task):
        trained.append(dict(parameters))
        return _measured(trainer, parameters, task)

    monkeypatch.setattr(tuning, "_measured", counted)
    events, defaults = ring(users=20), known_parameters(TrainingRequest(recipe))
    tune(started(recipe, events), events, defaults, widest(recipe, jobs), None)
    assert 1 <= len(trained) <= jobs
    assert all(within(one, given[one.name]) for given in trained for one in widest(recipe, jobs).ranges)
