"""Batch inference jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.api.operations.common import Params, check_pending, create, refuse_segments, require_active
from emulator.api.operations.filters import usable_filter
from emulator.errors import InvalidInputError, UnsupportedOperationError
from emulator.filters.parse import parse_filter
from emulator.jobs.s3 import parse_location
from emulator.recipes.catalogue import EXPLORES, RECIPES
from emulator.serving.filters import check_item_filter

if TYPE_CHECKING:
    from emulator.engine import Emulator

DEFAULT_RESULTS = 25


def create_batch_inference_job(emulator: Emulator, params: Params) -> dict[str, Any]:
    """CreateBatchInferenceJob."""
    version = require_active(emulator.store.get(params["solutionVersionArn"], "solution_version"))
    refuse_segments(version.body["recipeArn"])
    check_paths(params["jobInput"]["s3DataSource"]["path"], params["jobOutput"]["s3DataDestination"]["path"])
    results = params.get("numResults", DEFAULT_RESULTS)
    if not 1 <= results <= emulator.limits.batch_results:
        raise InvalidInputError(
            f"numResults must be from 1 to {emulator.limits.batch_results}, not {results}"
        )
    found = usable_filter(emulator, params.get("filterArn"), version.body["datasetGroupArn"])
    if found is not None:
        check_item_filter(parse_filter(found.body["filterExpression"]), found.arn)
    _check_mode(params, version.body["recipeArn"])
    check_pending(emulator, "batch_inference_job", emulator.limits.pending_batch_inference_jobs)
    body = {
        member: params.get(member)
        for member in (
            "solutionVersionArn",
            "jobInput",
            "jobOutput",
            "roleArn",
            "filterArn",
            "batchInferenceJobConfig",
        )
    }
    body |= {"numResults": results, "batchInferenceJobMode": "BATCH_INFERENCE"}
    job = create(emulator, "batch_inference_job", params, parent=version.arn, body=body)
    return {"batchInferenceJobArn": job.arn}


def check_paths(source: str, target: str) -> None:
    """Input and output of a batch job: different places in S3."""
    if parse_location(source) is None:
        raise InvalidInputError(f"Invalid S3 input path: {source} is not s3://bucket/prefix")
    if parse_location(target) is None:
        raise InvalidInputError(f"Invalid S3 output path: {target} is not s3://bucket/prefix")
    if source.rstrip("/") == target.rstrip("/"):
        raise InvalidInputError(f"Invalid S3 output path: {target} must differ from the input path")


def _check_mode(params: Params, recipe_arn: str) -> None:
    recipe = RECIPES[recipe_arn]
    if not recipe.request:
        raise InvalidInputError(
            f"The recipe {recipe.name} has no batch inference: make a campaign and ask it."
        )
    if params.get("batchInferenceJobMode", "BATCH_INFERENCE") != "BATCH_INFERENCE":
        raise UnsupportedOperationError("THEME_GENERATION is not part of this emulator yet.")
    if params.get("themeGenerationConfig"):
        raise InvalidInputError("themeGenerationConfig needs batchInferenceJobMode THEME_GENERATION")
    config = params.get("batchInferenceJobConfig") or {}
    if config.get("rankingInfluence"):
        raise InvalidInputError("rankingInfluence is for the recipe aws-semantic-similarity only")
    check_exploration(config.get("itemExplorationConfig") or {}, recipe_arn)


def check_exploration(config: dict[str, str], recipe_arn: str) -> None:
    """Exploration settings: of one recipe only."""
    if not config:
        return
    if RECIPES[recipe_arn].name != EXPLORES:
        raise InvalidInputError(f"itemExplorationConfig is for the recipe {EXPLORES} only")
    unknown = set(config) - {"explorationWeight", "explorationItemAgeCutOff"}
    if unknown:
        raise InvalidInputError(f"itemExplorationConfig has no member {', '.join(sorted(unknown))}")
    try:
        weight, age = (
            float(config.get("explorationWeight", "0")),
            float(config.get("explorationItemAgeCutOff", "30")),
        )
    except ValueError as error:
        raise InvalidInputError(f"itemExplorationConfig: {error}") from error
    if not 0 <= weight <= 1 or not age >= 1:
        raise InvalidInputError("explorationWeight must be from 0 to 1, explorationItemAgeCutOff at least 1")
