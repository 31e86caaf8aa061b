"""The service's recipes: what DescribeRecipe says, which parameters they take, and what trains them here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from emulator.recipes.affinity import AffinityTrainer
from emulator.recipes.hyperparameters import Parameter, boolean, integer, real, tuned
from emulator.recipes.popularity import PopularityTrainer
from emulator.recipes.related import SimilarItemsTrainer, SimsTrainer
from emulator.recipes.sequence import ColdStartTrainer, SequenceTrainer
from emulator.recipes.trending import DEFAULT_FREQUENCY, FREQUENCY, INTERVALS, TrendingTrainer

if TYPE_CHECKING:
    from emulator.recipes.contract import Trainer

RECIPE_ARN_PREFIX = "arn:aws:personalize:::recipe/"
CREATED = 1543449600.0
"""Recipes need some creation date; this is the day the service was announced, 29 November 2018."""


@dataclass(frozen=True)
class Recipe:
    """One recipe. `trainer` is None while the emulator has no model for it: it can be described, not trained.

    request: member names of a batch input line, the first of which GetRecommendations needs, too; none for a recipe
    that needs to be told nothing and has no batch inference. algorithm, feature_transformation: last part of their
    ARNs. parameters: `algorithmHyperParameters`; featurization: `featureTransformationParameters`. required: datasets
    that must be there; metadata: datasets that training uses where they are there. contextual: whether further
    columns of the interactions count, as the context of an event and of a request.
    """

    name: str
    recipe_type: str
    request: tuple[str, ...]
    description: str
    trainer: type[Trainer] | None = None
    parameters: tuple[Parameter, ...] = ()
    featurization: tuple[Parameter, ...] = ()
    legacy: bool = False
    updates: bool = False
    second_version: bool = False
    algorithm: str = ""
    feature_transformation: str = "JSON-percentile-filtering"
    required: tuple[str, ...] = field(default=("INTERACTIONS",))
    metadata: tuple[str, ...] = ()
    contextual: bool = False

    @property
    def arn(self) -> str:
        """`arn:aws:personalize:::recipe/<name>`."""
        return RECIPE_ARN_PREFIX + self.name

    def document(self) -> dict[str, object]:
        """The members of the API's Recipe."""
        transformation = f"arn:aws:personalize:::feature-transformation/{self.feature_transformation}"
        return {
            "name": self.name,
            "recipeArn": self.arn,
            "algorithmArn": f"arn:aws:personalize:::algorithm/{self.algorithm or self.name}",
            "featureTransformationArn": transformation,
            "status": "ACTIVE",
            "description": self.description,
            "recipeType": self.recipe_type,
            "creationDateTime": CREATED,
            "lastUpdatedDateTime": CREATED,
        }


USER = ("userId",)
ITEM = ("itemId",)
ITEM_ATTRIBUTES = ("itemAttributes",)
USER_PERSONALIZATION = "USER_PERSONALIZATION"
RELATED_ITEMS = "RELATED_ITEMS"
POPULAR_ITEMS = "POPULAR_ITEMS"
ITEMS_AND_USERS = ("ITEMS", "USERS")
EXPLORES = "aws-user-personalization"
"""The one recipe that takes itemExplorationConfig."""
PERSONALIZED_RANKING = "PERSONALIZED_RANKING"
USER_SEGMENTATION = "USER_SEGMENTATION"

_HISTORY_PERCENTILES = (
    real("min_user_history_length_percentile", "0.0", 0, 1),
    real("max_user_history_length_percentile", "0.99", 0, 1),
)
_RECENCY_BIAS = (boolean("apply_recency_bias", "true"),)


def _network(hidden_dimension: str) -> tuple[Parameter, ...]:
    return (
        tuned(integer("hidden_dimension", hidden_dimension, 32, 256)),
        tuned(integer("bptt", "32", 2, 32)),
        tuned(boolean("recency_mask", "True")),
    )


_SIMS = (
    tuned(real("popularity_discount_factor", "0.5", 0, 1)),
    tuned(integer("min_cointeraction_count", "3", 0, 10)),
)
_SIMILAR_ITEMS = (
    real("popularity_discount_factor", "0.0", 0, 1),
    tuned(integer("item_id_hidden_dim", "100", 30, 200), range_only=True),
    tuned(integer("item_metadata_hidden_dim", "100", 30, 200), range_only=True),
)
_SIMS_PERCENTILES = (
    real("min_user_history_length_percentile", "0.005", 0, 1),
    real("max_user_history_length_percentile", "0.995", 0, 1),
    real("min_item_interaction_count_percentile", "0.01", 0, 1),
    real("max_item_interaction_count_percentile", "0.9", 0, 1),
)
_COLD_START = (
    integer("cold_start_max_interactions", "15", 1, 1_000_000),
    real("cold_start_max_duration", "5.0", 0, 100_000),
    Parameter("cold_start_relative_from", "choice", "latestItem", choices=("latestitem", "currenttime")),
)

RECIPES: dict[str, Recipe] = {
    recipe.arn: recipe
    for recipe in (
        Recipe(
            "aws-user-personalization-v2",
            USER_PERSONALIZATION,
            USER,
            "Predicts what a user does next; second version.",
            trainer=SequenceTrainer,
            parameters=_RECENCY_BIAS,
            second_version=True,
            metadata=ITEMS_AND_USERS,
            contextual=True,
        ),
        Recipe(
            "aws-user-personalization",
            USER_PERSONALIZATION,
            USER,
            "Predicts what a user does next.",
            trainer=SequenceTrainer,
            parameters=_network("149"),
            featurization=_HISTORY_PERCENTILES,
            updates=True,
            metadata=ITEMS_AND_USERS,
            contextual=True,
        ),
        Recipe(
            "aws-popularity-count",
            USER_PERSONALIZATION,
            USER,
            "The items with the most interactions, the same for every user.",
            trainer=PopularityTrainer,
            feature_transformation="sims",
        ),
        Recipe(
            "aws-trending-now",
            POPULAR_ITEMS,
            (),
            "Items whose popularity rises fastest.",
            trainer=TrendingTrainer,
            featurization=(Parameter(FREQUENCY, "choice", DEFAULT_FREQUENCY, choices=tuple(INTERVALS)),),
            algorithm="aws-trending-now-custom",
        ),
        Recipe(
            "aws-personalized-ranking-v2",
            PERSONALIZED_RANKING,
            ("userId", "itemList"),
            "Orders a list for a user; second version.",
            trainer=SequenceTrainer,
            parameters=_RECENCY_BIAS,
            second_version=True,
            metadata=ITEMS_AND_USERS,
            contextual=True,
        ),
        Recipe(
            "aws-personalized-ranking",
            PERSONALIZED_RANKING,
            ("userId", "itemList"),
            "Orders a list for a user.",
            trainer=SequenceTrainer,
            parameters=_network("149"),
            featurization=_HISTORY_PERCENTILES,
            metadata=ITEMS_AND_USERS,
            contextual=True,
        ),
        Recipe(
            "aws-similar-items",
            RELATED_ITEMS,
            ITEM,
            "Items like an item, by co-occurrence and metadata.",
            trainer=SimilarItemsTrainer,
            metadata=("ITEMS",),
            parameters=_SIMILAR_ITEMS,
            feature_transformation="featurize_metadata",
        ),
        Recipe(
            "aws-sims",
            RELATED_ITEMS,
            ITEM,
            "Items that occur together with an item.",
            trainer=SimsTrainer,
            parameters=_SIMS,
            featurization=_SIMS_PERCENTILES,
            feature_transformation="sims",
        ),
        Recipe(
            "aws-semantic-similarity",
            RELATED_ITEMS,
            ITEM,
            "Items whose text is like an item's.",
            feature_transformation="aws-semantic-similarity",
            required=("ITEMS",),
        ),
        Recipe(
            "aws-next-best-action",
            "PERSONALIZED_ACTIONS",
            USER,
            "Actions a user is likely to take.",
            featurization=(integer("action_optimization_period", "14", 7, 28),),
            required=("INTERACTIONS", "ACTIONS"),
        ),
        Recipe(
            "aws-item-affinity",
            USER_SEGMENTATION,
            ITEM,
            "Users who are likely to take an item.",
            trainer=AffinityTrainer,
            metadata=ITEMS_AND_USERS,
            parameters=(integer("hidden_dimension", "149", 32, 256),),
            feature_transformation="item-affinity",
        ),
        Recipe(
            "aws-item-attribute-affinity",
            USER_SEGMENTATION,
            ITEM_ATTRIBUTES,
            "Users who are likely to take items with an attribute.",
            trainer=AffinityTrainer,
            metadata=ITEMS_AND_USERS,
            parameters=(integer("hidden_dimension", "149", 32, 256),),
            feature_transformation="item-affinity",
            required=("INTERACTIONS", "ITEMS"),
        ),
        Recipe(
            "aws-hrnn",
            USER_PERSONALIZATION,
            USER,
            "Legacy: predicts what a user does next.",
            trainer=SequenceTrainer,
            parameters=_network("43"),
            featurization=_HISTORY_PERCENTILES,
            legacy=True,
        ),
        Recipe(
            "aws-hrnn-metadata",
            USER_PERSONALIZATION,
            USER,
            "Legacy: as aws-hrnn, with metadata of users, items and events.",
            trainer=SequenceTrainer,
            metadata=ITEMS_AND_USERS,
            contextual=True,
            parameters=_network("43"),
            featurization=_HISTORY_PERCENTILES,
            legacy=True,
            feature_transformation="featurize_metadata",
        ),
        Recipe(
            "aws-hrnn-coldstart",
            USER_PERSONALIZATION,
            USER,
            "Legacy: as aws-hrnn-metadata, with exploration of new items.",
            trainer=ColdStartTrainer,
            metadata=ITEMS_AND_USERS,
            contextual=True,
            parameters=_network("149"),
            featurization=_COLD_START,
            legacy=True,
            updates=True,
            feature_transformation="featurize_coldstart",
            required=("INTERACTIONS", "ITEMS"),
        ),
    )
}
