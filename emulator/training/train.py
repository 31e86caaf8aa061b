"""Trains a solution version: minima, featurization, hold-out, metrics, model."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from emulator.errors import JobFailedError
from emulator.recipes.catalogue import POPULAR_ITEMS, USER_SEGMENTATION
from emulator.recipes.contract import Side, fit
from emulator.recipes.network_parameters import DEFAULT_DIMENSION
from emulator.training.holdout import hold_out
from emulator.training.metrics import LIST_LENGTH, covered_share, hits, service_metrics, weighted_gains
from emulator.training.model import TrainedModel
from emulator.training.segments import measured_segments
from emulator.training.trend_accuracy import trend_metrics
from emulator.training.tuning import Search, tune

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emulator.data.interactions import EventWeight, Interactions
    from emulator.recipes.catalogue import Recipe
    from emulator.recipes.contract import Recommender
    from emulator.recipes.events import Events
    from emulator.settings import Limits

COVERAGE_USERS = 2000
"""Coverage is counted over the lists of at most this many users, evenly drawn."""


@dataclass(frozen=True)
class TrainingRequest:
    """What a solution says about its training.

    search: set when hyperparameters are to be searched for. weights: how much events count by their type.
    """

    recipe: Recipe
    event_type: str | None = None
    threshold: float | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    featurization: Mapping[str, str] = field(default_factory=dict)
    search: Search | None = None
    weights: tuple[EventWeight, ...] = ()


@dataclass(frozen=True)
class Training:
    """The result: the model of all users, and the metrics of one trained without the test users.

    tuned: what a search for hyperparameters chose, None without one.
    """

    model: TrainedModel
    metrics: dict[str, float]
    tuned: dict[str, str] | None = None


def train(interactions: Interactions, request: TrainingRequest, limits: Limits) -> Training:
    """Raises JobFailedError where the data is too little or the recipe cannot be trained here.

    The statistics of the 90 % are added up first, give the model that is measured, and then take in the last tenth
    of the users for the final model: the data is passed once. Recipes for user segments and for trends hold out what
    was newest instead, so their data is passed twice.
    """
    if request.recipe.trainer is None:
        raise JobFailedError(f"Recipe {request.recipe.name} cannot be trained by this emulator yet.")
    check_minima(interactions.events, request, limits)
    learned = usable_users(interactions.events, request)
    side = side_of(interactions)
    parameters = known_parameters(request)
    if request.recipe.recipe_type == USER_SEGMENTATION:
        measured_on = measured_segments(request.recipe, learned, parameters, side)
        every = fit(request.recipe.trainer, learned, parameters, side)
        return Training(TrainedModel.of(every, interactions), measured_on)
    if request.recipe.recipe_type == POPULAR_ITEMS:
        trend = fit(request.recipe.trainer, learned, parameters, side)
        accuracy = trend_metrics(learned, parameters, _coverage(trend, learned))
        return Training(TrainedModel.of(trend, interactions), accuracy)
    holdout = hold_out(learned)
    found = None
    if request.search is not None:
        past = learned.of_users(~holdout.test)
        started = request.recipe.trainer.start(past.item_counts, parameters, side)
        found = tune(started, past, parameters, request.search, side.users)
        parameters |= found
    trainer = request.recipe.trainer.start(learned.item_counts, parameters, side)
    trainer.add(learned.of_users(~holdout.test))
    traits = None if side.users is None else side.users[holdout.users]
    measured = trainer.recommender().recommend(holdout.histories, LIST_LENGTH, traits)
    trainer.add(learned.of_users(holdout.test))
    final = trainer.recommender()
    metrics = service_metrics(hits(measured.items, holdout.truths), _coverage(final, learned))
    if holdout.weights is not None:
        metrics |= weighted_gains(measured.items, holdout.truths, holdout.weights)
    model = TrainedModel.of(final, interactions, top_up=request.recipe.second_version)
    return Training(model, metrics, found)


def known_parameters(request: TrainingRequest) -> dict[str, str]:
    """Every parameter of the recipe with its value, the solution's or the default."""
    recipe = request.recipe
    defaults = {parameter.name: parameter.default for parameter in recipe.parameters + recipe.featurization}
    if "hidden_dimension" in defaults:
        defaults[DEFAULT_DIMENSION] = defaults["hidden_dimension"]
    return {**defaults, **request.featurization, **request.parameters}


def side_of(interactions: Interactions) -> Side:
    """What recipes get to know besides events."""
    items, users = interactions.item_features, interactions.user_features
    return Side(
        items=None if items is None else items.matrix,
        users=None if users is None else users.matrix,
        item_columns=() if items is None else items.columns,
        ages=interactions.ages,
        context_columns=() if interactions.context is None else interactions.context.columns,
    )


def check_minima(events: Events, request: TrainingRequest, limits: Limits) -> None:
    """The service's least amounts of data, after the event filters."""
    if len(events) < limits.training_interactions:
        by_type = f" by event type: {request.event_type}" if request.event_type else ""
        by_value = (
            f" by event value of at least {request.threshold:g}" if request.threshold is not None else ""
        )
        filtered = f" after filtering{by_type}{by_value}" if by_type or by_value else ""
        raise JobFailedError(
            f"Create failed. Dataset has fewer than {limits.training_interactions} interactions{filtered}."
        )
    users = int(np.sum(np.diff(events.offsets) >= limits.training_user_interactions))
    if users < limits.training_users:
        raise JobFailedError(
            f"Create failed. Dataset has fewer than {limits.training_users} users with at least "
            f"{limits.training_user_interactions} interactions each."
        )
    if users < limits.training_user_share * events.n_users:
        raise JobFailedError(
            f"Create failed. Fewer than {limits.training_user_share:.0%} of the users have at least "
            f"{limits.training_user_interactions} interactions each."
        )


def usable_users(events: Events, request: TrainingRequest) -> Events:
    """Leaves out users whose history is shorter or longer than the recipe's percentiles of history length.

    All users are kept where that would leave fewer than two.
    """
    chosen = known_parameters(request)
    low, high = (
        chosen.get("min_user_history_length_percentile"),
        chosen.get("max_user_history_length_percentile"),
    )
    if low is None or high is None:
        return events
    lengths = np.diff(events.offsets)
    shortest, longest = np.quantile(
        lengths, [float(low), max(float(low), float(high))], method="inverted_cdf"
    )
    kept = (lengths >= shortest) & (lengths <= longest)
    return events.of_users(kept) if kept.sum() >= 2 else events


def _coverage(recommender: Recommender, events: Events) -> float:
    offsets = events.offsets
    drawn = np.unique(np.linspace(0, events.n_users - 1, min(COVERAGE_USERS, events.n_users)).astype(int))
    histories = [events.items[offsets[user] : offsets[user + 1]] for user in drawn]
    return covered_share(recommender.recommend(histories, LIST_LENGTH).items, events.n_items)
