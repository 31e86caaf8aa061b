"""The catalogue file: titles to show items by, genres to compare them by, and which items are cold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet

from lambdas.evaluate.interactions import places
from lambdas.evaluate.item_sets import BoolArray, ItemSets
from lambdas.shared.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

ITEM, TITLE, COLD = "ITEM_ID", "TITLE", "COLD"
GENRE_SEPARATOR = "|"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What the items dataset tells of items. `ids` are distinct; the other members are parallel to it.

    titles, genres, cold: None when the file has no such column. Values of them may be null.
    """

    ids: pa.Array
    titles: pa.Array | None = None
    genres: pa.Array | None = None
    cold: pa.Array | None = None

    def titles_of(self, item_ids: list[str]) -> list[str | None]:
        """The titles of items, None where there is none; blank titles count as none."""
        if self.titles is None or not item_ids:
            return [None] * len(item_ids)
        found = pc.index_in(pa.array(item_ids, pa.string()), value_set=self.ids)
        return [title.strip() or None if title else None for title in self.titles.take(found).to_pylist()]

    def cold_flags(self, items: pa.Array) -> BoolArray:
        """Which of `items` are flagged as cold, shape (items,). An item without a flag is not."""
        flags = np.zeros(len(items), dtype=np.bool_)
        if self.cold is not None:
            code = places(self.ids, items)
            cold = np.asarray(pc.fill_null(self.cold, False))
            flags[code[cold & (code >= 0)]] = True
        return flags

    def genre_sets(self, items: pa.Array) -> tuple[ItemSets, tuple[str, ...]]:
        """The genres of each of `items`, as codes, and the genres' names, sorted.

        Names are stripped of white space and blank ones are dropped; an item that the catalogue lacks, or whose
        genres are null, has none.
        """
        if self.genres is None:
            return ItemSets.of_pairs(_none(), _none(), n_users=len(items), n_items=0), ()
        code = places(self.ids, items)
        parts = pc.split_pattern(pc.fill_null(self.genres, ""), GENRE_SEPARATOR)
        owner = code[np.asarray(pc.list_parent_indices(parts))]
        names = pc.utf8_trim_whitespace(pc.list_flatten(parts))
        usable = (owner >= 0) & np.asarray(pc.greater(pc.utf8_length(names), 0))
        names = names.filter(pa.array(usable))
        known = pc.unique(names)
        known = known.take(pc.sort_indices(known))
        genres = places(names, known)
        sets = ItemSets.of_pairs(owner[usable], genres, n_users=len(items), n_items=len(known))
        return sets, tuple(known.to_pylist())


def read_catalogue(path: Path, genre_column: str) -> Catalogue:
    """Read the Parquet file that split_data writes. An id that it repeats counts once, the first time.

    Raises DataError when it cannot be read, has no item ids, or a column has a type that it cannot have.
    """
    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            wanted = [ITEM, TITLE, genre_column, COLD]
            table = file.read(columns=[name for name in wanted if name in file.schema_arrow.names])
        ids = table[ITEM].cast(pa.string()).combine_chunks()
        columns = (
            _column(table, TITLE, pa.string()),
            _column(table, genre_column, pa.string()),
            _column(table, COLD, pa.bool_()),
        )
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, KeyError, OSError) as error:
        detail = str(error).strip("'\"").rstrip(".")
        raise DataError(
            f"Catalogue {path.name} cannot be read: it needs the column {ITEM} and may have {TITLE} and "
            f"{genre_column} (text) and {COLD} (true or false); {detail}. It is written by split_data."
        ) from error
    first = _first_places(ids)
    return Catalogue(ids.take(first), *(None if values is None else values.take(first) for values in columns))


def _column(table: pa.Table, name: str, kind: pa.DataType) -> pa.Array | None:
    if name not in table.column_names:
        return None
    values = table[name].cast(kind)
    return pa.concat_arrays(values.chunks) if values.num_chunks else pa.array([], kind)


def _first_places(ids: pa.Array) -> pa.Array:
    """Where each distinct id stands for the first time; ids that are null stand nowhere."""
    known = ids.drop_null()
    return pc.index_in(pc.unique(known), value_set=ids)


def _none() -> np.typing.NDArray[np.int64]:
    return np.empty(0, dtype=np.int64)
