"""What each task may read and write in S3, and ask of Personalize."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms

from lambdas.shared.result_tables import PREFIX as TABLES_PREFIX
from stacks.permissions import allow
from stacks.personalize_access import (
    allow_creating,
    allow_deleting,
    allow_describing,
    allow_reading_metrics,
    allow_replaying,
)

DELETED_BY_RUNS = ("campaign", "event_tracker")
"""What a run deletes again: campaigns cost money by the hour. Everything else is left for people to delete."""

RUNS = "The objects of a run are named at run time, below runs/."
REPORTS = "The objects of a report are named at run time, below reports/."
TABLES = "The files of the tables for SQL are named at run time, by scenario, date and run."
RAW = "The files of the raw data are the customer's to name, below the prefix in the settings."


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """ARNs of what the tasks touch. `raw` holds the bucket ARN and key prefix of every raw location."""

    data_bucket: str
    reports_bucket: str
    raw: tuple[tuple[str, str], ...]
    service_role: str
    key: kms.IKey | None
    name_prefix: str


def give_access(roles: Mapping[str, iam.Role], places: Places) -> None:
    """Give every task what it needs and nothing else."""
    _split_data(roles["split_data"], places)
    _evaluate(roles["evaluate"], places)
    _publish_index(roles["publish_index"], places)
    allow(
        roles["record_failure"],
        ["s3:PutObject"],
        [f"{places.reports_bucket}/reports/*"],
        wildcard_reason=REPORTS,
    )
    allow_creating(
        roles["create_resource"], name_prefix=places.name_prefix, service_role_arn=places.service_role
    )
    allow_describing(roles["create_resource"], name_prefix=places.name_prefix)
    allow_describing(roles["describe_resource"], name_prefix=places.name_prefix)
    allow_deleting(roles["delete_resource"], DELETED_BY_RUNS, name_prefix=places.name_prefix)
    _replay(roles["replay_events"], places)
    _use_key(
        roles, ("split_data", "replay_events", "evaluate", "publish_index", "record_failure"), places.key
    )


def _split_data(role: iam.Role, places: Places) -> None:
    for bucket, prefix in places.raw:
        allow(role, ["s3:GetObject"], [f"{bucket}/{prefix}*"], wildcard_reason=RAW)
    # S3 tells "there is no such object" only to those who may list.
    allow(role, ["s3:ListBucket"], sorted({places.data_bucket, *(bucket for bucket, _ in places.raw)}))
    allow(role, ["s3:GetObject", "s3:PutObject"], [f"{places.data_bucket}/runs/*"], wildcard_reason=RUNS)


def _replay(role: iam.Role, places: Places) -> None:
    allow(role, ["s3:GetObject", "s3:PutObject"], [f"{places.data_bucket}/runs/*"], wildcard_reason=RUNS)
    # The ledger of users whose histories earlier replays have changed lies with the reports.
    allow(
        role,
        ["s3:GetObject", "s3:PutObject"],
        [f"{places.reports_bucket}/reports/*"],
        wildcard_reason=REPORTS,
    )
    allow(role, ["s3:ListBucket"], [places.data_bucket, places.reports_bucket])
    allow_replaying(role, name_prefix=places.name_prefix)


def _evaluate(role: iam.Role, places: Places) -> None:
    allow(role, ["s3:GetObject"], [f"{places.data_bucket}/runs/*"], wildcard_reason=RUNS)
    # Listing tells a result that is not there yet, of this run or the one before, from one that may not be read.
    allow(role, ["s3:ListBucket"], [places.data_bucket, places.reports_bucket])
    allow(
        role,
        ["s3:GetObject", "s3:PutObject"],
        [f"{places.reports_bucket}/reports/*"],
        wildcard_reason=REPORTS,
    )
    allow(role, ["s3:PutObject"], [f"{places.reports_bucket}/{TABLES_PREFIX}*"], wildcard_reason=TABLES)
    allow_reading_metrics(role, name_prefix=places.name_prefix)


def _publish_index(role: iam.Role, places: Places) -> None:
    reports = f"{places.reports_bucket}/reports"
    # Without a condition on the prefix: it would also hide that index.json does not exist yet.
    allow(role, ["s3:ListBucket"], [places.reports_bucket])
    allow(role, ["s3:GetObject"], [f"{reports}/*"], wildcard_reason=REPORTS)
    allow(role, ["s3:PutObject"], [f"{reports}/index.html", f"{reports}/index.json"])


def _use_key(roles: Mapping[str, iam.Role], tasks: Iterable[str], key: kms.IKey | None) -> None:
    if key is None:
        return
    for task in tasks:
        allow(roles[task], ["kms:Decrypt", "kms:GenerateDataKey"], [key.key_arn])
