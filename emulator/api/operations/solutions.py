"""Solutions, solution versions and their metrics.

`performAutoTraining` defaults to true and is echoed, as on the service. The emulator does not act on it yet: versions
are made by CreateSolutionVersion only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.api.operations.common import (
    BATCH_JOBS,
    Params,
    check_pending,
    check_quota,
    create,
    require_active,
    require_none,
    require_settled,
)
from emulator.api.operations.solution_config import check_config, chosen_recipe, group_columns
from emulator.errors import (
    InvalidInputError,
    ResourceAlreadyExistsError,
    ResourceInUseError,
    UnsupportedOperationError,
)
from emulator.recipes.catalogue import RECIPES
from emulator.state.arns import solution_version_arn
from emulator.state.resources import ACTIVE

if TYPE_CHECKING:
    from emulator.engine import Emulator

INHERITED = (
    "recipeArn",
    "datasetGroupArn",
    "eventType",
    "solutionConfig",
    "performHPO",
    "performAutoML",
    "performIncrementalUpdate",
)
"""What a version takes over from its solution."""


def create_solution(emulator: Emulator, params: Params) -> dict[str, Any]:
    """CreateSolution."""
    group = require_active(emulator.store.get(params["datasetGroupArn"], "dataset_group"))
    recipe = chosen_recipe(emulator, params)
    check_config(emulator, params, recipe, group.arn)
    body = {
        "performHPO": params.get("performHPO", False),
        "performAutoML": False,
        "performAutoTraining": params.get("performAutoTraining", True),
        "performIncrementalUpdate": False,
        "recipeArn": recipe.arn,
        "datasetGroupArn": group.arn,
        "eventType": params.get("eventType"),
        "solutionConfig": params.get("solutionConfig"),
    }
    # Columns that a later schema adds are not trained on by solutions that were made before.
    columns = group_columns(emulator, group.arn)
    solution = create(
        emulator, "solution", params, parent=group.arn, body=body, internal={"columns": columns}
    )
    count = emulator.store.count("solution", group.arn) - 1
    check_quota(count, emulator.limits.solutions_per_group, "solution")
    return {"solutionArn": solution.arn}


def describe_solution(emulator: Emulator, params: Params) -> dict[str, Any]:
    """DescribeSolution, with a summary of the newest version."""
    solution = emulator.store.get(params["solutionArn"], "solution")
    versions = emulator.store.of_kind("solution_version", solution.arn)
    latest = {"latestSolutionVersion": versions[-1].document()} if versions else {}
    return {"solution": solution.document() | latest}


def delete_solution(emulator: Emulator, params: Params) -> None:
    """DeleteSolution: its campaigns must be gone and no version under way; versions go with it."""
    store = emulator.store
    solution = store.get(params["solutionArn"], "solution")
    require_settled(solution)
    require_none(store.of_kind("campaign", solution.arn), "delete the solution")
    versions = store.of_kind("solution_version", solution.arn)
    require_none([version for version in versions if version.creating], "delete the solution")
    for version in versions:
        jobs = [job for kind in BATCH_JOBS for job in store.of_kind(kind, version.arn) if job.creating]
        require_none(jobs, "delete the solution")
    emulator.lifecycle.delete(solution)


def create_solution_version(emulator: Emulator, params: Params) -> dict[str, Any]:
    """CreateSolutionVersion. A name that is taken within the account is refused; the ARN does not show it."""
    solution = require_active(emulator.store.get(params["solutionArn"], "solution"))
    mode = params.get("trainingMode", "FULL")
    _check_mode(mode, solution.body["recipeArn"])
    name = params.get("name")
    if name and any(version.name == name for version in emulator.store.of_kind("solution_version")):
        raise ResourceAlreadyExistsError(f"Another solution version with the name {name} already exists.")
    check_pending(emulator, "solution_version", emulator.limits.pending_solution_versions)
    arn = solution_version_arn(solution.arn)
    body = {member: solution.body.get(member) for member in INHERITED}
    body |= {"solutionArn": solution.arn, "trainingMode": mode, "trainingType": "MANUAL"}
    version = create(
        emulator,
        "solution_version",
        params,
        parent=solution.arn,
        arn=arn,
        name=name or "/".join(arn.split("/")[-2:]),
        body=body,
        internal={"columns": solution.internal.get("columns", {})},
    )
    return {"solutionVersionArn": version.arn}


def get_solution_metrics(emulator: Emulator, params: Params) -> dict[str, Any]:
    """GetSolutionMetrics: only an ACTIVE version has them."""
    version = emulator.store.get(params["solutionVersionArn"], "solution_version")
    if version.creating:
        raise ResourceInUseError(f"The solution version {version.arn} is in status {version.status}.")
    if version.status != ACTIVE:
        raise InvalidInputError(
            f"The solution version {version.arn} is in status {version.status}: no metrics."
        )
    return {"solutionVersionArn": version.arn, "metrics": version.internal["metrics"]}


def _check_mode(mode: str, recipe_arn: str) -> None:
    recipe = RECIPES[recipe_arn]
    if mode == "UPDATE" and recipe.updates:
        raise UnsupportedOperationError("trainingMode UPDATE is not part of this emulator yet; use FULL.")
    if mode == "UPDATE":
        raise InvalidInputError(f"trainingMode UPDATE is not supported by the recipe {recipe.name}")
    if mode != "FULL":
        raise InvalidInputError(f"trainingMode {mode} is set by the service only; use FULL")
