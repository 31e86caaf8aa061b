"""Change a dataset of items or users to another schema, the one difference that is mended in place.

The service swaps the schema of these two types only, and only for one that keeps every field as it is and adds
fields that may be null. A solution that was made before goes on without the new columns: only a new one sees them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from lambdas.shared.errors import ResourceConflictError
from lambdas.shared.lookup import Wanted
from lambdas.shared.resources import ResourceState, describe, resource_kind

UPDATABLE_TYPES = frozenset({"ITEMS", "USERS"})


def up_to_date(wanted: Wanted, found: ResourceState) -> ResourceState:
    """The state of a resource that is as wanted: that an update to something else failed does not matter to it."""
    if wanted.kind.update_member and found.failed and found.description.get("status") == "ACTIVE":
        return replace(found, status="ACTIVE", failure_reason=None)
    return found


def update(client: Any, wanted: Wanted, found: ResourceState) -> ResourceState | None:
    """Begin the change, or find that it is under way; None when the kind or type cannot be changed.

    Returns the state of the update, which is waited for like a creation. Raises ResourceConflictError when the
    schemas do not fit each other.
    """
    kind, schema_arn = wanted.kind, wanted.request.get("schemaArn")
    if kind.update_method is None or found.description.get("datasetType") not in UPDATABLE_TYPES:
        return None
    if found.description["schemaArn"] == schema_arn:
        return None  # something else differs, and nothing else can be changed
    under_way = found.description.get(kind.update_member or "") or {}
    at_work = found.description["status"] == "ACTIVE" and not (found.active or found.failed)
    if at_work and under_way.get("schemaArn") == schema_arn:
        return found
    _refuse_lossy(client, found, str(schema_arn))
    getattr(client, kind.update_method)(**{kind.arn_member: found.arn, "schemaArn": schema_arn})
    state = describe(client, kind, found.arn)
    if state.active and state.description["schemaArn"] != schema_arn:
        # The description lags behind the call: to take it for the end would import with the old schema.
        return replace(state, status="UPDATE PENDING")
    return state


def _refuse_lossy(client: Any, found: ResourceState, schema_arn: str) -> None:
    old, new = (_fields(client, arn) for arn in (found.description["schemaArn"], schema_arn))
    problems = [
        f"it lacks {name}" if name not in new else f"{name} is {new[name]}, not {field}"
        for name, field in old.items()
        if new.get(name) != field
    ]
    problems += [
        f'the new field {name} must accept null, as in ["null", "string"]'
        for name, field in new.items()
        if name not in old and "null" not in _types(field)
    ]
    if problems:
        raise ResourceConflictError(
            f"{found.arn} cannot be changed to the schema {schema_arn}: {'; '.join(problems)}. The service keeps "
            "every field as it is and takes new ones only if they may be null: change the schema in the settings, "
            "or delete the dataset and start again."
        )


def _fields(client: Any, schema_arn: str) -> dict[str, Mapping[str, Any]]:
    text = describe(client, resource_kind("schema"), schema_arn).description["schema"]
    return {field["name"]: field for field in json.loads(text)["fields"]}


def _types(field: Mapping[str, Any]) -> list[Any]:
    kinds = field["type"]
    return list(kinds) if isinstance(kinds, list) else [kinds]
