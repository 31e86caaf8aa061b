"""Raw files, CSV or Parquet, to one frame. Arrow reads; only a fault is looked for row by row.

CSV is read as RFC 4180 has it: values with a comma or a quote stand in double quotes, and a quote inside is
doubled. Ids stay the text they are, leading zeros and all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from lambdas.split_data.files import RawFile, check_columns
from lambdas.split_data.locating import LATEST_SECOND, locate, parquet_type_problems
from lambdas.split_data.problems import Problem, refuse
from lambdas.split_data.schema import Column

if TYPE_CHECKING:
    from collections.abc import Sequence

# Each block carries dictionaries of its own, which are unified afterwards: large blocks make fewer.
_BLOCK_BYTES = 16 << 20


def read_table(files: Sequence[RawFile], columns: Sequence[Column], subject: str) -> pd.DataFrame:
    """Read all files into one frame with the schema's columns.

    String columns become categoricals whose categories are sorted, so that codes compare as the texts do;
    whole numbers with gaps become pandas' masked integers; all else is numpy. Raises DataError with every
    problem of every file; `subject` begins its message.
    """
    refuse(subject, [problem for file in files for problem in check_columns(file, columns)])
    table = _read(files, columns)
    if table is None or _is_faulty(table, columns):
        refuse(subject, _located(files, columns))
    if not table.num_rows:
        refuse(subject, [Problem(", ".join(file.name for file in files), "there is no row", "Add the data.")])
    return _frame(table, columns)


def _located(files: Sequence[RawFile], columns: Sequence[Column]) -> list[Problem]:
    found = [problem for file in files for problem in locate(file, columns)]
    unknown = Problem(
        ", ".join(file.name for file in files),
        "the rows cannot be read as the schema's types",
        "Check that quotes are closed and doubled inside quoted values.",
    )
    return found or [unknown]


def _read(files: Sequence[RawFile], columns: Sequence[Column]) -> Any:
    """The table of all files with unified dictionaries, or None when Arrow refuses one of them."""
    try:
        tables = [
            _read_parquet(file, columns) if file.is_parquet else _read_csv(file, columns) for file in files
        ]
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return None
    return pa.concat_tables(tables).unify_dictionaries()


def _read_csv(file: RawFile, columns: Sequence[Column]) -> Any:
    return pa_csv.read_csv(
        file.path,
        read_options=pa_csv.ReadOptions(block_size=_BLOCK_BYTES),
        convert_options=pa_csv.ConvertOptions(
            column_types={column.name: column.arrow_type for column in columns},
            include_columns=[column.name for column in columns],
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
        ),
    )


def _read_parquet(file: RawFile, columns: Sequence[Column]) -> Any:
    if parquet_type_problems(file, columns):
        raise pa.ArrowInvalid("column types")
    table = pq.read_table(file.path, columns=[column.name for column in columns])
    arrays = []
    for column in columns:
        values = table[column.name]
        if column.type == "string" and not pa.types.is_dictionary(values.type):
            values = values.cast(pa.string()).dictionary_encode()
        arrays.append(values.cast(column.arrow_type))
    return pa.table(arrays, names=[column.name for column in columns])


def _is_faulty(table: Any, columns: Sequence[Column]) -> bool:
    """Whether any row breaks a rule that Arrow does not know. It says that, not where."""
    for column in columns:
        values = table[column.name]
        if values.null_count and not column.nullable:
            return True
        if column.type == "string" and values.num_chunks:
            words = values.chunk(0).dictionary
            longest = pc.max(pc.utf8_length(words)).as_py() or 0
            unwanted = r"[\r\n]" if column.nullable else r"^$|[\r\n]"
            too_long = column.max_length is not None and longest > column.max_length
            if too_long or pc.any(pc.match_substring_regex(words, unwanted)).as_py():
                return True
        if column.is_time and (pc.max(values).as_py() or 0) > LATEST_SECOND:
            return True
        if column.is_real and _has_no_number(values, column):
            return True
    return False


def _has_no_number(values: Any, column: Column) -> bool:
    """Whether a real is infinite, or is not a number where there must be one."""
    absent = not column.nullable and pc.any(pc.is_nan(values)).as_py()
    return bool(absent or pc.any(pc.is_inf(values)).as_py())


def _frame(table: Any, columns: Sequence[Column]) -> pd.DataFrame:
    """The table as pandas, column by column, so that Arrow's memory goes back as pandas' grows."""
    series: dict[str, Any] = {}
    for column in columns:
        values = table[column.name]
        table = table.drop_columns(column.name)
        if column.type == "string":
            series[column.name] = _categorical(values)
        elif values.null_count and not pa.types.is_floating(values.type):
            masked = {pa.int64(): pd.Int64Dtype(), pa.int32(): pd.Int32Dtype(), pa.bool_(): pd.BooleanDtype()}
            series[column.name] = values.to_pandas(types_mapper=masked.get)
        else:
            series[column.name] = values.to_numpy()
    return pd.DataFrame(series, copy=False)


def _categorical(values: Any) -> pd.Categorical:
    """Dictionary-encoded text as a categorical ordered by the texts' UTF-8 bytes; null has the code -1."""
    words = values.chunk(0).dictionary
    by_text = pc.sort_indices(words).to_numpy()
    rank = np.empty(len(by_text) + 1, dtype=np.int32)
    rank[by_text] = np.arange(len(by_text), dtype=np.int32)
    rank[-1] = -1
    codes = np.concatenate([chunk.indices.fill_null(-1).to_numpy() for chunk in values.chunks])
    return pd.Categorical.from_codes(
        rank[codes], categories=pd.Index(words.take(pa.array(by_text)).to_pandas()), ordered=True
    )
