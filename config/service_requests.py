"""Which request of Amazon Personalize each settings block is, and what the pipeline adds to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.service_shapes import Finding, check_request

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.models import ScenarioSettings


@dataclass(frozen=True, slots=True)
class ServiceBlock:
    """A settings block, its operation, and the members that a user may not set."""

    name: str
    operation: str
    supplied: frozenset[str]


SERVICE_BLOCKS = (
    ServiceBlock("dataset_group", "CreateDatasetGroup", frozenset({"name", "roleArn", "kmsKeyArn"})),
    ServiceBlock(
        "dataset_import",
        "CreateDatasetImportJob",
        frozenset({"jobName", "datasetArn", "dataSource", "roleArn"}),
    ),
    ServiceBlock("solution", "CreateSolution", frozenset({"name", "datasetGroupArn"})),
    ServiceBlock("solution_version", "CreateSolutionVersion", frozenset({"name", "solutionArn"})),
    ServiceBlock(
        "batch_inference",
        "CreateBatchInferenceJob",
        frozenset({"jobName", "solutionVersionArn", "jobInput", "jobOutput", "roleArn"}),
    ),
)


def request_findings(scenario: ScenarioSettings) -> Iterator[Finding]:
    """What botocore's model refuses in the blocks of a scenario, with paths below the scenario.

    The recipe's ARN is left to the rules, which know every recipe by name and can say more than a pattern.
    """
    for block in SERVICE_BLOCKS:
        request = dict(getattr(scenario, block.name))
        request.pop("recipeArn", None)
        for path, message in check_request(block.operation, request, supplied=block.supplied):
            yield (block.name, *path), message
