"""GetRecommendations: a campaign's answer to one request."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from emulator.api.operations.campaigns import serving, serving_version
from emulator.api.operations.common import Params, refuse_segments, require_active, unsupported
from emulator.api.operations.filters import usable_filter
from emulator.errors import InvalidInputError, not_found
from emulator.recipes.catalogue import PERSONALIZED_RANKING, RECIPES
from emulator.serving.answers import Question

if TYPE_CHECKING:
    from emulator.engine import Emulator
    from emulator.recipes.catalogue import Recipe
    from emulator.recipes.contract import Ranking
    from emulator.state.resources import Resource

DEFAULT_RESULTS = 25
MOST_RESULTS = 500
POPULAR = ["Popular item"]
"""The reason given for items that top up a list."""


def get_recommendations(emulator: Emulator, params: Params) -> dict[str, Any]:
    """GetRecommendations by user or by item, as the campaign's recipe asks."""
    refuse_unbuilt(params)
    campaign = active_campaign(emulator, params.get("campaignArn"))
    version = serving_version(emulator, campaign)
    recipe = RECIPES[version.body["recipeArn"]]
    _check_asked(recipe, params)
    count = params.get("numResults", DEFAULT_RESULTS)
    if not 0 <= count <= MOST_RESULTS:
        raise InvalidInputError(f"numResults must be from 0 to {MOST_RESULTS}, not {count}")
    filtered_by = usable_filter(emulator, params.get("filterArn"), version.body["datasetGroupArn"])
    config = serving(emulator, campaign).get("campaignConfig") or {}
    question = Question(
        params.get("userId", ""),
        params.get("itemId", ""),
        filter_values=params.get("filterValues") or {},
        context=asked_context(params, recipe),
    )
    ranking, (problem,) = emulator.answers.ask(
        version, [question], count or DEFAULT_RESULTS, filtered_by, config.get("itemExplorationConfig")
    )
    if problem is not None:
        raise InvalidInputError(problem)
    items = _items(ranking, emulator.answers.model(version).items)
    return {"itemList": items, "recommendationId": recommendation_id()}


def refuse_unbuilt(params: Params) -> None:
    """Refuses the members of requests for items or for a ranking that the emulator would have to ignore."""
    unsupported(
        params,
        recommenderArn="domain recommenders",
        promotions="promotions",
        metadataColumns="metadata in answers",
    )


def asked_context(params: Params, recipe: Recipe) -> dict[str, str]:
    """The context of a request; raises InvalidInputError where the recipe knows none."""
    context: dict[str, str] = params.get("context") or {}
    if context and not recipe.contextual:
        raise InvalidInputError(f"context cannot be used with the recipe of this campaign, {recipe.name}")
    return context


def recommendation_id() -> str:
    """A new one, in the form that the service's have."""
    return f"RID-{uuid.uuid4()}"


def active_campaign(emulator: Emulator, arn: str | None) -> Resource:
    """The campaign that a request names, if it is ACTIVE."""
    if not arn:
        raise InvalidInputError("campaignArn or recommenderArn is required")
    campaign = emulator.store.find(arn, "campaign")
    if campaign is None:
        raise not_found(arn)
    return require_active(campaign)


def _check_asked(recipe: Recipe, params: Params) -> None:
    if recipe.recipe_type == PERSONALIZED_RANKING:
        raise InvalidInputError(f"The recipe {recipe.name} answers GetPersonalizedRanking only")
    refuse_segments(recipe.arn)
    for required in recipe.request[:1]:
        if not params.get(required):
            raise InvalidInputError(f"{required} is required by the recipe of this campaign, {recipe.name}")


def _items(ranking: Ranking, ids: list[str]) -> list[dict[str, Any]]:
    listed = []
    scores = None if ranking.scores is None else ranking.scores[0].tolist()
    for place, code in enumerate(ranking.items[0].tolist()):
        if code < 0:
            break
        item: dict[str, Any] = {"itemId": ids[code]}
        if scores is not None:
            # NaN is not equal to itself: the item has no score, which only topped-up ones have not.
            item |= {"score": scores[place]} if scores[place] == scores[place] else {"reason": POPULAR}
        listed.append(item)
    return listed
