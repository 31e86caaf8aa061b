"""What an import job makes of the rows it read: checks of values, duplicates, replacement and addition."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
from pyarrow import compute as pc

from emulator.errors import JobFailedError

if TYPE_CHECKING:
    from emulator.data.schema import DatasetSchema
    from emulator.settings import Behaviour, Limits

KEYS = {"Items": "ITEM_ID", "Users": "USER_ID", "Actions": "ACTION_ID"}
MILLISECONDS_FROM = 100_000_000_000
"""In seconds this is the year 5138; as milliseconds it is 1973."""

ID_COLUMNS = ("USER_ID", "ITEM_ID", "ACTION_ID")
FULL = "FULL"


def check_rows(table: pa.Table, schema: DatasetSchema, limits: Limits, behaviour: Behaviour) -> None:
    """Checks numbers and values of an import's rows; raises JobFailedError."""
    if schema.record == "Interactions" and len(table) < limits.import_interactions:
        raise JobFailedError(
            f"The import has {len(table)} interactions; an import job needs at least {limits.import_interactions}."
        )
    if not len(table):
        raise JobFailedError("Input CSV is empty: there is no row below the header.")
    for field in schema.fields:
        if field.type == "string" and not field.textual:
            longest = limits.id_characters if field.name in ID_COLUMNS else limits.string_characters
            _check_length(table, field.name, longest)
    if "TIMESTAMP" in schema.names and not behaviour.millisecond_timestamps:
        _check_seconds(table)


def _check_length(table: pa.Table, column: str, longest: int) -> None:
    row = pc.index(pc.greater(pc.utf8_length(table[column]), longest), True).as_py()
    if row >= 0:
        raise JobFailedError(
            f"Length cannot be more than {longest} characters for {column} (record {row + 1} of the import)."
        )


def _check_seconds(table: pa.Table) -> None:
    row = pc.index(pc.greater(table["TIMESTAMP"], MILLISECONDS_FROM), True).as_py()
    if row >= 0:
        raise JobFailedError(
            f"TIMESTAMP must be in seconds since 1970; {table['TIMESTAMP'][row]} (record {row + 1} of the import) "
            "looks like milliseconds."
        )


def merged(existing: pa.Table | None, new: pa.Table, schema: DatasetSchema) -> pa.Table:
    """The dataset after an import: exact duplicates once; of items and users with the same id the newest row."""
    table = new if existing is None else pa.concat_tables([existing, new])
    if schema.record in KEYS:
        return _newest(table, KEYS[schema.record])
    return _distinct(table)


def _distinct(table: pa.Table) -> pa.Table:
    """Exact duplicates once. Strings are compared by dictionary codes, which is several times as fast."""
    encoded = table
    for index, field in enumerate(table.schema):
        if pa.types.is_string(field.type):
            codes = pc.dictionary_encode(table[index]).combine_chunks()
            encoded = encoded.set_column(index, field.name, codes.indices)
    row = pa.array(range(len(table)), pa.int64())
    encoded = encoded.append_column("_row", row)
    names = table.column_names
    first = encoded.group_by(names).aggregate([("_row", "min")])["_row_min"]
    if len(first) == len(table):
        return table
    return table.take(pc.take(first, pc.sort_indices(first)))


def _newest(table: pa.Table, key: str) -> pa.Table:
    numbered = pa.table({key: table[key], "_row": pa.array(range(len(table)), pa.int64())})
    last = numbered.group_by(key).aggregate([("_row", "max")])["_row_max"]
    return table.take(pc.take(last, pc.sort_indices(last)))
