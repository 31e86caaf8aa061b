"""Recipes, as the service describes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.api.paging import next_token, page_size, position
from emulator.errors import not_found
from emulator.recipes.catalogue import RECIPES

if TYPE_CHECKING:
    from emulator.engine import Emulator

Params = dict[str, Any]


def describe_recipe(emulator: Emulator, params: Params) -> dict[str, Any]:
    """DescribeRecipe; legacy recipes can be described even where they cannot be trained."""
    del emulator
    recipe = RECIPES.get(params["recipeArn"])
    if recipe is None:
        raise not_found(params["recipeArn"])
    return {"recipe": recipe.document()}


def list_recipes(emulator: Emulator, params: Params) -> dict[str, Any]:
    """ListRecipes: custom recipes; a domain has its own, of which the emulator has none."""
    legacy = emulator.behaviour.legacy_recipes
    shown = (
        [] if params.get("domain") else [recipe for recipe in RECIPES.values() if legacy or not recipe.legacy]
    )
    start, size = position("recipes", params), page_size(params)
    answer: dict[str, Any] = {"recipes": [recipe.document() for recipe in shown[start : start + size]]}
    if start + size < len(shown):
        answer["nextToken"] = next_token("recipes", params, start + size)
    return answer
