"""Filters, as state: they can be made, seen and deleted. Applying them is still to come, and refused till then."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from emulator.api.operations.common import (
    Params,
    check_quota,
    create,
    require_active,
    require_none,
    require_settled,
)
from emulator.errors import InvalidInputError
from emulator.state.resources import CREATING

if TYPE_CHECKING:
    from emulator.engine import Emulator

_BEGINNING = re.compile(r"\s*(INCLUDE|EXCLUDE)\s+(ItemID|UserID|ActionID)\s+WHERE\s+\S", re.IGNORECASE)


def create_filter(emulator: Emulator, params: Params) -> dict[str, Any]:
    """CreateFilter. Of the grammar only the beginning of the expression is checked."""
    group = require_active(emulator.store.get(params["datasetGroupArn"], "dataset_group"))
    expression = params["filterExpression"]
    if not _BEGINNING.match(expression):
        raise InvalidInputError(
            "Could not create filter. Invalid Expression: it must begin with INCLUDE or EXCLUDE, ItemID, WHERE."
        )
    body = {"datasetGroupArn": group.arn, "filterExpression": expression}
    created = create(emulator, "filter", params, parent=group.arn, body=body)
    check_quota(emulator.store.count("filter", group.arn) - 1, emulator.limits.filters_per_group, "filter")
    return {"filterArn": created.arn}


def delete_filter(emulator: Emulator, params: Params) -> None:
    """DeleteFilter: no batch inference job may be using it."""
    found = emulator.store.get(params["filterArn"], "filter")
    require_settled(found)
    jobs = emulator.store.of_kind("batch_inference_job", statuses=CREATING)
    require_none([job for job in jobs if job.body.get("filterArn") == found.arn], "delete the filter")
    emulator.lifecycle.delete(found)
