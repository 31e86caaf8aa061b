"""The table of Personalize resource kinds: how each is named, created, described, and when it is finished.

State machines, tasks, IAM policies, the emulator's tests and the deletion of resources all read this table; a test
checks every row against botocore's service model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from lambdas.shared.errors import RequestError


class Naming(Enum):
    """What tells two resources of a kind apart."""

    STABLE = "stable"  # one per scenario: lives on from run to run
    CONTENT = "content"  # one per content of the request: the same settings find the same resource
    RUN = "run"  # one per run, and per attempt when an earlier attempt failed


@dataclass(frozen=True, slots=True)
class ResourceKind:
    """One kind of resource and the service's words for it.

    `member` is the key of the object in a Describe answer, `arn_member` the ARN's key in requests and answers.
    `arn_suffix` is the part of the ARN after `arn:<partition>:personalize:<region>:<account>:`, made from `{name}`
    and members of the create request; None where the service chooses it (solution versions).
    """

    kind: str
    operation: str
    member: str
    naming: Naming
    arn_suffix: str | None
    name_member: str = "name"
    has_status: bool = True
    takes_tags: bool = True
    passes_role: bool = False

    @property
    def create_method(self) -> str:
        """The boto3 method that creates one."""
        return f"create_{self.kind}"

    @property
    def describe_method(self) -> str:
        """The boto3 method that describes one."""
        return f"describe_{self.kind}"

    @property
    def arn_member(self) -> str:
        """The key of the ARN in create answers and describe requests."""
        return f"{self.operation[0].lower()}{self.operation[1:]}Arn"

    def arn(self, scope: ArnScope, name: str, request: Mapping[str, Any]) -> str | None:
        """The ARN that a resource of this name will have, or None when the service chooses it."""
        if self.arn_suffix is None:
            return None
        group = str(request.get("datasetGroupArn", "")).rsplit("/", 1)[-1]
        return scope.arn(
            self.arn_suffix.format(name=name, group=group, type=str(request.get("datasetType", "")).upper())
        )

    def arn_patterns(self, prefix: str) -> tuple[str, ...]:
        """ARN suffixes with wildcards that cover every resource whose name starts with `prefix`."""
        if self.arn_suffix is None:
            return (f"solution/{prefix}*",)
        return (self.arn_suffix.format(name=f"{prefix}*", group=f"{prefix}*", type="*"),)


@dataclass(frozen=True, slots=True)
class ArnScope:
    """Partition, region and account: what an ARN needs besides the resource's own part."""

    partition: str
    region: str
    account_id: str

    @classmethod
    def of_function(cls, function_arn: str) -> ArnScope:
        """The scope in which a Lambda function runs, from its own ARN."""
        _, partition, _, region, account_id, *_ = function_arn.split(":")
        return cls(partition, region, account_id)

    def arn(self, suffix: str) -> str:
        """A Personalize ARN in this scope."""
        return f"arn:{self.partition}:personalize:{self.region}:{self.account_id}:{suffix}"


KINDS: Mapping[str, ResourceKind] = {
    row.kind: row
    for row in (
        ResourceKind("dataset_group", "DatasetGroup", "datasetGroup", Naming.STABLE, "dataset-group/{name}"),
        ResourceKind(
            "schema", "Schema", "schema", Naming.CONTENT, "schema/{name}", has_status=False, takes_tags=False
        ),
        ResourceKind("dataset", "Dataset", "dataset", Naming.STABLE, "dataset/{group}/{type}"),
        ResourceKind(
            "dataset_import_job",
            "DatasetImportJob",
            "datasetImportJob",
            Naming.RUN,
            "dataset-import-job/{name}",
            name_member="jobName",
            passes_role=True,
        ),
        ResourceKind("solution", "Solution", "solution", Naming.CONTENT, "solution/{name}"),
        ResourceKind("solution_version", "SolutionVersion", "solutionVersion", Naming.RUN, None),
        ResourceKind(
            "batch_inference_job",
            "BatchInferenceJob",
            "batchInferenceJob",
            Naming.RUN,
            "batch-inference-job/{name}",
            name_member="jobName",
            passes_role=True,
        ),
    )
}


def resource_kind(kind: str) -> ResourceKind:
    """The row of a kind. Raises RequestError naming the known kinds."""
    try:
        return KINDS[kind]
    except KeyError:
        raise RequestError(f"unknown resource kind {kind!r}: one of {', '.join(KINDS)}.") from None


@dataclass(frozen=True, slots=True)
class ResourceState:
    """Where a resource is in its life, in the service's own words."""

    arn: str
    status: str
    failure_reason: str | None
    description: Mapping[str, Any]

    @property
    def active(self) -> bool:
        """Whether it can be used. (Data deletion jobs end in COMPLETED; none of ours does.)"""
        return self.status == "ACTIVE"

    @property
    def failed(self) -> bool:
        """Whether it has ended in a state that waiting will not change."""
        return self.status.endswith("FAILED") or self.status == "CREATE STOPPED"

    @property
    def going_away(self) -> bool:
        """Whether it is being deleted."""
        return self.status.startswith("DELETE")


def describe(client: Any, kind: ResourceKind, arn: str) -> ResourceState:
    """Ask the service for a resource. Schemas have no status and count as ACTIVE.

    Raises the client's ResourceNotFoundException when there is none.
    """
    answer = getattr(client, kind.describe_method)(**{kind.arn_member: arn})
    description = answer[kind.member]
    return ResourceState(
        arn=arn,
        status=description["status"] if kind.has_status else "ACTIVE",
        failure_reason=description.get("failureReason"),
        description=description,
    )
