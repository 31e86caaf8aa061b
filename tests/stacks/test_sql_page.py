"""docs/sql.md is the contract of the tables: it tells every column with its type, and every named query."""

from __future__ import annotations

from pathlib import Path

import pytest

from lambdas.shared.result_tables import FIRST_RUN_DATE, PARTITIONS, TABLES, VERSION
from stacks.queries import named_queries

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "sql.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_the_page_has_every_column_as_it_is_written(table):
    part = PAGE.partition(f"### {table.name}\n")[2].partition("\n### ")[0].partition("\n## ")[0]
    told = [line for line in part.splitlines() if line.startswith("| `")]
    assert told == [
        f"| `{column.name}` | {column.type} | {column.comment} |" for column in (*PARTITIONS, *table.columns)
    ]


def test_the_page_tells_the_named_queries_and_the_layout():
    for query in named_queries():
        assert f"### {query.key}\n\n{query.answers}\n" in PAGE
    assert f"tables/<table>/{VERSION}/scenario=<scenario>/run_date=<YYYY-MM-DD>/<run_id>.parquet" in PAGE
    assert FIRST_RUN_DATE in PAGE
