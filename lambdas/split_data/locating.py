"""Where the faults are: the slow walk over a file's rows, taken only when the fast reading met one.

Every kind of fault is told once a file and column, with its first line and how often it occurs. Values are
never told: a line number finds them, and messages travel through logs and mailboxes.
"""

from __future__ import annotations

import csv
import math
import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from lambdas.split_data.files import RawFile, column_names
from lambdas.split_data.problems import Problem
from lambdas.split_data.schema import Column

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

# Seconds reach this in the year 5138, milliseconds reached it in 1973: no time in use is on the wrong side.
LATEST_SECOND = 10**11
_COARSER = ((10**17, "nanoseconds", "1,000,000,000"), (10**14, "microseconds", "1,000,000"))

_WHOLE = re.compile(r"-?[0-9]+")
_REAL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]+)?|[+-]?(nan|inf|infinity)", re.IGNORECASE)
_BOOLEANS = frozenset({"1", "0", "true", "false", "True", "False", "TRUE", "FALSE"})
_BITS = {"int": 32, "long": 64}


@dataclass(frozen=True, slots=True)
class Fault:
    """A way in which a value is wrong."""

    what: str
    remedy: str


_WIDTH = Fault(
    "the line has another number of values than the header",
    'Put values that hold a comma or a quote in double quotes, and write a quote inside them as "".',
)
_ENCODING = Fault("the text is not UTF-8", "Write the file as UTF-8.")
_ABSENT = Fault(
    "the value is missing",
    "Fill it in or remove the row; where rows may lack it, let the schema's type be a union with null.",
)
_BREAK = Fault("the value has a line break inside", "Take it out: Personalize reads one record a line.")
_NOT_SECONDS = Fault("the value is not a whole number", "Write Unix time in seconds, such as 1577836800.")
_NOT_WHOLE = Fault(
    "the value is not a whole number", "Correct it, or change the column's type in the schema."
)
_NOT_REAL = Fault("the value is not a number", "Correct it, or change the column's type in the schema.")
_NOT_FINITE = Fault("the number is infinite or too large", "Correct it, or take a wider type in the schema.")
_NOT_BOOLEAN = Fault("the value is not a boolean", "Write true or false.")


def locate(file: RawFile, columns: Sequence[Column]) -> list[Problem]:
    """The faults of a file's rows, each with the first line (Parquet: row) where it occurs and its count."""
    unit = "row" if file.is_parquet else "line"
    found: dict[tuple[str, Fault], tuple[int, int]] = {}
    problems = parquet_type_problems(file, columns) if file.is_parquet else []
    if problems:
        return problems
    rows = _parquet_rows(file, columns) if file.is_parquet else _csv_rows(file, columns)
    for number, faults in rows:
        for key in faults:
            first, count = found.get(key, (number, 0))
            found[key] = (first, count + 1)
    for (column, fault), (first, count) in found.items():
        where = f"{file.name}, {unit} {first}" + (f", column {column}" if column else "")
        times = f" ({count:,} {unit}s in all)" if count > 1 else ""
        problems.append(Problem(where, fault.what + times, fault.remedy))
    return problems


def id_places(file: RawFile, key: str) -> Iterator[tuple[str, str]]:
    """Where each row of a readable file stands, and the id that it has in the column `key`."""
    if file.is_parquet:
        batches = pq.ParquetFile(file.path).iter_batches(columns=[key])
        ids = (value for batch in batches for value in batch.column(0).to_pylist())
        for number, value in enumerate(ids, 1):
            yield f"{file.name}, row {number}", str(value)
        return
    place = column_names(file).index(key)
    for number, values in _csv_records(file):
        if not isinstance(values, csv.Error):
            yield f"{file.name}, line {number}", values[place]


def parquet_type_problems(file: RawFile, columns: Sequence[Column]) -> list[Problem]:
    """Columns of a Parquet file whose type cannot become the schema's without guessing."""
    types = {field.name: field.type for field in pq.read_schema(file.path)}
    return [
        Problem(
            f"{file.name}, column {column.name}",
            f"its Parquet type is {types[column.name]}, the schema's {column.type}",
            "Store Unix seconds as int64." if column.is_time else "Store it in the schema's type.",
        )
        for column in columns
        if not _fits(types[column.name], column)
    ]


def _fits(stored: Any, column: Column) -> bool:
    kinds = pa.types
    if column.type == "string":
        text = stored.value_type if kinds.is_dictionary(stored) else stored
        return bool(kinds.is_string(text) or kinds.is_large_string(text) or kinds.is_integer(text))
    if column.type == "boolean":
        return bool(kinds.is_boolean(stored))
    if column.type in _BITS:
        return bool(kinds.is_integer(stored))
    return bool(kinds.is_integer(stored) or kinds.is_floating(stored))


def _csv_rows(file: RawFile, columns: Sequence[Column]) -> Iterator[tuple[int, list[tuple[str, Fault]]]]:
    """Number of the line on which a faulty record begins, and its faults as (column, fault)."""
    header = column_names(file)
    checks = [(header.index(column.name), column.name, partial(_text_fault, column)) for column in columns]
    for number, values in _csv_records(file):
        if isinstance(values, csv.Error):
            yield number, [("", Fault(f"the line is not CSV ({values})", _WIDTH.remedy))]
        elif len(values) != len(header):
            yield number, [("", _WIDTH)]
        elif faults := [(name, fault) for place, name, check in checks if (fault := check(values[place]))]:
            yield number, faults


def _csv_records(file: RawFile) -> Iterator[tuple[int, list[str] | csv.Error]]:
    """Number of the line on which each record begins, and its values; without the header and blank lines.

    An error of the reader comes in place of the record that it could not read, and is the last.
    """
    # Bytes that are not UTF-8 become lone surrogates, which no valid text holds.
    with file.path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as lines:
        reader = csv.reader(lines)
        end_of_last = 0
        try:
            for values in reader:
                number, end_of_last = end_of_last + 1, reader.line_num
                if number > 1 and values:
                    yield number, values
        except csv.Error as error:
            yield end_of_last + 1, error


def _parquet_rows(file: RawFile, columns: Sequence[Column]) -> Iterator[tuple[int, list[tuple[str, Fault]]]]:
    checks: list[tuple[str, Callable[[Any], Fault | None]]] = [
        (column.name, partial(_value_fault, column)) for column in columns
    ]
    number = 0
    for batch in pq.ParquetFile(file.path).iter_batches(columns=[column.name for column in columns]):
        for row in batch.to_pylist():
            number += 1
            faults = [(name, fault) for name, check in checks if (fault := check(row[name]))]
            if faults:
                yield number, faults


def _text_fault(column: Column, text: str) -> Fault | None:
    """What is wrong with a value as CSV has it."""
    if not text:
        return None if column.nullable else _ABSENT
    if column.type == "string":
        return _string_fault(column, text)
    if column.type == "boolean":
        return None if text in _BOOLEANS else _NOT_BOOLEAN
    text = text.strip(" \t")
    if column.type in _BITS:
        if not _WHOLE.fullmatch(text):
            return _NOT_SECONDS if column.is_time else _NOT_WHOLE
        return _whole_fault(column, int(text))
    return _real_fault(column, float(text)) if _REAL.fullmatch(text) else _NOT_REAL


def _value_fault(column: Column, value: Any) -> Fault | None:
    """What is wrong with a value as Parquet has it."""
    if value is None or value == "":
        return None if column.nullable else _ABSENT
    if column.type == "string":
        return _string_fault(column, str(value))
    if column.type in _BITS:
        return _whole_fault(column, value)
    return _real_fault(column, value) if column.is_real else None


def _string_fault(column: Column, text: str) -> Fault | None:
    if not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text):
        return _ENCODING
    if column.max_length is not None and len(text) > column.max_length:
        return Fault(
            f"the value is longer than {column.max_length} characters",
            "Shorten it: the service takes no more.",
        )
    return _BREAK if "\n" in text or "\r" in text else None


def _whole_fault(column: Column, value: int) -> Fault | None:
    if column.is_time and value > LATEST_SECOND:
        unit, divisor = next(
            ((unit, divisor) for bound, unit, divisor in _COARSER if value > bound), ("milliseconds", "1,000")
        )
        return Fault(
            f"the time looks like {unit}", f"Divide it by {divisor}: Personalize takes Unix seconds."
        )
    bound = 1 << (_BITS[column.type] - 1)
    if not -bound <= value < bound:
        return Fault(
            f"the number does not fit {column.type}", "Correct it, or take a wider type in the schema."
        )
    return None


def _real_fault(column: Column, value: float) -> Fault | None:
    """A number that is none counts as missing; one beyond the range of the column's type is infinite in it."""
    if math.isnan(value):
        return None if column.nullable else _ABSENT
    with np.errstate(over="ignore"):
        stored = np.float32(value) if column.type == "float" else np.float64(value)
    return None if np.isfinite(stored) else _NOT_FINITE
