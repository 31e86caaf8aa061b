"""Single records, as PutEvents, PutItems and PutUsers bring them, made into rows of a dataset's schema.

Properties are named by the column in camel case (NUM_RATINGS is numRatings); here case and underscores do not count,
which also takes the column's own name.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from emulator.data.schema import NUMBERS
from emulator.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emulator.data.schema import DatasetSchema, Field

FORBIDDEN = ("USERID", "SESSIONID", "EVENTTYPE", "TIMESTAMP", "RECOMMENDATIONID", "IMPRESSION")
"""Properties of events that have members of their own."""

LARGEST = {"int": 2**31, "long": 2**63}


def event_row(
    event: Mapping[str, Any], properties: Mapping[str, Any], schema: DatasetSchema
) -> dict[str, Any]:
    """An event's row without its user. Raises InvalidInputError.

    Members whose column the schema does not have are left out: every event has an eventType, EVENT_TYPE is optional.
    """
    forbidden = [name for name in properties if _plain(name) in FORBIDDEN]
    if forbidden:
        raise InvalidInputError(f"properties of an event cannot hold {', '.join(forbidden)}")
    row = _columns(properties, schema)
    impression = event.get("impression")
    members = {
        "ITEM_ID": event.get("itemId"),
        "TIMESTAMP": int(event["sentAt"]),
        "EVENT_TYPE": event["eventType"],
        "EVENT_VALUE": event.get("eventValue"),
        "RECOMMENDATION_ID": event.get("recommendationId"),
        "IMPRESSION": "|".join(impression) if impression else None,
        "EVENT_ATTRIBUTION_SOURCE": (event.get("metricAttribution") or {}).get("eventAttributionSource"),
    }
    row |= {name: value for name, value in members.items() if value is not None and name in schema.names}
    if not row.get("ITEM_ID"):
        raise InvalidInputError("An event of an item interactions dataset needs an itemId")
    _check_complete(row | {"USER_ID": ""}, schema, f"event of item {row['ITEM_ID']}")
    return row


def metadata_row(entity: str, properties: Mapping[str, Any], schema: DatasetSchema) -> dict[str, Any]:
    """An item's or a user's row. Raises InvalidInputError."""
    key = schema.required[0]
    row = _columns(properties, schema) | {key: entity}
    _check_complete(row, schema, entity)
    return row


def _columns(properties: Mapping[str, Any], schema: DatasetSchema) -> dict[str, Any]:
    fields = {_plain(field.name): field for field in schema.fields}
    row = {}
    for name, value in properties.items():
        field = fields.get(_plain(name))
        if field is None:
            raise InvalidInputError(
                f"properties name {name!r}, which is not in the schema: {', '.join(schema.names)}"
            )
        if value is not None:
            row[field.name] = _value(field, value)
    return row


def _plain(name: str) -> str:
    return name.replace("_", "").upper()


def _value(field: Field, value: Any) -> Any:
    """The value in the column's type; numbers are taken from text, too, as browsers send them."""
    if field.type == "string":
        if isinstance(value, list) and all(isinstance(part, str) for part in value):
            return "|".join(value)
        if isinstance(value, str):
            return value
    elif field.type == "boolean":
        if isinstance(value, bool):
            return value
    elif field.type in NUMBERS and isinstance(value, int | float | str) and not isinstance(value, bool):
        return _number(field, value)
    raise InvalidInputError(
        f"properties: {field.name} must be of type {field.type}, not {str(value)[:100]!r}"
    )


def _number(field: Field, value: float | str) -> float | int:
    try:
        number = float(value)
        whole = int(value) if field.type in LARGEST else 0
    except (ValueError, OverflowError) as error:
        raise InvalidInputError(
            f"properties: {field.name} must be of type {field.type}, not {str(value)[:100]!r}"
        ) from error
    if field.type in LARGEST:
        if whole != number or not -LARGEST[field.type] <= whole < LARGEST[field.type]:
            raise InvalidInputError(
                f"properties: {field.name} must be a whole number, not {str(value)[:100]}"
            )
        return whole
    if not math.isfinite(number):
        raise InvalidInputError(f"properties: {field.name} must be a finite number")
    return number


def _check_complete(row: Mapping[str, Any], schema: DatasetSchema, what: str) -> None:
    missing = [field.name for field in schema.fields if not field.nullable and row.get(field.name) is None]
    if missing:
        raise InvalidInputError(f"{what}: {', '.join(missing)} cannot be null")
