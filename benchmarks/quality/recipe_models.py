"""The emulator's recipes as models of this benchmark, trained by its own training and asked as its campaigns do."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.asking import LENGTH, Questions, Train
from benchmarks.recipe_data import Tables, coded
from emulator.recipes.catalogue import RECIPE_ARN_PREFIX, RECIPES
from emulator.settings import Limits
from emulator.training.model import Asked, TrainedModel
from emulator.training.train import TrainingRequest, train

_AT_ONCE = 500


@dataclass(frozen=True)
class RecipeModel:
    """Answers as a campaign does, without exploration."""

    model: TrainedModel

    def lists(self, questions: Questions) -> list[list[str]]:
        """The lists, some users at a time."""
        found: list[list[str]] = []
        for start in range(0, len(questions.users), _AT_ONCE):
            part = questions.part(slice(start, start + _AT_ONCE))
            asked = [
                Asked(
                    user_id=user,
                    item_id=part.items[row] if part.items else "",
                    recent=tuple(part.recent[row]) if part.recent else (),
                    allowed=self._allowed(part, row),
                )
                for row, user in enumerate(part.users)
            ]
            items = self.model.answer(asked, LENGTH).items
            found += [[self.model.items[code] for code in codes if code >= 0] for codes in items.tolist()]
        return found

    def _allowed(self, questions: Questions, row: int) -> NDArray[np.bool_] | None:
        removed = questions.removed[row] if questions.removed else []
        if questions.only is None and not removed:
            return None
        allowed = np.full(len(self.model.items), questions.only is None)
        allowed[self._codes(questions.only or [])] = True
        allowed[self._codes(removed)] = False
        return allowed

    def _codes(self, items: list[str]) -> list[int]:
        return [self.model.codes[item] for item in items if item in self.model.codes]


def train_recipe(name: str, tables: Tables, _seconds: float) -> RecipeModel:
    """Codes the tables and trains with all defaults; the service's metrics are made, too."""
    recipe = RECIPES[RECIPE_ARN_PREFIX + name]
    return RecipeModel(train(coded(tables, recipe), TrainingRequest(recipe), Limits()).model)


def recipe_trainer(name: str) -> Train:
    """A way to train the recipe of this name."""
    return partial(train_recipe, name)


def trainable(recipe_type: str, tables: Tables) -> list[str]:
    """Names of the recipes of a type that have a model and find the datasets that they need."""
    return [
        recipe.name
        for recipe in RECIPES.values()
        if recipe.trainer is not None
        and recipe.recipe_type == recipe_type
        and ("ITEMS" not in recipe.required or tables.items is not None)
    ]
