"""Items and users: one row an id, read from files whose order does not matter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lambdas.split_data.locating import id_places
from lambdas.split_data.problems import Problem, refuse
from lambdas.split_data.reading import read_table
from lambdas.split_data.schema import COLD, ITEM_ID, USER_ID, Column

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from lambdas.split_data.files import RawFile

_KEYS = {"items": ITEM_ID, "users": USER_ID}


@dataclass(frozen=True, slots=True)
class RawTable:
    """Files of one dataset (`items` or `users`) with their columns; `subject` begins messages about them."""

    dataset: str
    files: Sequence[RawFile]
    columns: tuple[Column, ...]
    subject: str


@dataclass(frozen=True, slots=True)
class Entities:
    """Items or users in ascending order of their ids, each once.

    `frame` is as `reading` makes frames; `duplicates` is how many rows equal to another were left out.
    """

    dataset: str
    frame: pd.DataFrame
    columns: tuple[Column, ...]
    duplicates: int

    @property
    def key(self) -> str:
        """The column with the ids."""
        return _KEYS[self.dataset]

    @property
    def ids(self) -> pd.Index[str]:
        """The ids, row by row."""
        return self.frame[self.key].cat.categories

    @property
    def rows(self) -> NDArray[np.int64]:
        """Positions of all rows."""
        return np.arange(len(self.frame))

    def filled(self, column: Column) -> NDArray[np.bool_]:
        """Whether each row has a value in the column; an empty text is none."""
        values = self.frame[column.name]
        present = values.notna().to_numpy()
        return present & (values != "").to_numpy() if column.type == "string" else present

    def with_cold(self, cold_ids: pd.Index[str]) -> Entities:
        """The same with a last column COLD, `true` for the ids given and `false` for the others.

        Imported as a text, because training never uses a text that is not categorical, and filters can.
        """
        marked = self.frame.assign(**{COLD: self.ids.isin(cold_ids)})
        columns = (*self.columns, Column(COLD, "boolean", nullable=False))
        return Entities(self.dataset, marked, columns, self.duplicates)


def read_entities(table: RawTable) -> Entities:
    """Read the files and leave out repeated rows.

    Raises DataError with every problem of every file, and when rows share an id but not all else: which of them
    is right cannot be known.
    """
    frame = read_table(table.files, table.columns, table.subject)
    distinct = frame.drop_duplicates()
    key = _KEYS[table.dataset]
    repeated = distinct[key].duplicated(keep=False)
    if repeated.any():
        refuse(table.subject, [_conflict(table, key, set(distinct.loc[repeated, key]))])
    # Sorted categories: ascending codes are ascending ids.
    ordered = distinct.iloc[np.argsort(distinct[key].cat.codes.to_numpy())].reset_index(drop=True)
    return Entities(table.dataset, ordered, table.columns, duplicates=len(frame) - len(distinct))


def _conflict(table: RawTable, key: str, ids: set[Any]) -> Problem:
    """The first place where one of the ids whose rows differ stands a second time."""
    count = f" ({len(ids):,} ids occur so)" if len(ids) > 1 else ""
    remedy = "Keep one row for each id; only rows equal in every column may repeat."
    earlier: dict[str, str] = {}
    for place, text in (found for file in table.files for found in id_places(file, key)):
        if text in earlier:
            what = f"the id stands in {earlier[text]} too, and the rows differ{count}"
            return Problem(f"{place}, column {key}", what, remedy)
        if text in ids:
            earlier[text] = place
    # A text too long for the slow walk hides what comes after it.
    return Problem(f"{table.files[0].name}, column {key}", f"an id has rows that differ{count}", remedy)
