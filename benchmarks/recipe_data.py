"""Tables in, what a recipe trains on out: the steps of the emulator's training job without its storage."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pyarrow as pa
from pyarrow import compute as pc

from emulator.data.features import Features, build_features, training_fields
from emulator.data.interactions import Interactions, code_interactions
from emulator.data.schema import DatasetSchema, Field

if TYPE_CHECKING:
    from emulator.recipes.catalogue import Recipe

_AVRO = {"int64": "long", "int32": "int", "double": "double", "bool": "boolean"}
_MOST_CATEGORIES = 1000
_PLAIN = ("TITLE",)


@dataclass(frozen=True)
class Tables:
    """The datasets of a group, with Personalize's column names; ids are strings."""

    interactions: pa.Table
    items: pa.Table | None = None
    users: pa.Table | None = None


def coded(tables: Tables, recipe: Recipe) -> Interactions:
    """What the recipe trains on: events, and metadata where the recipe uses it."""
    items = tables.items if "ITEMS" in recipe.metadata else None
    users = tables.users if "USERS" in recipe.metadata else None
    catalogue = [] if items is None else items["ITEM_ID"].to_pylist()
    found = code_interactions(tables.interactions, None, None, catalogue)
    if users is not None:
        others = sorted(set(users["USER_ID"].to_pylist()) - set(found.users))
        found = replace(found, users=found.users + others)
    return replace(
        found,
        item_features=_features(items, "Items", found.items),
        user_features=_features(users, "Users", found.users),
    )


def schema_of(table: pa.Table, record: str) -> DatasetSchema:
    """A schema that fits the table: texts with few different values are categorical, except titles."""
    fields = []
    for name in table.column_names:
        kind = _AVRO.get(str(table.schema.field(name).type), "string")
        few = kind == "string" and name not in _PLAIN and _values(table[name]) <= _MOST_CATEGORIES
        fields.append(Field(name, kind, nullable=True, categorical=few))
    return DatasetSchema(record, tuple(fields))


def _values(column: pa.ChunkedArray) -> int:
    """How many different values the cells hold, of which one may hold several, joined by `|`."""
    return len(pc.unique(pc.list_flatten(pc.split_pattern(column.combine_chunks(), "|"))))


def _features(table: pa.Table | None, record: str, ids: list[str]) -> Features | None:
    if table is None:
        return None
    key = f"{record.removesuffix('s').upper()}_ID"
    return build_features(table, key, ids, training_fields(schema_of(table, record), {}, None))
