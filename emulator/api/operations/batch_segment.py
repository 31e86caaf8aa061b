"""Batch segment jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.api.operations.batch_inference import check_paths
from emulator.api.operations.common import Params, check_pending, create, require_active
from emulator.api.operations.filters import usable_filter
from emulator.errors import InvalidInputError
from emulator.filters.parse import parse_filter
from emulator.recipes.catalogue import ITEM_ATTRIBUTES, RECIPES, USER_SEGMENTATION
from emulator.serving.user_filters import check_user_filter

if TYPE_CHECKING:
    from emulator.engine import Emulator

DEFAULT_RESULTS = 25
MEMBERS = ("solutionVersionArn", "jobInput", "jobOutput", "roleArn", "filterArn")


def create_batch_segment_job(emulator: Emulator, params: Params) -> dict[str, Any]:
    """CreateBatchSegmentJob."""
    version = require_active(emulator.store.get(params["solutionVersionArn"], "solution_version"))
    recipe = RECIPES[version.body["recipeArn"]]
    if recipe.recipe_type != USER_SEGMENTATION:
        raise InvalidInputError(
            f"The recipe {recipe.name} makes no user segments; use CreateBatchInferenceJob, or a solution with "
            "aws-item-affinity or aws-item-attribute-affinity."
        )
    check_paths(params["jobInput"]["s3DataSource"]["path"], params["jobOutput"]["s3DataDestination"]["path"])
    results, most = params.get("numResults", DEFAULT_RESULTS), emulator.limits.segment_users
    if not 1 <= results <= most:
        raise InvalidInputError(f"numResults must be from 1 to {most}, not {results}")
    found = usable_filter(emulator, params.get("filterArn"), version.body["datasetGroupArn"])
    if found is not None:
        parsed = parse_filter(found.body["filterExpression"])
        check_user_filter(parsed, found.arn, interactions=recipe.request != ITEM_ATTRIBUTES)
    check_pending(emulator, "batch_segment_job", emulator.limits.pending_batch_segment_jobs)
    body = {member: params.get(member) for member in MEMBERS} | {"numResults": results}
    job = create(emulator, "batch_segment_job", params, parent=version.arn, body=body)
    return {"batchSegmentJobArn": job.arn}
