"""Dataset groups, schemas, datasets and their import jobs."""

from __future__ import annotations

import secrets
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
    unsupported,
)
from emulator.data.imports import FULL
from emulator.data.schema import RECORD_NAMES, parse_schema
from emulator.errors import InvalidInputError, UnsupportedOperationError
from emulator.state.resources import CREATING

if TYPE_CHECKING:
    from emulator.engine import Emulator
    from emulator.state.resources import Resource

DOMAIN = "domain dataset groups"
SUPPORTED_TYPES = ("INTERACTIONS", "ITEMS", "USERS")


def create_dataset_group(emulator: Emulator, params: Params) -> dict[str, Any]:
    """CreateDatasetGroup."""
    unsupported(params, domain=DOMAIN)
    if params.get("kmsKeyArn") and not params.get("roleArn"):
        raise InvalidInputError("kmsKeyArn needs a roleArn that may use the key")
    body = {member: params.get(member) for member in ("roleArn", "kmsKeyArn")}
    group = create(emulator, "dataset_group", params, body=body)
    # Counted after the insert: a name that is taken is said to be taken, whatever the quota.
    check_quota(emulator.store.count("dataset_group") - 1, emulator.limits.dataset_groups, "dataset group")
    return {"datasetGroupArn": group.arn}


def delete_dataset_group(emulator: Emulator, params: Params) -> None:
    """DeleteDatasetGroup: solutions, datasets and filters must be gone."""
    group = emulator.store.get(params["datasetGroupArn"], "dataset_group")
    require_settled(group)
    require_none(emulator.store.children(group.arn), "delete the dataset group")
    emulator.lifecycle.delete(group)


def create_schema(emulator: Emulator, params: Params) -> dict[str, Any]:
    """CreateSchema: the Avro text is kept as it came."""
    unsupported(params, domain=DOMAIN)
    parse_schema(params["schema"])
    schema = create(emulator, "schema", params, body={"schema": params["schema"]})
    check_quota(emulator.store.count("schema") - 1, emulator.limits.schemas, "schema")
    return {"schemaArn": schema.arn}


def delete_schema(emulator: Emulator, params: Params) -> None:
    """DeleteSchema: no dataset may use it."""
    schema = emulator.store.get(params["schemaArn"], "schema")
    using = [*emulator.store.of_kind("dataset"), *emulator.store.of_kind("dataset_update")]
    users = [row for row in using if row.body["schemaArn"] == schema.arn]
    require_none(users, "delete the schema")
    emulator.lifecycle.delete(schema)


def create_dataset(emulator: Emulator, params: Params) -> dict[str, Any]:
    """CreateDataset: one of each type in a group, with a schema of that type."""
    group = require_active(emulator.store.get(params["datasetGroupArn"], "dataset_group"))
    schema = emulator.store.get(params["schemaArn"], "schema")
    dataset_type = params["datasetType"].upper()
    if dataset_type not in RECORD_NAMES:
        raise InvalidInputError(f"datasetType must be one of {', '.join(RECORD_NAMES)}, not {dataset_type}")
    if dataset_type not in SUPPORTED_TYPES:
        raise UnsupportedOperationError(f"Datasets of type {dataset_type} are not part of this emulator yet.")
    record = parse_schema(schema.body["schema"]).record
    if record != RECORD_NAMES[dataset_type]:
        raise InvalidInputError(
            f"The schema {schema.arn} is for {record}, the dataset is of type {dataset_type}"
        )
    dataset = create(
        emulator,
        "dataset",
        params,
        parent=group.arn,
        arn=emulator.arns.dataset(group.arn, dataset_type),
        body={"datasetGroupArn": group.arn, "datasetType": dataset_type, "schemaArn": schema.arn},
    )
    return {"datasetArn": dataset.arn}


def describe_dataset(emulator: Emulator, params: Params) -> dict[str, Any]:
    """DescribeDataset: the schema in force, and the latest update if there ever was one."""
    dataset = emulator.store.get(params["datasetArn"], "dataset")
    document = dataset.document() | {"schemaArn": emulator.datasets.schema_arn(dataset)}
    updates = emulator.store.of_kind("dataset_update", dataset.arn)
    if updates:
        document["latestDatasetUpdate"] = updates[-1].document()
        document["lastUpdatedDateTime"] = max(dataset.updated, updates[-1].updated)
    return {"dataset": document}


def update_dataset(emulator: Emulator, params: Params) -> dict[str, Any]:
    """UpdateDataset: another schema for an items or users dataset that keeps every column and adds nullable ones."""
    dataset = require_active(emulator.store.get(params["datasetArn"], "dataset"))
    if dataset.body["datasetType"] not in ("ITEMS", "USERS"):
        raise InvalidInputError("Only the schemas of Items and Users datasets can be replaced")
    require_none(_updates_under_way(emulator, dataset), "update the dataset")
    schema = emulator.store.get(params["schemaArn"], "schema")
    old, new = emulator.datasets.schema(dataset), parse_schema(schema.body["schema"])
    if new.record != old.record:
        raise InvalidInputError(f"The schema {schema.arn} is for {new.record}, the dataset for {old.record}")
    kept = {field.name: field for field in new.fields}
    lost = [field.name for field in old.fields if kept.get(field.name) != field]
    if lost:
        raise InvalidInputError(f"The new schema must keep these fields as they are: {', '.join(lost)}")
    strict = [field.name for field in new.fields if field.name not in old.names and not field.nullable]
    if strict:
        raise InvalidInputError(f"New fields must accept null: {', '.join(strict)}")
    create(
        emulator,
        "dataset_update",
        {},
        parent=dataset.arn,
        arn=f"{dataset.arn}/update/{secrets.token_hex(4)}",
        name=dataset.name,
        body={"schemaArn": schema.arn},
    )
    return {"datasetArn": dataset.arn}


def _updates_under_way(emulator: Emulator, dataset: Resource) -> list[Resource]:
    return emulator.store.of_kind("dataset_update", dataset.arn, CREATING)


def delete_dataset(emulator: Emulator, params: Params) -> None:
    """DeleteDataset: no filter and no campaign in the group, nothing under way that may read the data.

    The item interactions dataset needs its event tracker gone, too.
    """
    store = emulator.store
    dataset = store.get(params["datasetArn"], "dataset")
    require_settled(dataset)
    require_none(store.of_kind("filter", dataset.parent), "delete the dataset")
    require_none(_updates_under_way(emulator, dataset), "delete the dataset")
    if dataset.body["datasetType"] == "INTERACTIONS":
        require_none(store.of_kind("event_tracker", dataset.parent), "delete the dataset")
    require_none(store.of_kind("dataset_import_job", dataset.arn, CREATING), "delete the dataset")
    for solution in store.of_kind("solution", dataset.parent):
        require_none(store.of_kind("campaign", solution.arn), "delete the dataset")
        for version in store.of_kind("solution_version", solution.arn):
            jobs = [job for kind in BATCH_JOBS for job in store.of_kind(kind, version.arn, CREATING)]
            require_none([version] if version.creating else jobs, "delete the dataset")
    emulator.lifecycle.delete(dataset)


def create_dataset_import_job(emulator: Emulator, params: Params) -> dict[str, Any]:
    """CreateDatasetImportJob: FULL unless said otherwise; INCREMENTAL only after a first bulk import."""
    unsupported(params, publishAttributionMetricsToS3="metric attribution")
    dataset = require_active(emulator.store.get(params["datasetArn"], "dataset"))
    if not params.get("roleArn"):
        raise InvalidInputError("roleArn is needed to read the data from Amazon S3")
    if not params["dataSource"].get("dataLocation", "").startswith("s3://"):
        raise InvalidInputError("Invalid Data location. dataSource.dataLocation must be s3://bucket/key")
    mode = params.get("importMode", FULL)
    if mode != FULL and "file" not in dataset.internal:
        raise InvalidInputError(
            f"The dataset has no bulk data yet: the first import must be {FULL}, not {mode}"
        )
    body = {
        "datasetArn": dataset.arn,
        "dataSource": params["dataSource"],
        "roleArn": params["roleArn"],
        "importMode": mode,
        "publishAttributionMetricsToS3": False,
    }
    check_pending(emulator, "dataset_import_job", emulator.limits.pending_import_jobs)
    job = create(emulator, "dataset_import_job", params, parent=dataset.arn, body=body)
    return {"datasetImportJobArn": job.arn}
