"""Columns of items as they were when a model was trained, for questions about items that have an attribute."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
from pyarrow import compute as pc

from emulator.data.schema import RESERVED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulator.data.schema import DatasetSchema


def item_attributes(table: pa.Table, schema: DatasetSchema, ids: Sequence[str]) -> pa.Table:
    """The items dataset's columns that are neither the id, reserved, textual nor boolean: one row for each of the ids.

    An item that the dataset does not have has no values.
    """
    place = pc.index_in(pa.array(ids, pa.string()), table["ITEM_ID"].combine_chunks())
    return pa.table(
        {
            field.name: table[field.name].combine_chunks().take(place)
            for field in schema.fields
            if field.name not in schema.required
            and field.name not in RESERVED[schema.record]
            and not field.textual
            and field.type != "boolean"
        }
    )
