"""GetPersonalizedRanking: a list of the caller's in the order for a user."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.api.operations.campaigns import serving_version
from emulator.api.operations.filters import usable_filter
from emulator.api.operations.recommendations import (
    active_campaign,
    asked_context,
    recommendation_id,
    refuse_unbuilt,
)
from emulator.errors import InvalidInputError
from emulator.recipes.catalogue import PERSONALIZED_RANKING, RECIPES
from emulator.serving.answers import Question

if TYPE_CHECKING:
    from emulator.api.operations.common import Params
    from emulator.engine import Emulator


def get_personalized_ranking(emulator: Emulator, params: Params) -> dict[str, Any]:
    """GetPersonalizedRanking. Items without events in the training come last and have no score."""
    refuse_unbuilt(params)
    version = serving_version(emulator, active_campaign(emulator, params["campaignArn"]))
    recipe = RECIPES[version.body["recipeArn"]]
    if recipe.recipe_type != PERSONALIZED_RANKING:
        raise InvalidInputError(f"The recipe {recipe.name} answers GetRecommendations only")
    if not params["userId"]:
        raise InvalidInputError(f"userId is required by the recipe of this campaign, {recipe.name}")
    filtered_by = usable_filter(emulator, params.get("filterArn"), version.body["datasetGroupArn"])
    question = Question(
        params["userId"],
        item_list=tuple(params["inputList"]),
        filter_values=params.get("filterValues") or {},
        context=asked_context(params, recipe),
    )
    found, (problem,) = emulator.answers.rank(version, [question], filtered_by)
    if problem is not None:
        raise InvalidInputError(problem)
    (ranked,) = found
    listed = zip(ranked.items, ranked.scores, strict=True)
    return {
        "personalizedRanking": [{"itemId": item, "score": score} for item, score in listed],
        "recommendationId": recommendation_id(),
    }
