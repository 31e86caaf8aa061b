"""Avro schemas of datasets, and the service's rules for them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from emulator.errors import InvalidInputError

NUMBERS = ("int", "long", "float", "double")
TYPES = (*NUMBERS, "string", "boolean")

RECORD_NAMES = {
    "INTERACTIONS": "Interactions",
    "ITEMS": "Items",
    "USERS": "Users",
    "ACTIONS": "Actions",
    "ACTION_INTERACTIONS": "ActionInteractions",
}
"""Dataset type (upper case) to the `name` key of its Avro record."""

REQUIRED: dict[str, dict[str, tuple[str, ...]]] = {
    "Interactions": {"USER_ID": ("string",), "ITEM_ID": ("string",), "TIMESTAMP": ("long",)},
    "Items": {"ITEM_ID": ("string",)},
    "Users": {"USER_ID": ("string",)},
    "Actions": {"ACTION_ID": ("string",)},
    "ActionInteractions": {
        "USER_ID": ("string",),
        "ACTION_ID": ("string",),
        "EVENT_TYPE": ("string",),
        "TIMESTAMP": ("long",),
    },
}

RESERVED: dict[str, dict[str, tuple[str, ...]]] = {
    "Interactions": {
        "EVENT_TYPE": ("string",),
        "EVENT_VALUE": ("float", "double"),
        "IMPRESSION": ("string",),
        "RECOMMENDATION_ID": ("string",),
        "EVENT_ATTRIBUTION_SOURCE": ("string",),
    },
    "Items": {"CREATION_TIMESTAMP": ("long",)},
    "Users": {},
    "Actions": {},
    "ActionInteractions": {},
}

METADATA_LIMITS = {"Interactions": 5, "Items": 100, "Users": 25, "Actions": 10, "ActionInteractions": 5}


@dataclass(frozen=True)
class Field:
    """One column: its Avro type without null, whether it may be null, and its marks."""

    name: str
    type: str
    nullable: bool
    categorical: bool = False
    textual: bool = False


@dataclass(frozen=True)
class DatasetSchema:
    """The columns of one dataset. `record` is the Avro record's name: `Interactions`, `Items`, …"""

    record: str
    fields: tuple[Field, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in the schema's order."""
        return tuple(field.name for field in self.fields)

    @property
    def required(self) -> tuple[str, ...]:
        """Columns that the dataset type demands; they cannot be null."""
        return tuple(REQUIRED[self.record])


def parse_schema(text: str) -> DatasetSchema:
    """Reads and checks a schema; raises InvalidInputError that names the field and the rule."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidInputError(f"The schema is not valid JSON: {error}") from error
    if not isinstance(document, dict) or document.get("type") != "record":
        raise InvalidInputError(
            'The schema must be an Avro record: {"type": "record", "name": …, "fields": […]}'
        )
    record = document.get("name")
    if record not in REQUIRED:
        raise InvalidInputError(f"The schema's name must be one of {', '.join(REQUIRED)}, not {record!r}")
    members = document.get("fields")
    if not isinstance(members, list) or not members:
        raise InvalidInputError("The schema needs a list of fields")
    schema = DatasetSchema(record, tuple(_field(member) for member in members))
    _check_names(schema)
    _check_types(schema)
    return schema


def _field(member: Any) -> Field:
    if not isinstance(member, dict) or not isinstance(member.get("name"), str):
        raise InvalidInputError(f"A field of the schema has no name: {json.dumps(member)[:200]}")
    name = member["name"]
    if not re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII):
        raise InvalidInputError(f"Field {name!r}: a name has letters, digits and underscores only")
    declared = member.get("type")
    union = declared if isinstance(declared, list) else [declared]
    types = [kind for kind in union if kind != "null"]
    if len(types) != 1 or types[0] not in TYPES:
        raise InvalidInputError(
            f"Field {name}: type must be one of {', '.join(TYPES)}, alone or in a union with null, not {declared!r}"
        )
    categorical, textual = bool(member.get("categorical")), bool(member.get("textual"))
    if (categorical or textual) and types[0] != "string":
        raise InvalidInputError(f"Field {name}: only strings can be categorical or textual")
    return Field(name, types[0], "null" in union, categorical, textual)


def _check_names(schema: DatasetSchema) -> None:
    seen: dict[str, str] = {}
    for name in schema.names:
        key = name.replace("_", "").upper()
        if key in seen:
            raise InvalidInputError(
                f"Fields {seen[key]} and {name} are the same once underscores are removed"
            )
        seen[key] = name


def _check_types(schema: DatasetSchema) -> None:
    fields = {field.name: field for field in schema.fields}
    for name, types in REQUIRED[schema.record].items():
        if name not in fields:
            raise InvalidInputError(f"The {schema.record} schema is missing the required field {name}")
        if fields[name].nullable:
            raise InvalidInputError(f"Field {name} is required and cannot be null")
        _check_type(fields[name], types)
    reserved = RESERVED[schema.record]
    for name in reserved.keys() & fields.keys():
        _check_type(fields[name], reserved[name])
    metadata = [name for name in fields if name not in REQUIRED[schema.record] and name not in reserved]
    if schema.record in ("Items", "Users", "Actions") and not (metadata or reserved.keys() & fields.keys()):
        raise InvalidInputError(
            f"The {schema.record} schema needs at least one metadata field besides the id"
        )
    if len(metadata) > METADATA_LIMITS[schema.record]:
        raise InvalidInputError(
            f"The {schema.record} schema has {len(metadata)} metadata fields, "
            f"the service takes {METADATA_LIMITS[schema.record]}"
        )


def _check_type(field: Field, types: tuple[str, ...]) -> None:
    if field.type not in types:
        raise InvalidInputError(f"Field {field.name} must be of type {' or '.join(types)}, not {field.type}")
