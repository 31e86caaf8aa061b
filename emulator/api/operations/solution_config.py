"""Checks of a solution's settings against its recipe and its group's schemas."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from emulator.api.operations.common import Params, unsupported
from emulator.api.operations.events_config import events_problems
from emulator.api.operations.hpo_config import hpo_problems
from emulator.errors import InvalidInputError, UnsupportedOperationError, not_found
from emulator.recipes.catalogue import RECIPES
from emulator.recipes.hyperparameters import problems

if TYPE_CHECKING:
    from emulator.engine import Emulator
    from emulator.recipes.catalogue import Recipe

SUCCESSOR = "aws-user-personalization-v2"
NEVER_EXCLUDED = ("EVENT_TYPE", "USER_ID", "ITEM_ID", "TIMESTAMP")


def chosen_recipe(emulator: Emulator, params: Params) -> Recipe:
    """The recipe of the request, if this emulator can train it."""
    if params.get("performAutoML"):
        raise UnsupportedOperationError(
            "performAutoML chose among legacy recipes only; name a recipe in recipeArn instead."
        )
    arn = params.get("recipeArn")
    if not arn:
        raise InvalidInputError("recipeArn is required")
    recipe = RECIPES.get(arn)
    if recipe is None:
        raise not_found(arn)
    if recipe.legacy and not emulator.behaviour.legacy_recipes:
        raise InvalidInputError(f"The recipe {recipe.name} is no longer available. Use {SUCCESSOR} instead.")
    if recipe.trainer is None:
        raise UnsupportedOperationError(f"The recipe {recipe.name} cannot be trained by this emulator yet.")
    return recipe


def check_config(emulator: Emulator, params: Params, recipe: Recipe, group_arn: str) -> None:
    """Raises InvalidInputError with everything that is wrong, UnsupportedOperationError for what is not built."""
    config = params.get("solutionConfig") or {}
    unsupported(
        config,
        autoMLConfig="AutoML",
        optimizationObjective="optimization for an objective",
    )
    unsupported(params, performIncrementalUpdate="incremental updates")
    columns = group_columns(emulator, group_arn)
    found = problems(
        config.get("algorithmHyperParameters") or {}, recipe.parameters, "algorithmHyperParameters"
    )
    featurization = config.get("featureTransformationParameters") or {}
    found += problems(featurization, recipe.featurization, "featureTransformationParameters")
    found += _event_problems(params.get("eventType"), config.get("eventValueThreshold"), columns)
    found += events_problems(params, recipe, columns.get("INTERACTIONS", ()))
    found += _training_data_problems(config.get("trainingDataConfig") or {}, columns)
    if params.get("performHPO"):
        found += hpo_problems(config.get("hpoConfig"), recipe)
    found += _schedule_problems(config.get("autoTrainingConfig") or {})
    if found:
        raise InvalidInputError("; ".join(found))


def group_columns(emulator: Emulator, group_arn: str) -> dict[str, tuple[str, ...]]:
    """Column names of each dataset of a group, by its type in upper case."""
    columns = {}
    for dataset in emulator.store.of_kind("dataset", group_arn):
        columns[dataset.body["datasetType"]] = emulator.datasets.schema(dataset).names
    return columns


def _event_problems(
    event_type: str | None, threshold: str | None, columns: dict[str, tuple[str, ...]]
) -> list[str]:
    interactions = columns.get("INTERACTIONS", ())
    found = []
    if event_type is not None and "EVENT_TYPE" not in interactions:
        found.append("eventType needs an interactions dataset with the column EVENT_TYPE")
    if threshold is not None:
        if "EVENT_VALUE" not in interactions:
            found.append("eventValueThreshold needs an interactions dataset with the column EVENT_VALUE")
        try:
            float(threshold)
        except ValueError:
            found.append(f"eventValueThreshold must be a number, not {threshold!r}")
    return found


def _training_data_problems(config: dict[str, Any], columns: dict[str, tuple[str, ...]]) -> list[str]:
    """Columns named must exist; EVENT_TYPE and ids cannot be left out."""
    if config.get("excludedDatasetColumns") and config.get("includedDatasetColumns"):
        return ["trainingDataConfig takes excludedDatasetColumns or includedDatasetColumns, not both"]
    found = []
    for member in ("excludedDatasetColumns", "includedDatasetColumns"):
        for dataset_type, names in (config.get(member) or {}).items():
            known = columns.get(dataset_type.upper())
            where = f"trainingDataConfig.{member}.{dataset_type}"
            if known is None:
                found.append(f"{where}: the dataset group has no such dataset")
                continue
            found += [f"{where}: there is no column {name}" for name in names if name not in known]
            if member == "excludedDatasetColumns":
                found += [f"{where}: {name} cannot be excluded" for name in names if name in NEVER_EXCLUDED]
    return found


def _schedule_problems(config: dict[str, Any]) -> list[str]:
    expression = config.get("schedulingExpression")
    days = re.fullmatch(r"rate\((\d+) days?\)", expression) if expression else None
    if days is not None and not 1 <= int(days.group(1)) <= 30:
        return [f"autoTrainingConfig.schedulingExpression must be from 1 to 30 days, not {expression}"]
    return []
