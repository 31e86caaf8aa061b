"""Questions in SQL about the results on this machine: named ones, which Athena has too, or the user's own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console
from rich.markup import escape
from rich.measure import Measurement
from rich.table import Table

from config.problems import did_you_mean
from local.cli.exit_codes import CommandError, ExitCode
from local.sql import open_results
from stacks.queries import NamedQuery, named_queries

_DIGITS = 4


def list_queries(console: Console) -> None:
    """The named queries and what each answers."""
    table = _table(("query", "answers"))
    for query in named_queries():
        table.add_row(query.key, escape(query.answers))
    console.print(table)
    console.print(
        "Ask one by its name, or write your own: pipelines sql 'select * from runs'", highlight=False
    )


def ask(console: Console, results: Path, question: str) -> None:
    """Print the answer to a named query or to an SQL statement. Raises CommandError."""
    sql = _sql(question)
    with open_results(results) as connection:
        try:
            answer = connection.execute(sql)
            columns, rows = [name for name, *_ in answer.description or ()], answer.fetchall()
        except duckdb.Error as error:
            raise CommandError(f"the query cannot be answered: {error}", ExitCode.USAGE) from error
    if rows:
        _show(console, columns, rows)
    else:
        console.print(f"No rows. The tables are made of the runs below {results / 'tables'}.", markup=False)


def _sql(question: str) -> str:
    """The text of a named query, or the question itself when it is more than a word."""
    queries: dict[str, NamedQuery] = {query.key: query for query in named_queries()}
    if question in queries:
        return queries[question].sql
    if question.isidentifier():
        hint = did_you_mean(question, queries) or f" There are: {', '.join(queries)}."
        raise CommandError(f"there is no query {question!r}.{hint}", ExitCode.USAGE)
    return question


def _show(console: Console, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """A table, or where the terminal is too narrow for it a block of lines for every row."""
    table = _table(columns)
    for row in rows:
        table.add_row(*(escape(_cell(value)) for value in row))
    if Measurement.get(console, console.options.update(max_width=10_000), table).maximum <= console.width:
        console.print(table)
        return
    for row in rows:
        block = _table(())
        block.add_column(style="bold", no_wrap=True)
        block.add_column(overflow="fold")
        for name, value in zip(columns, row, strict=True):
            block.add_row(escape(name), escape(_cell(value)))
        console.print(block)
        console.print()


def _table(columns: Sequence[str]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", show_header=bool(columns))
    for name in columns:
        table.add_column(escape(name), overflow="fold")
    return table


def _cell(value: Any) -> str:
    if value is None:
        return "null"
    return f"{value:.{_DIGITS}g}" if isinstance(value, float) else str(value)
