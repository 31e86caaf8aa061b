"""The table of Personalize resource kinds: how each is named, created, described, found, finished and deleted.

State machines, tasks, IAM policies, the emulator's tests and the deletion of resources all read this table; a test
checks every row against botocore's service model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import Any

from lambdas.shared.errors import RequestError


class Naming(Enum):
    """What tells two resources of a kind apart."""

    STABLE = "stable"  # one per scenario: lives on from run to run
    CONTENT = "content"  # one per content of the request: the same settings find the same resource
    RUN = "run"  # one per run, and per attempt when an earlier attempt failed


class Rank(IntEnum):
    """When a kind is deleted: all of a lower rank must be gone before, or the service answers "in use"."""

    CAMPAIGN = 1
    SOLUTION = 2  # its versions and their batch jobs go with it
    READER = 3  # filters and event trackers, which stand in the way of their datasets
    DATASET = 4  # its import jobs go with it
    SCHEMA = 5
    GROUP = 6


@dataclass(frozen=True, slots=True)
class ResourceKind:
    """One kind of resource and the service's words for it.

    `member` is the key of the object in a Describe answer, `arn_member` the ARN's key in requests and answers.
    `arn_suffix` is the part of the ARN after `arn:<partition>:personalize:<region>:<account>:`, made from `{name}`
    and members of the create request; None where the service chooses it. `chosen_pattern` then covers what it may
    choose: versions lie below their solution, but nothing of the name is in the ARN of an event tracker.
    `list_parent` is the member that narrows a List call, `list_key` the key of its answer's list where that is not
    the plural of `member`. `rank` is None where the service has no delete call: such a resource goes with its
    parent. `one_per_parent` says that the service allows only one, `replaces_data` that a later one of the same
    parent undoes what an earlier one did. `update_member` is the key in a description that tells of the latest
    update, where the kind is changed in place rather than refused; `told` pairs a member of a task's answer with
    the member of the description that it repeats.
    """

    kind: str
    operation: str
    member: str
    naming: Naming
    arn_suffix: str | None
    list_parent: str | None = None
    rank: Rank | None = None
    list_key: str | None = None
    name_member: str = "name"
    has_status: bool = True
    takes_tags: bool = True
    chosen_pattern: str = ""
    one_per_parent: bool = False
    replaces_data: bool = False
    update_member: str | None = None
    told: tuple[tuple[str, str], ...] = ()

    @property
    def create_method(self) -> str:
        """The boto3 method that creates one."""
        return f"create_{self.kind}"

    @property
    def describe_method(self) -> str:
        """The boto3 method that describes one."""
        return f"describe_{self.kind}"

    @property
    def list_method(self) -> str:
        """The boto3 method that lists them; boto3 has a paginator of the same name."""
        return f"list_{self.kind}s"

    @property
    def list_member(self) -> str:
        """The key of the list in a List answer."""
        return self.list_key or f"{self.member}s"

    @property
    def delete_method(self) -> str | None:
        """The boto3 method that deletes one, or None when it goes with its parent."""
        return None if self.rank is None else f"delete_{self.kind}"

    @property
    def update_method(self) -> str | None:
        """The boto3 method that changes one in place, or None when a difference is a conflict."""
        return None if self.update_member is None else f"update_{self.kind}"

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
            return (self.chosen_pattern.format(name=f"{prefix}*"),)
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
        ResourceKind(
            "dataset_group",
            "DatasetGroup",
            "datasetGroup",
            Naming.STABLE,
            "dataset-group/{name}",
            rank=Rank.GROUP,
        ),
        ResourceKind(
            "schema",
            "Schema",
            "schema",
            Naming.CONTENT,
            "schema/{name}",
            rank=Rank.SCHEMA,
            has_status=False,
            takes_tags=False,
        ),
        ResourceKind(
            "dataset",
            "Dataset",
            "dataset",
            Naming.STABLE,
            "dataset/{group}/{type}",
            list_parent="datasetGroupArn",
            rank=Rank.DATASET,
            update_member="latestDatasetUpdate",
        ),
        ResourceKind(
            "dataset_import_job",
            "DatasetImportJob",
            "datasetImportJob",
            Naming.RUN,
            "dataset-import-job/{name}",
            list_parent="datasetArn",
            replaces_data=True,
            name_member="jobName",
        ),
        ResourceKind(
            "filter",
            "Filter",
            "filter",
            Naming.CONTENT,
            "filter/{name}",
            list_key="Filters",  # the only one that the service writes with a capital
            list_parent="datasetGroupArn",
            rank=Rank.READER,
        ),
        ResourceKind(
            "solution",
            "Solution",
            "solution",
            Naming.CONTENT,
            "solution/{name}",
            list_parent="datasetGroupArn",
            rank=Rank.SOLUTION,
        ),
        ResourceKind(
            "solution_version",
            "SolutionVersion",
            "solutionVersion",
            Naming.RUN,
            None,
            list_parent="solutionArn",
            chosen_pattern="solution/{name}",
        ),
        ResourceKind(
            "batch_inference_job",
            "BatchInferenceJob",
            "batchInferenceJob",
            Naming.RUN,
            "batch-inference-job/{name}",
            list_parent="solutionVersionArn",
            name_member="jobName",
        ),
        ResourceKind(
            "campaign",
            "Campaign",
            "campaign",
            Naming.RUN,
            "campaign/{name}",
            list_parent="solutionArn",
            rank=Rank.CAMPAIGN,
        ),
        ResourceKind(
            "event_tracker",
            "EventTracker",
            "eventTracker",
            Naming.STABLE,
            None,
            list_parent="datasetGroupArn",
            rank=Rank.READER,
            chosen_pattern="event-tracker/*",
            one_per_parent=True,
            told=(("tracking_id", "trackingId"),),
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

    While a resource is changed in place the service keeps calling it ACTIVE: the state is then that of the update,
    so that waiting for it is the same as waiting for a creation. Raises the client's ResourceNotFoundException when
    there is none.
    """
    answer = getattr(client, kind.describe_method)(**{kind.arn_member: arn})
    description = answer[kind.member]
    status = description["status"] if kind.has_status else "ACTIVE"
    source = description
    if kind.update_member and status == "ACTIVE":
        update = description.get(kind.update_member) or {"status": "ACTIVE"}
        if update["status"] != "ACTIVE":
            source, status = update, update["status"]
    return ResourceState(arn, status, source.get("failureReason"), description)


def told(kind: ResourceKind, state: ResourceState) -> dict[str, Any]:
    """What a task's answer repeats of the description because later steps need it."""
    return {member: state.description.get(described) for member, described in kind.told}
