"""The columns of the interactions, read from the Avro schema that Personalize is given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from lambdas.shared.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Mapping

USER_ID = "USER_ID"
ITEM_ID = "ITEM_ID"
TIMESTAMP = "TIMESTAMP"
KEYS = (USER_ID, ITEM_ID, TIMESTAMP)

# Limits of the service, in characters.
MAX_ID_LENGTH = 256
MAX_STRING_LENGTH = 1_000

_ARROW_TYPES: dict[str, Any] = {
    "boolean": pa.bool_(),
    "int": pa.int32(),
    "long": pa.int64(),
    "float": pa.float32(),
    "double": pa.float64(),
    # Ids and categories repeat: 25 million of them take 100 MB as codes, and are compared as numbers.
    "string": pa.dictionary(pa.int32(), pa.string()),
}


@dataclass(frozen=True, slots=True)
class Column:
    """A field of the schema: its name, its Avro type without null, and whether a row may lack it."""

    name: str
    type: str
    nullable: bool

    @property
    def arrow_type(self) -> Any:
        """The Arrow type that the column is read as."""
        return _ARROW_TYPES[self.type]

    @property
    def max_length(self) -> int:
        """Characters that a value of a string column may have."""
        return MAX_ID_LENGTH if self.name in (USER_ID, ITEM_ID) else MAX_STRING_LENGTH


def columns_of(schema: Mapping[str, Any]) -> tuple[Column, ...]:
    """The columns of an Avro record, in its order.

    Raises RequestError when a field has a type that Personalize does not take, or when one of USER_ID,
    ITEM_ID and TIMESTAMP is missing or of the wrong type.
    """
    columns = tuple(_column(field) for field in schema.get("fields", ()))
    types = {column.name: column.type for column in columns}
    for name, wanted in ((USER_ID, "string"), (ITEM_ID, "string"), (TIMESTAMP, "long")):
        if types.get(name) != wanted:
            raise RequestError(
                f"The schema of the interactions must have the field {name} of type {wanted}, "
                f"and has {types.get(name, 'none')}: correct it in the settings."
            )
    return columns


def _column(field: Mapping[str, Any]) -> Column:
    declared = field.get("type")
    types = list(declared) if isinstance(declared, list) else [declared]
    kinds = [kind for kind in types if kind != "null"]
    if len(kinds) != 1 or kinds[0] not in _ARROW_TYPES:
        raise RequestError(
            f"Field {field.get('name')!r} of the interactions' schema has the type {declared!r}: take one of "
            f"{', '.join(_ARROW_TYPES)}, or a union of one of them with null."
        )
    return Column(name=str(field["name"]), type=kinds[0], nullable="null" in types)
