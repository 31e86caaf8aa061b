"""Filters: made after their grammar and columns are checked, seen and deleted; they cannot be changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.api.operations.common import (
    BATCH_JOBS,
    Params,
    check_quota,
    create,
    require_active,
    require_none,
    require_settled,
)
from emulator.errors import InvalidInputError, LimitExceededError
from emulator.filters.parse import parse_filter
from emulator.filters.rules import check_filter
from emulator.state.resources import CREATING

if TYPE_CHECKING:
    from emulator.engine import Emulator
    from emulator.state.resources import Resource


def create_filter(emulator: Emulator, params: Params) -> dict[str, Any]:
    """CreateFilter."""
    group = require_active(emulator.store.get(params["datasetGroupArn"], "dataset_group"))
    expression = params["filterExpression"]
    parsed = parse_filter(expression)
    schemas = {
        dataset.body["datasetType"]: emulator.datasets.schema(dataset)
        for dataset in emulator.store.of_kind("dataset", group.arn)
    }
    check_filter(parsed, schemas, emulator.limits.fields_per_filter)
    body = {"datasetGroupArn": group.arn, "filterExpression": expression}
    created = create(emulator, "filter", params, parent=group.arn, body=body)
    check_quota(emulator.store.count("filter", group.arn) - 1, emulator.limits.filters_per_group, "filter")
    filters = emulator.store.of_kind("filter", group.arn)
    fields = {field for kept in filters for field in parse_filter(kept.body["filterExpression"]).fields()}
    if len(fields) > emulator.limits.filter_fields_per_group:
        raise LimitExceededError(
            f"The filters of a dataset group read at most {emulator.limits.filter_fields_per_group} distinct fields; "
            f"with this one there would be {len(fields)}."
        )
    return {"filterArn": created.arn}


def delete_filter(emulator: Emulator, params: Params) -> None:
    """DeleteFilter: no batch job may be using it."""
    found = emulator.store.get(params["filterArn"], "filter")
    require_settled(found)
    jobs = [job for kind in BATCH_JOBS for job in emulator.store.of_kind(kind, statuses=CREATING)]
    require_none([job for job in jobs if job.body.get("filterArn") == found.arn], "delete the filter")
    emulator.lifecycle.delete(found)


def usable_filter(emulator: Emulator, filter_arn: str | None, group_arn: str) -> Resource | None:
    """The filter that a request names, if it is ACTIVE and of the same group; None when none is named."""
    if filter_arn is None:
        return None
    found = require_active(emulator.store.get(filter_arn, "filter"))
    if found.parent != group_arn:
        raise InvalidInputError(f"The filter {filter_arn} belongs to another dataset group")
    return found
