"""Parquet files of the tables in lambdas/shared/result_tables.py: a column's type is written down once, there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet

from lambdas.shared.result_tables import ColumnType, ResultTable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

# Times are UTC and have no zone: Athena's timestamp has none either.
ARROW_TYPES: Mapping[ColumnType, pa.DataType] = {
    ColumnType.STRING: pa.string(),
    ColumnType.BOOLEAN: pa.bool_(),
    ColumnType.INT: pa.int32(),
    ColumnType.BIGINT: pa.int64(),
    ColumnType.FLOAT: pa.float32(),
    ColumnType.DOUBLE: pa.float64(),
    ColumnType.TIMESTAMP: pa.timestamp("ms"),
}

# Groups are the unit that readers skip and that this writer holds in memory.
_LEAST_ROWS, _MOST_ROWS = 1 << 16, 1 << 18
# Every value of these occurs once in a group: a dictionary would hold them all and be given up halfway.
_WITHOUT_DICTIONARY = frozenset({"user_id"})


def arrow_schema(table: ResultTable) -> pa.Schema:
    """The table's columns as Arrow's."""
    return pa.schema([(column.name, ARROW_TYPES[column.type]) for column in table.columns])


def write_rows(path: Path, table: ResultTable, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write rows; a member that a row lacks is null."""
    names = [column.name for column in table.columns]
    listed = [{name: row.get(name) for name in names} for row in rows]
    content = pa.Table.from_pylist(listed, arrow_schema(table))
    write_blocks(path, table, [dict(zip(names, content.columns, strict=True))])


def write_blocks(
    path: Path,
    table: ResultTable,
    blocks: Iterable[Mapping[str, pa.Array | pa.ChunkedArray]],
    metadata: Mapping[str, str] | None = None,
) -> None:
    """Write blocks of columns one after the other, small ones together; a block has every column of the table."""
    schema = arrow_schema(table).with_metadata(dict(metadata or {}))
    encoded = [name for name in schema.names if name not in _WITHOUT_DICTIONARY]
    with pyarrow.parquet.ParquetWriter(path, schema, compression="zstd", use_dictionary=encoded) as writer:
        for group in _groups(schema, blocks):
            writer.write_table(group, row_group_size=_MOST_ROWS)


def _groups(schema: pa.Schema, blocks: Iterable[Mapping[str, pa.Array]]) -> Iterator[pa.Table]:
    waiting: list[pa.Table] = []
    for block in blocks:
        waiting.append(pa.table([block[name] for name in schema.names], schema=schema))
        if sum(len(part) for part in waiting) >= _LEAST_ROWS:
            yield pa.concat_tables(waiting)
            waiting = []
    if waiting:
        yield pa.concat_tables(waiting)
