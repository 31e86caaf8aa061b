"""The raw files as they lie on disk: their format and their columns, before a row is read."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from lambdas.split_data.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from lambdas.split_data.schema import Column

PARQUET_MAGIC = b"PAR1"


@dataclass(frozen=True, slots=True)
class RawFile:
    """A file of interactions: where it was put, and the name by which its owner knows it."""

    path: Path
    name: str

    @property
    def is_parquet(self) -> bool:
        """Whether it is Parquet, by its first bytes; anything else is taken for CSV."""
        with self.path.open("rb") as content:
            return content.read(len(PARQUET_MAGIC)) == PARQUET_MAGIC


def check_columns(file: RawFile, columns: Sequence[Column]) -> list[Problem]:
    """Problems of the file's header against the schema: empty file, columns missing, unknown or repeated."""
    if not file.path.stat().st_size:
        return [Problem(file.name, "the file is empty", "Remove it, or write the header and the rows.")]
    try:
        header = column_names(file)
    except (UnicodeDecodeError, csv.Error):
        return [
            Problem(
                f"{file.name}, line 1",
                "neither Parquet nor CSV in UTF-8",
                "Write the file uncompressed, as UTF-8 text with commas, or as Parquet.",
            )
        ]
    return list(_header_problems(file, header, [column.name for column in columns]))


def column_names(file: RawFile) -> list[str]:
    """The names in the header, in the file's order."""
    if file.is_parquet:
        return list(pq.read_schema(file.path).names)
    with file.path.open("rb") as lines:
        return next(csv.reader([lines.readline().decode("utf-8-sig")]), [])


def _header_problems(file: RawFile, header: Sequence[str], wanted: Sequence[str]) -> Iterator[Problem]:
    spelled = {name.strip().upper(): name for name in header}
    for name in wanted:
        if name not in header:
            near = spelled.get(name.upper())
            remedy = (
                f"Rename the column {near!r}: names are matched to the letter."
                if near is not None
                else "Add it: the first line must name the columns of the schema."
            )
            yield Problem(f"{file.name}, column {name}", "the column is missing", remedy)
    for name, count in Counter(header).items():
        if name not in wanted and name.strip().upper() not in wanted:
            yield Problem(
                f"{file.name}, column {name!r}",
                "the column is not in the schema",
                "Remove it from the file, or add it to the schema in the settings.",
            )
        if count > 1:
            yield Problem(f"{file.name}, column {name!r}", f"it occurs {count} times", "Keep it once.")
