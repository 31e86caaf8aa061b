"""Results on this machine in SQL: DuckDB over the files and the layout that Athena reads on AWS."""

from __future__ import annotations

from pathlib import Path

import duckdb

from lambdas.shared.result_tables import PARTITIONS, TABLES, Column, ResultTable


def open_results(results: Path) -> duckdb.DuckDBPyConnection:
    """A database in memory with a view for every table, over the files below `results`/tables.

    A table that no run has written yet is empty; a column that is newer than a file is null. The day is UTC's, as in
    Athena. Nothing is fetched from anywhere.
    """
    connection = duckdb.connect(
        config={"autoinstall_known_extensions": False, "autoload_known_extensions": False}
    )
    connection.execute("set TimeZone = 'UTC'")
    for table in TABLES:
        connection.execute(_view(table, results))
    return connection


def _view(table: ResultTable, results: Path) -> str:
    columns = (*table.columns, *PARTITIONS)
    empty = f"select {', '.join(map(_nothing, columns))} where false"
    files = sorted(str(path) for path in (results / table.prefix).rglob(f"*{table.suffix}"))
    if not files:
        return f"create view {table.name} as {empty}"
    types = ", ".join(f"'{column.name}': '{column.type}'" for column in PARTITIONS)
    options = f"union_by_name = true, hive_partitioning = true, hive_types = {{{types}}}"
    listed = ", ".join(map(_text, files))
    # Names and types are ours, paths are quoted.
    found = f"select * from read_parquet([{listed}], {options})"  # noqa: S608
    return f"create view {table.name} as {empty} union all by name {found}"


def _nothing(column: Column) -> str:
    """A null of the column's type: DuckDB knows Glue's words for types."""
    return f'cast(null as {column.type}) as "{column.name}"'


def _text(value: str) -> str:
    """Text as an SQL literal."""
    return "'" + value.replace("'", "''") + "'"
