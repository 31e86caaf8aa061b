"""Reads the CSV files of an import into one table, by the rules of the schema.

Fast path: pyarrow converts each column straight to its type. Only when that fails are the cells read again as text,
to name the file, the row and the value. Rows are counted as lines of the file: the header is row 1.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pyarrow import compute as pc
from pyarrow import csv as pacsv

from emulator.errors import JobFailedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulator.data.schema import DatasetSchema, Field

NOT_CONFORMING = "Input csv has rows that do not conform to the dataset schema."

ARROW_TYPES = {
    "string": pa.string(),
    "int": pa.int32(),
    "long": pa.int64(),
    "float": pa.float64(),
    "double": pa.float64(),
    "boolean": pa.bool_(),
}
_NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
_PATTERNS = {
    "int": r"^-?\d{1,10}$",
    "long": r"^-?\d{1,19}$",
    "float": _NUMBER,
    "double": _NUMBER,
    "boolean": r"^([Tt]rue|[Ff]alse|TRUE|FALSE|0|1)$",
}
_QUOTED_OR_BACKSLASH = re.compile(rb'"(?:[^"\\]|\\.|"")*"|\\', re.DOTALL)


@dataclass(frozen=True)
class SourceFile:
    """One CSV file: where it came from, for messages, and its bytes."""

    location: str
    content: bytes


def read_csv_files(files: Sequence[SourceFile], schema: DatasetSchema) -> pa.Table:
    """One table with the schema's columns in the schema's order, rows in the order of the files.

    Raises JobFailedError with the service's message, the file and the row.
    """
    header = _header(files[0])
    _check_header(header, schema, files[0].location)
    tables = []
    for file in files:
        if _header(file) != header:
            raise JobFailedError(
                f"All files of an import must have the same header: {file.location} has "
                f"{','.join(_header(file))}, {files[0].location} has {','.join(header)}."
            )
        tables.append(_read(file, header, schema))
    return pa.concat_tables(tables)


def _header(file: SourceFile) -> list[str]:
    line = file.content.split(b"\n", 1)[0].removeprefix(b"\xef\xbb\xbf").rstrip(b"\r")
    try:
        cells = next(csv.reader([line.decode("utf-8")]), [])
    except (UnicodeDecodeError, csv.Error) as error:
        raise JobFailedError(f"The header of {file.location} is not UTF-8 text in CSV: {error}.") from error
    if not any(cells):
        raise JobFailedError(f"Input CSV is empty: {file.location} has no header.")
    return cells


def _check_header(header: list[str], schema: DatasetSchema, location: str) -> None:
    missing = [name for name in schema.names if name not in header]
    if missing:
        raise JobFailedError(
            f"Input CSV is missing the following columns:[{', '.join(missing)}] ({location})"
        )
    unknown = [name for name in header if name not in schema.names]
    if unknown:
        raise JobFailedError(
            f"Input CSV has columns that are not in the schema:[{', '.join(unknown)}] ({location})"
        )
    if len(set(header)) < len(header):
        raise JobFailedError(f"Input CSV names a column twice: {','.join(header)} ({location})")


def _read(file: SourceFile, header: list[str], schema: DatasetSchema) -> pa.Table:
    content = _escaped(file.content)
    types = {field.name: ARROW_TYPES[field.type] for field in schema.fields}
    malformed: list[Any] = []
    try:
        table = _parse(content, header, types, malformed, in_order=False)
    except pa.ArrowInvalid as error:
        raise _conversion_failure(file, content, header, schema, str(error)) from error
    if malformed:
        malformed.clear()
        _parse(content, header, dict.fromkeys(types, pa.string()), malformed, in_order=True)
        raise JobFailedError(
            f"{NOT_CONFORMING} Row {malformed[0].number} of {file.location} has {malformed[0].actual_columns} "
            f"columns, the header has {malformed[0].expected_columns}."
        )
    _check_nulls(table, schema, file.location)
    return table.select(list(schema.names))


def _escaped(content: bytes) -> bytes:
    r"""Makes one reading fit both ways of quoting.

    `""` and `\"` inside quotes both mean a quote. With an escape character pyarrow takes backslashes outside quotes
    as escapes too; there they are plain characters, so they are doubled.
    """
    if b"\\" not in content:
        return content
    return _QUOTED_OR_BACKSLASH.sub(
        lambda found: b"\\\\" if found.group() == b"\\" else found.group(), content
    )


def _parse(
    content: bytes, header: list[str], types: dict[str, pa.DataType], malformed: list[Any], *, in_order: bool
) -> pa.Table:
    def skip(row: Any) -> str:
        malformed.append(row)
        return "skip"

    return pacsv.read_csv(
        pa.py_buffer(content),
        # Rows are numbered only when they are read in order by one thread.
        read_options=pacsv.ReadOptions(column_names=header, skip_rows=1, use_threads=not in_order),
        parse_options=pacsv.ParseOptions(
            escape_char="\\" if b"\\" in content else False, invalid_row_handler=skip
        ),
        convert_options=pacsv.ConvertOptions(
            column_types=types, null_values=[""], strings_can_be_null=True, quoted_strings_can_be_null=True
        ),
    )


def _conversion_failure(
    file: SourceFile, content: bytes, header: list[str], schema: DatasetSchema, reason: str
) -> JobFailedError:
    """Finds the first cell that is not of its column's type."""
    try:
        cells = _parse(content, header, dict.fromkeys(schema.names, pa.binary()), [], in_order=True)
        text = {name: cells[name].cast(pa.string()) for name in schema.names}
    except pa.ArrowInvalid as error:
        return JobFailedError(f"{NOT_CONFORMING} {file.location} is not UTF-8 text in CSV: {error}.")
    found = [
        (row, field, text[field.name][row].as_py())
        for field in schema.fields
        if field.type in _PATTERNS and (row := _first_mismatch(text[field.name], field)) is not None
    ]
    if not found:
        return JobFailedError(f"{NOT_CONFORMING} {file.location}: {reason}.")
    row, field, value = min(found, key=lambda cell: cell[0])
    return JobFailedError(
        f"{NOT_CONFORMING} Row {row + 2} of {file.location}: {field.name} must be of type {field.type}, "
        f"not {value[:100]!r}."
    )


def _first_mismatch(column: pa.ChunkedArray, field: Field) -> int | None:
    fits = pc.fill_null(pc.match_substring_regex(column, _PATTERNS[field.type]), True)
    return _first(pc.invert(fits))


def _check_nulls(table: pa.Table, schema: DatasetSchema, location: str) -> None:
    for field in schema.fields:
        # EVENT_TYPE needs a value in every row once the column exists, whatever its union says.
        if (not field.nullable or field.name == "EVENT_TYPE") and table[field.name].null_count:
            row = _first(pc.is_null(table[field.name]))
            raise JobFailedError(
                f"{NOT_CONFORMING} Row {(row or 0) + 2} of {location}: {field.name} has no value and cannot be null."
            )


def _first(flags: pa.ChunkedArray) -> int | None:
    """Index of the first true value, or None."""
    index = pc.index(flags, True).as_py()
    return None if index < 0 else int(index)
