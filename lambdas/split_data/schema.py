"""The columns of a dataset, read from the Avro schema that Personalize is given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import pyarrow as pa

from lambdas.shared.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Mapping

USER_ID = "USER_ID"
ITEM_ID = "ITEM_ID"
TIMESTAMP = "TIMESTAMP"
CREATION_TIMESTAMP = "CREATION_TIMESTAMP"
KEYS = (USER_ID, ITEM_ID, TIMESTAMP)

# What a split adds to the items when it holds some of them out: `true` or `false`, for filters.
COLD = "COLD"

# What each dataset must have, by the names under which the state machine sends them.
_REQUIRED = {
    "interactions": ((USER_ID, "string"), (ITEM_ID, "string"), (TIMESTAMP, "long")),
    "items": ((ITEM_ID, "string"),),
    "users": ((USER_ID, "string"),),
}

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
    """A field of the schema: its name, its Avro type without null, and whether a row may lack it.

    `reading` tells how training takes a text: as categories joined by `|`, as prose, or (plain) not at all.
    """

    name: str
    type: str
    nullable: bool
    reading: Literal["plain", "categorical", "textual"] = "plain"

    @property
    def arrow_type(self) -> Any:
        """The Arrow type that the column is read as."""
        return _ARROW_TYPES[self.type]

    @property
    def max_length(self) -> int | None:
        """Characters that a value of a string column may have; None for prose, which the service shortens."""
        if self.reading == "textual":
            return None
        return MAX_ID_LENGTH if self.name in (USER_ID, ITEM_ID) else MAX_STRING_LENGTH

    @property
    def is_time(self) -> bool:
        """Whether its values are Unix seconds."""
        return self.name in (TIMESTAMP, CREATION_TIMESTAMP)

    @property
    def is_real(self) -> bool:
        """Whether its values are floating-point numbers."""
        return self.type in ("float", "double")


def columns_of(schema: Mapping[str, Any], dataset: str = "interactions") -> tuple[Column, ...]:
    """The columns of an Avro record, in its order, for one of `interactions`, `items` and `users`.

    Raises RequestError when a field has a type that Personalize does not take, when a column that the dataset
    must have is missing or of the wrong type, or when items or users have nothing but their id.
    """
    columns = tuple(_column(field, dataset) for field in schema.get("fields", ()))
    types = {column.name: column.type for column in columns}
    for name, wanted in _REQUIRED[dataset]:
        if types.get(name) != wanted:
            raise RequestError(
                f"The schema of the {dataset} must have the field {name} of type {wanted}, "
                f"and has {types.get(name, 'none')}: correct it in the settings."
            )
    if len(columns) == 1:
        raise RequestError(
            f"The schema of the {dataset} has the field {columns[0].name} alone, and Personalize needs one more: "
            "add a column of metadata in the settings."
        )
    return columns


def _column(field: Mapping[str, Any], dataset: str) -> Column:
    declared = field.get("type")
    types = list(declared) if isinstance(declared, list) else [declared]
    kinds = [kind for kind in types if kind != "null"]
    if len(kinds) != 1 or kinds[0] not in _ARROW_TYPES:
        raise RequestError(
            f"Field {field.get('name')!r} of the {dataset}' schema has the type {declared!r}: take one of "
            f"{', '.join(_ARROW_TYPES)}, or a union of one of them with null."
        )
    return Column(str(field["name"]), kinds[0], nullable="null" in types, reading=_reading(field))


def _reading(field: Mapping[str, Any]) -> Literal["plain", "categorical", "textual"]:
    if field.get("textual"):
        return "textual"
    return "categorical" if field.get("categorical") else "plain"
