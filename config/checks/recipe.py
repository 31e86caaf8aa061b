"""Rules about the recipe, and about options that only some recipes have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.checks.rule import Rule
from config.problems import did_you_mean
from config.recipes import ARN_PREFIX, DOMAIN_RECIPE_PREFIXES, RECIPES, RELATED_ITEMS, USER_PERSONALIZATION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.checks.rule import Finding, Subject

SCENARIO_RECIPE_TYPES = {
    "hrnn": (USER_PERSONALIZATION,),
    "sims": (RELATED_ITEMS,),
    "metadata": (USER_PERSONALIZATION,),
    "coldstart": (USER_PERSONALIZATION,),
    "put_events": (USER_PERSONALIZATION,),
}
"""The recipe types that answer the question of each scenario."""

_ARN = ("solution", "recipeArn")


def _known(subject: Subject) -> Iterator[Finding]:
    arn = subject.scenario.solution["recipeArn"]
    if not isinstance(arn, str):
        yield _ARN, f"must be the ARN of a recipe, not {arn!r}"
    elif arn.startswith(DOMAIN_RECIPE_PREFIXES):
        yield _ARN, f"{arn!r} belongs to domain dataset groups and cannot be trained as a solution"
    elif arn not in RECIPES:
        name = arn.rsplit("/", 1)[-1]
        close = did_you_mean(ARN_PREFIX + name, RECIPES)
        yield _ARN, f"{arn!r} is not a recipe.{close or ' There are: ' + ', '.join(RECIPES) + '.'}"


def _trainable(subject: Subject) -> Iterator[Finding]:
    recipe = subject.recipe
    if recipe and recipe.successor and not subject.settings.allow_legacy_recipes:
        yield (
            _ARN,
            (
                f"AWS no longer trains {recipe.name}: use {ARN_PREFIX}{recipe.successor}. "
                "(The local emulator still does: `allow_legacy_recipes: true`.)"
            ),
        )


def _fits_scenario(subject: Subject) -> Iterator[Finding]:
    recipe, wanted = subject.recipe, SCENARIO_RECIPE_TYPES[subject.name]
    if recipe is None:
        return
    if recipe.type not in wanted:
        yield (
            _ARN,
            f"{recipe.name} is of type {recipe.type}; scenario {subject.name} needs {' or '.join(wanted)}",
        )
    elif not recipe.batch_inference:
        yield _ARN, f"{recipe.name} has no batch inference, by which scenario {subject.name} recommends"
    elif recipe.needs_items and "items" not in subject.scenario.data.present():
        yield _ARN, f"{recipe.name} needs an items dataset: set data.items"


def _solution_options(subject: Subject) -> Iterator[Finding]:
    """Options of CreateSolution that the recipe does not have."""
    recipe, solution = subject.recipe, subject.scenario.solution
    if recipe is None:
        return
    if subject.solution_config("eventsConfig") is not None and not recipe.events_config:
        yield (
            ("solution", "solutionConfig", "eventsConfig"),
            f"{recipe.name} has none; only aws-user-personalization-v2 and aws-personalized-ranking-v2 do",
        )
    if subject.solution_config("optimizationObjective") is not None:
        path = ("solution", "solutionConfig", "optimizationObjective")
        if not recipe.objective:
            yield path, f"{recipe.name} has none; only the first versions of its family do"
        elif "items" not in subject.scenario.data.present():
            yield path, "needs a column of the items dataset: set data.items"
    if "performIncrementalUpdate" in solution and not recipe.ranking_influence:
        yield ("solution", "performIncrementalUpdate"), "only aws-semantic-similarity has it"


def _auto_ml(subject: Subject) -> Iterator[Finding]:
    if subject.scenario.solution.get("performAutoML"):
        yield (
            ("solution", "performAutoML"),
            "chose among recipes that AWS no longer trains: leave it out and set recipeArn",
        )
    if subject.solution_config("autoMLConfig") is not None:
        yield ("solution", "solutionConfig", "autoMLConfig"), "has no effect without performAutoML"


def _training_mode(subject: Subject) -> Iterator[Finding]:
    mode, recipe = subject.scenario.solution_version["trainingMode"], subject.recipe
    path = ("solution_version", "trainingMode")
    if mode == "AUTOTRAIN":
        yield path, "AUTOTRAIN is what the service itself writes: take FULL"
    elif mode == "UPDATE" and recipe and not recipe.exploration:
        yield path, f"{recipe.name} can only be trained FULL; UPDATE belongs to aws-user-personalization"


def _auto_training(subject: Subject) -> Iterator[Finding]:
    automatic = subject.scenario.solution["performAutoTraining"]
    schedule = subject.scenario.schedule
    if automatic and schedule.enabled and not schedule.with_auto_training:
        yield (
            ("solution", "performAutoTraining"),
            (
                "the solution would train by itself every week and the schedule would train it again, both "
                "billed: switch one off, or accept it with `schedule.with_auto_training: true`"
            ),
        )
    if subject.solution_config("autoTrainingConfig") is not None and not automatic:
        yield (
            ("solution", "solutionConfig", "autoTrainingConfig"),
            "has no effect without `performAutoTraining: true`",
        )


def _batch_options(subject: Subject) -> Iterator[Finding]:
    """Options of CreateBatchInferenceJob that the recipe does not have."""
    recipe, batch = subject.recipe, subject.scenario.batch_inference
    if recipe is None:
        return
    config = batch.get("batchInferenceJobConfig", {})
    if "itemExplorationConfig" in config and not recipe.exploration:
        yield (
            ("batch_inference", "batchInferenceJobConfig", "itemExplorationConfig"),
            f"{recipe.name} explores by itself or not at all; only aws-user-personalization can be told how",
        )
    if "rankingInfluence" in config and not recipe.ranking_influence:
        yield (
            ("batch_inference", "batchInferenceJobConfig", "rankingInfluence"),
            "only aws-semantic-similarity has it",
        )
    if batch.get("batchInferenceJobMode") == "THEME_GENERATION" and not recipe.themes:
        yield ("batch_inference", "batchInferenceJobMode"), "only aws-similar-items generates themes"


def _domain(subject: Subject) -> Iterator[Finding]:
    if "domain" in subject.scenario.dataset_group:
        yield (
            ("dataset_group", "domain"),
            "the scenarios train custom solutions, whose dataset group has no domain: leave it out",
        )


def _import_mode(subject: Subject) -> Iterator[Finding]:
    if subject.scenario.dataset_import["importMode"] == "INCREMENTAL":
        yield (
            ("dataset_import", "importMode"),
            (
                "INCREMENTAL keeps what earlier runs imported, which may hold what this run holds out, and "
                "the evaluation would be too good: take FULL"
            ),
        )


RECIPE_RULES = (
    Rule(_known, ("solution.recipeArn",)),
    Rule(_trainable, ("solution.recipeArn",)),
    Rule(_fits_scenario, ("solution.recipeArn",)),
    Rule(
        _solution_options,
        (
            "solution.recipeArn",
            "solution.solutionConfig.eventsConfig",
            "solution.solutionConfig.optimizationObjective",
            "solution.performIncrementalUpdate",
        ),
    ),
    Rule(_auto_ml, ("solution.performAutoML", "solution.solutionConfig.autoMLConfig")),
    Rule(_training_mode, ("solution.recipeArn", "solution_version.trainingMode")),
    Rule(
        _auto_training,
        ("solution.performAutoTraining", "solution.solutionConfig.autoTrainingConfig", "schedule.enabled"),
    ),
    Rule(
        _batch_options,
        (
            "solution.recipeArn",
            "batch_inference.batchInferenceJobConfig",
            "batch_inference.batchInferenceJobMode",
        ),
    ),
    Rule(_domain, ("dataset_group.domain",)),
    Rule(_import_mode, ("dataset_import.importMode",)),
)
