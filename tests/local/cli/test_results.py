from __future__ import annotations

import io
import os

import pytest
from rich.console import Console

from local.cli.results import UnreadableReportError, read_metrics, results_table, side_table


def rendered(table):
    buffer = io.StringIO()
    Console(file=buffer, width=160).print(table)
    return [
        [cell.strip() for cell in line.split("  ") if cell.strip()] for line in buffer.getvalue().splitlines()
    ]


def test_a_row_per_list_with_intervals_and_the_lead_over_each_baseline(script):
    assert rendered(results_table(script.METRICS)) == [
        ["list", "NDCG@10 [95%]", "model's lead [95%]"],
        ["model, without seen", "0.150 [0.140, 0.160]"],
        ["model, as returned", "0.100"],
        ["popularity without seen", "0.125 [0.120, 0.130]", "+0.025 [+0.020, +0.030]"],
    ]


def test_other_metrics_stand_in_a_second_table(script):
    assert rendered(side_table(script.METRICS)) == [
        ["list", "precision@10"],
        ["model, without seen", "0.2000"],
        ["model, as returned", "undefined"],
        ["popularity without seen", "undefined"],
    ]
    only_primary = [row for row in script.METRICS["values"] if row["metric"] == "ndcg"]
    assert side_table({**script.METRICS, "values": only_primary}) is None


def test_the_table_fits_a_terminal_of_80_columns(script):
    baseline = "recent_popularity_without_seen"
    row = {
        "source": baseline,
        "list": "without_seen",
        "metric": "ndcg",
        "k": 10,
        "value": 0.1,
        "low": 0.1,
        "high": 0.2,
    }
    lead = {
        **script.METRICS["differences"][0],
        "baseline": baseline,
        "difference": -0.1,
        "low": -0.2,
        "high": -0.1,
    }
    document = {**script.METRICS, "values": [*script.METRICS["values"], row], "differences": [lead]}
    assert results_table(document).__rich_measure__(Console(), Console(width=200).options).maximum <= 80


@pytest.mark.parametrize(
    ("text", "words"),
    [("{", "is not JSON"), ('{"schema_version": "3.0"}', "has version 3.0"), (None, "holds no metrics.json")],
)
def test_reports_that_cannot_be_read(text, words, tmp_path):
    if text is not None:
        (tmp_path / "metrics.json").write_text(text, encoding="utf-8")
    with pytest.raises(UnreadableReportError, match=words):
        read_metrics(tmp_path)


def test_report_takes_the_newest_or_the_one_that_is_named(pipelines, script):
    reports = pipelines.wiring.results_dir / "reports" / "hrnn"
    for number, run_id in enumerate(("r1", "r2", "latest")):
        folder = script.write_report(reports / run_id, verdict=f"The verdict of {run_id}.")
        os.utime(folder / "metrics.json", (number, number))

    assert pipelines("report") == 0
    assert "The verdict of r2." in pipelines.output
    assert pipelines("report", "r1", "--open") == 0
    assert "The verdict of r1." in pipelines.output
    assert pipelines.opened == [(reports / "r1" / "report.html").as_uri()]
    assert pipelines("report", "r9") == 2
    assert "there is no report of run r9" in pipelines.errors
