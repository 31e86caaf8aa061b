"""What Amazon Personalize's recipes accept. Source of every row: the recipe's page in the developer guide."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

ARN_PREFIX = "arn:aws:personalize:::recipe/"

USER_PERSONALIZATION = "USER_PERSONALIZATION"
POPULAR_ITEMS = "POPULAR_ITEMS"
PERSONALIZED_RANKING = "PERSONALIZED_RANKING"
RELATED_ITEMS = "RELATED_ITEMS"
PERSONALIZED_ACTIONS = "PERSONALIZED_ACTIONS"
USER_SEGMENTATION = "USER_SEGMENTATION"


class ParameterKind(Enum):
    """How the text of a hyperparameter is read; also the list of hpoConfig in which its range belongs."""

    INTEGER = "integer"
    CONTINUOUS = "continuous"
    BOOLEAN = "categorical"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One hyperparameter: bounds are inclusive, None where the guide states none."""

    kind: ParameterKind
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    tunable: bool = False  # may have a range in hpoConfig
    settable: bool = True  # may have a fixed value


def _integer(low: float, high: float | None, *, tunable: bool = True, settable: bool = True) -> Parameter:
    return Parameter(ParameterKind.INTEGER, low, high, tunable=tunable, settable=settable)


def _share(*, tunable: bool = False) -> Parameter:
    return Parameter(ParameterKind.CONTINUOUS, 0, 1, tunable=tunable)


@dataclass(frozen=True, slots=True)
class Recipe:
    """A recipe: its type, its parameters, and which options of solution and batch job it has."""

    name: str
    type: str
    algorithm: Mapping[str, Parameter]
    featurization: Mapping[str, Parameter]
    batch_inference: bool = True
    exploration: bool = False  # itemExplorationConfig, trainingMode UPDATE
    events_config: bool = False
    objective: bool = False
    themes: bool = False
    ranking_influence: bool = False
    successor: str | None = None  # set for recipes that AWS no longer trains
    needs_items: bool = False

    @property
    def arn(self) -> str:
        """ARNs of recipes hold neither region nor account."""
        return f"{ARN_PREFIX}{self.name}"

    @property
    def tunable(self) -> dict[str, Parameter]:
        """The hyperparameters that a search can vary."""
        return {name: parameter for name, parameter in self.algorithm.items() if parameter.tunable}


_NEURAL = {
    "hidden_dimension": _integer(32, 256),
    "bptt": _integer(2, 32),
    "recency_mask": Parameter(ParameterKind.BOOLEAN, tunable=True),
}
_HISTORY = {
    "min_user_history_length_percentile": _share(),
    "max_user_history_length_percentile": _share(),
}
_RECENCY = {"apply_recency_bias": Parameter(ParameterKind.BOOLEAN)}
_AFFINITY = {"hidden_dimension": _integer(32, 256, tunable=False)}
_COLDSTART = {
    "cold_start_max_interactions": _integer(1, None, tunable=False),
    "cold_start_max_duration": Parameter(ParameterKind.CONTINUOUS, 0),
    "cold_start_relative_from": Parameter(ParameterKind.CHOICE, choices=("latestItem", "currentTime")),
}
_SUCCESSOR = "aws-user-personalization-v2"

_ROWS = (
    Recipe("aws-user-personalization-v2", USER_PERSONALIZATION, _RECENCY, {}, events_config=True),
    Recipe(
        "aws-user-personalization", USER_PERSONALIZATION, _NEURAL, _HISTORY, exploration=True, objective=True
    ),
    Recipe("aws-popularity-count", USER_PERSONALIZATION, {}, {}),
    Recipe(
        "aws-trending-now",
        POPULAR_ITEMS,
        {},
        {
            "trend_discovery_frequency": Parameter(
                ParameterKind.CHOICE, choices=("30 minutes", "1 hour", "2 hours", "3 hours", "1 day")
            )
        },
        batch_inference=False,
    ),
    Recipe("aws-personalized-ranking-v2", PERSONALIZED_RANKING, _RECENCY, {}, events_config=True),
    Recipe("aws-personalized-ranking", PERSONALIZED_RANKING, _NEURAL, _HISTORY, objective=True),
    Recipe(
        "aws-similar-items",
        RELATED_ITEMS,
        {
            "popularity_discount_factor": _share(),
            "item_id_hidden_dim": _integer(30, 200, settable=False),
            "item_metadata_hidden_dim": _integer(30, 200, settable=False),
        },
        {},
        themes=True,
    ),
    Recipe(
        "aws-sims",
        RELATED_ITEMS,
        {"popularity_discount_factor": _share(tunable=True), "min_cointeraction_count": _integer(0, 10)},
        {
            **_HISTORY,
            "min_item_interaction_count_percentile": _share(),
            "max_item_interaction_count_percentile": _share(),
        },
    ),
    Recipe("aws-semantic-similarity", RELATED_ITEMS, {}, {}, ranking_influence=True, needs_items=True),
    Recipe(
        "aws-next-best-action",
        PERSONALIZED_ACTIONS,
        {},
        {"action_optimization_period": _integer(7, 28, tunable=False)},
        batch_inference=False,
    ),
    Recipe("aws-item-affinity", USER_SEGMENTATION, _AFFINITY, {}, batch_inference=False),
    Recipe(
        "aws-item-attribute-affinity",
        USER_SEGMENTATION,
        _AFFINITY,
        {},
        batch_inference=False,
        needs_items=True,
    ),
    Recipe("aws-hrnn", USER_PERSONALIZATION, _NEURAL, _HISTORY, successor=_SUCCESSOR),
    Recipe("aws-hrnn-metadata", USER_PERSONALIZATION, _NEURAL, _HISTORY, successor=_SUCCESSOR),
    Recipe(
        "aws-hrnn-coldstart",
        USER_PERSONALIZATION,
        {"hidden_dimension": _integer(32, 256)},
        {**_COLDSTART, **_HISTORY},
        exploration=True,
        successor="aws-user-personalization",
        needs_items=True,
    ),
)

RECIPES: Mapping[str, Recipe] = {recipe.arn: recipe for recipe in _ROWS}
"""Every recipe of custom dataset groups by its ARN."""

DOMAIN_RECIPE_PREFIXES = (f"{ARN_PREFIX}aws-ecomm-", f"{ARN_PREFIX}aws-vod-")
"""Recipes of domain dataset groups: only CreateRecommender takes them."""
