"""`pipelines sql`: named queries and the user's own, over the tables that runs have left on this machine."""

from __future__ import annotations

import re

import pyarrow as pa
import pyarrow.parquet
import pytest
from rich.console import Console

from lambdas.shared.result_tables import METRICS_CSV, RUNS, TABLES
from local.cli.exit_codes import ExitCode
from local.cli.result_rows import table_keys
from local.sql import open_results
from stacks.queries import named_queries


@pytest.fixture
def kept(tmp_path):
    """A run in the table `runs` of this machine, in a folder whose name has a quote."""

    def keep(results):
        path = results / RUNS.key("hrnn", "2026-11-24", "r-1")
        path.parent.mkdir(parents=True)
        row = {"run_id": ["r-1"], "outcome": ["better"], "value": [0.123456789], "verdict": ["[bold]a, 'b'"]}
        pyarrow.parquet.write_table(pa.table(row), path)

    return keep


def test_without_a_question_the_named_queries_are_listed(pipelines):
    assert pipelines("sql") == ExitCode.OK
    assert all(query.key in pipelines.output for query in named_queries())


def test_a_statement_is_answered_with_markup_left_alone(pipelines, kept):
    kept(pipelines.wiring.results_dir)
    statement = "select scenario, run_date, outcome, value, low, verdict from runs"
    assert pipelines("sql", statement) == ExitCode.OK
    head, row = pipelines.output.splitlines()[:2]
    assert head.split() == ["scenario", "run_date", "outcome", "value", "low", "verdict"]
    assert row.split() == ["hrnn", "2026-11-24", "better", "0.1235", "null", "[bold]a,", "'b'"]


def test_in_a_narrow_terminal_every_row_is_a_block(pipelines, kept):
    kept(pipelines.wiring.results_dir)
    object.__setattr__(pipelines.wiring, "console", Console(file=pipelines.wiring.console.file, width=40))
    assert pipelines("sql", "select * from runs") == ExitCode.OK
    lines = [line.split() for line in pipelines.output.splitlines()]
    assert ["scenario", "hrnn"] in lines
    assert ["users", "null"] in lines


def test_before_any_run_there_are_no_rows_and_the_place_is_named(pipelines):
    assert pipelines("sql", "latest") == ExitCode.OK
    assert "No rows." in pipelines.output
    assert str(pipelines.wiring.results_dir / "tables") in pipelines.output.replace("\n", "")


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("latst", r"there is no query 'latst'. Did you mean"),
        ("qqqq", r"There are: every_metric, latest"),
        ("select colour from runs", "cannot be answered: .*colour"),
        ("select from", "cannot be answered: .*yntax"),
    ],
)
def test_a_question_that_cannot_be_answered_is_explained(pipelines, question, told):
    assert pipelines("sql", question) == ExitCode.USAGE
    assert re.search(told, pipelines.errors, re.DOTALL), pipelines.errors


def test_a_folder_with_a_quote_in_its_name_is_read(tmp_path, kept):
    results = tmp_path / "o'clock"
    kept(results)
    with open_results(results) as connection:
        assert connection.sql("select run_id, scenario from runs").fetchall() == [("r-1", "hrnn")]
        assert connection.sql("select count(*) from per_user").fetchall() == [(0,)]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"run_date": 5}'])
def test_a_result_without_a_date_has_no_rows(tmp_path, text):
    (tmp_path / "metrics.json").write_text(text)
    assert table_keys(tmp_path, "hrnn", "r1") == []
    assert table_keys(tmp_path / "nowhere", "hrnn", "r1") == []


def test_a_result_names_its_file_in_every_table(tmp_path):
    (tmp_path / "metrics.json").write_text('{"run_date": "2026-11-24"}')
    assert table_keys(tmp_path, "hrnn", "r1") == [
        table.key("hrnn", "2026-11-24", "r1") for table in (*TABLES, METRICS_CSV)
    ]
