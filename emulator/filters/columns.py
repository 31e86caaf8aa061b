"""Columns of items or users as filters read them: which rows have a value, row by row of a model's catalogue."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from pyarrow import compute as pc

from emulator.data.schema import NUMBERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from emulator.data.datasets import Snapshot


class Column:
    """One column over the rows of a table. Cells of strings hold several values, joined by `|`."""

    def __init__(self, values: pa.Array, *, numeric: bool) -> None:
        self.numeric = numeric
        self._values = values

    @cached_property
    def numbers(self) -> NDArray[np.float64]:
        """One number a row, NaN where there is none."""
        if not self.numeric:
            return np.full(len(self._values), np.nan)
        return np.asarray(self._values.cast(pa.float64()).to_numpy(zero_copy_only=False))

    @cached_property
    def _rows_of(self) -> dict[str, NDArray[np.int64]]:
        """The rows that have a value, by the value. Numbers are taken as they are written shortest."""
        if self.numeric:
            present = np.nonzero(np.isfinite(self.numbers))[0]
            texts = [f"{number:.15g}" for number in self.numbers[present].tolist()]
            owners = present
        else:
            parts = pc.split_pattern(self._values, "|")
            owners = pc.list_parent_indices(parts).to_numpy(zero_copy_only=False)
            texts = pc.list_flatten(parts).to_pylist()
        rows: dict[str, list[int]] = {}
        for owner, text in zip(owners.tolist(), texts, strict=True):
            rows.setdefault(text, []).append(owner)
        return {text: np.array(found) for text, found in rows.items()}

    def having(self, texts: Sequence[str]) -> NDArray[np.bool_]:
        """The rows that have one of the values, in exact spelling."""
        flags = np.zeros(len(self._values), bool)
        for text in texts:
            flags[self._rows_of.get(text, np.empty(0, np.int64))] = True
        return flags

    def texts(self, row: int) -> tuple[str, ...]:
        """The values of one row."""
        if self.numeric:
            number = self.numbers[row]
            return (f"{number:.15g}",) if np.isfinite(number) else ()
        cell = self._values[row].as_py()
        return tuple(cell.split("|")) if cell else ()


class Rows:
    """The rows of a dataset that belong to given ids, in their order; an id without a row has no values."""

    def __init__(self, snapshot: Snapshot | None, key: str, ids: Sequence[str]) -> None:
        self._snapshot = snapshot
        self.row = {entity: row for row, entity in enumerate(ids)}
        self._columns: dict[str, Column] = {}
        self._place = None
        if snapshot is not None:
            self._place = pc.index_in(pa.array(ids, pa.string()), snapshot.table[key].combine_chunks())

    def __len__(self) -> int:
        return len(self.row)

    def column(self, name: str) -> Column:
        """The column of this name in any case; a column that is not there has no values."""
        key = name.upper()
        if key not in self._columns:
            self._columns[key] = self._read(key)
        return self._columns[key]

    def _read(self, key: str) -> Column:
        if self._snapshot is not None:
            for field in self._snapshot.schema.fields:
                if field.name.upper() == key:
                    values = self._snapshot.table[field.name].combine_chunks().take(self._place)
                    return Column(values, numeric=field.type in NUMBERS)
        return Column(pa.nulls(len(self), pa.string()), numeric=False)
