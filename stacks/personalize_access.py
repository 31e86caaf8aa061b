"""Who may do what around Amazon Personalize: the service itself, and the tasks that call it.

Everything is scoped to names that begin with the stage's prefix, so that two stages in one account cannot touch
each other's resources.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from lambdas.shared.resources import KINDS, ResourceKind
from stacks.permissions import allow

SERVICE = "personalize.amazonaws.com"
NAMED_AT_RUN_TIME = "Resources of Personalize are named at run time, behind the prefix of the stage."


def service_principal(scope: Construct) -> iam.IPrincipal:
    """The service, acting for this account only: the condition against the confused deputy."""
    stack = Stack.of(scope)
    return iam.PrincipalWithConditions(
        iam.ServicePrincipal(SERVICE),
        {
            "StringEquals": {"aws:SourceAccount": stack.account},
            "ArnLike": {"aws:SourceArn": stack.format_arn(service="personalize", resource="*")},
        },
    )


def service_role(scope: Construct, *, data_bucket_arn: str, key: kms.IKey | None) -> iam.Role:
    """The role that Personalize takes on to read the past and to write recommendations."""
    role = iam.Role(
        scope,
        "PersonalizeRole",
        description="Lets Amazon Personalize read training data and write recommendations",
        assumed_by=service_principal(scope),
    )
    allow(role, ["s3:ListBucket"], [data_bucket_arn])
    allow(
        role,
        ["s3:GetObject", "s3:PutObject"],
        [f"{data_bucket_arn}/runs/*"],
        wildcard_reason="The objects of a run are named at run time, below runs/.",
    )
    if key:
        allow(
            role, ["kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey", "kms:ListGrants"], [key.key_arn]
        )
    return role


def let_service_use_bucket(bucket: s3.Bucket) -> None:
    """The service wants the bucket's own permission besides its role's."""
    principal = service_principal(bucket)
    for actions, resource in (
        (["s3:ListBucket"], bucket.bucket_arn),
        (["s3:GetObject", "s3:PutObject"], bucket.arn_for_objects("runs/*")),
    ):
        bucket.add_to_resource_policy(
            iam.PolicyStatement(principals=[principal], actions=actions, resources=[resource])
        )


def let_service_use_key(key: kms.Key) -> None:
    """The service wants the key's own permission, too."""
    key.add_to_resource_policy(
        iam.PolicyStatement(
            principals=[service_principal(key)],
            actions=[
                "kms:Decrypt",
                "kms:GenerateDataKey",
                "kms:DescribeKey",
                "kms:CreateGrant",
                "kms:ListGrants",
            ],
            resources=["*"],  # in a key policy this means the key itself
        )
    )


def allow_creating(role: iam.Role, *, name_prefix: str, service_role_arn: str) -> None:
    """Create, tag and update resources of the stage, and hand the service its role."""
    kinds = list(KINDS.values())
    updates = [f"personalize:Update{kind.operation}" for kind in kinds if kind.update_method]
    allow(
        role,
        [*(f"personalize:Create{kind.operation}" for kind in kinds), *updates, "personalize:TagResource"],
        _arns(role, kinds, name_prefix),
        wildcard_reason=NAMED_AT_RUN_TIME,
    )
    _allow_listing(role, ["solution_version", "event_tracker", "dataset_import_job"])
    allow(
        role,
        ["iam:PassRole"],
        [service_role_arn],
        conditions={"StringEquals": {"iam:PassedToService": SERVICE}},
    )


def allow_describing(role: iam.Role, *, name_prefix: str) -> None:
    """Ask about resources of the stage."""
    kinds = list(KINDS.values())
    allow(
        role,
        [f"personalize:Describe{kind.operation}" for kind in kinds],
        _arns(role, kinds, name_prefix),
        wildcard_reason=NAMED_AT_RUN_TIME,
    )


def allow_deleting(role: iam.Role, kinds: Sequence[str], *, name_prefix: str) -> None:
    """Find and delete resources of these kinds, and nothing else."""
    rows = [KINDS[kind] for kind in kinds]
    allow(
        role,
        [f"personalize:{verb}{row.operation}" for row in rows for verb in ("Describe", "Delete")],
        _arns(role, rows, name_prefix),
        wildcard_reason=NAMED_AT_RUN_TIME,
    )
    _allow_listing(role, kinds)


def allow_replaying(role: iam.Role, *, name_prefix: str) -> None:
    """Ask campaigns of the stage, and send events: for those IAM knows no resource, the tracking id is the key."""
    allow(
        role,
        ["personalize:GetRecommendations"],
        _arns(role, [KINDS["campaign"]], name_prefix),
        wildcard_reason=NAMED_AT_RUN_TIME,
    )
    allow(
        role,
        ["personalize:DescribeDataset"],
        _arns(role, [KINDS["dataset"]], name_prefix),
        wildcard_reason=NAMED_AT_RUN_TIME,
    )
    allow(
        role,
        ["personalize:PutEvents"],
        ["*"],
        wildcard_reason="PutEvents knows no resource-level permissions; it takes a secret tracking id.",
    )


def allow_reading_metrics(role: iam.Role, *, name_prefix: str) -> None:
    """Read the service's own metrics of a solution version, and how long it was trained."""
    allow(
        role,
        ["personalize:GetSolutionMetrics", "personalize:DescribeSolutionVersion"],
        _arns(role, [KINDS["solution"]], name_prefix),
        wildcard_reason=NAMED_AT_RUN_TIME,
    )


def _arns(scope: Construct, kinds: Iterable[ResourceKind], name_prefix: str) -> list[str]:
    suffixes = {suffix for kind in kinds for suffix in kind.arn_patterns(name_prefix)}
    return [Stack.of(scope).format_arn(service="personalize", resource=suffix) for suffix in sorted(suffixes)]


def _allow_listing(role: iam.Role, kinds: Sequence[str]) -> None:
    allow(
        role,
        [f"personalize:List{KINDS[kind].operation}s" for kind in kinds],
        ["*"],
        wildcard_reason="Lists of Personalize know no resource-level permissions.",
    )
