"""`pipelines compare`, and `pipelines report` for runs that have none."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lambdas.reports.index.stores import StoredFile
from local.cli import showing
from local.cli.exit_codes import CommandError, ExitCode


def document(run_id: str, value: float, fraction: float) -> dict[str, object]:
    row = {"source": "model", "list": "without_seen", "metric": "ndcg", "k": 10, "users": 943}
    return {
        "schema_version": "1.1",
        "scenario": "hrnn",
        "run_id": run_id,
        "kind": "users",
        "model": {"name": "aws-hrnn", "solution_version_arn": None},
        "outcome": "better",
        "verdict": f"the verdict of {run_id}",
        "primary": {
            "metric": "ndcg@10",
            "source": "model",
            "list": "without_seen",
            "value": value,
            "baseline": "popularity_without_seen",
            "baseline_value": 0.05,
            **dict.fromkeys(("difference", "low", "high")),
            **dict.fromkeys(("relative_difference", "relative_low", "relative_high")),
        },
        "settings": {"confidence": 0.95, "bootstrap_resamples": 100, "seed": 7, "cutoffs": [10]},
        "users": {"evaluated": 943},
        "data": {"train_interactions": 89561},
        "variants": [],
        "values": [{**row, "value": value, "low": value - 0.01, "high": value + 0.01}],
        "differences": [],
        "facts": {"split": {"fraction": fraction}},
        "files": {},
    }


@pytest.fixture
def reports(pipelines):
    folder = pipelines.wiring.results_dir / "reports" / "hrnn"
    for run_id, value, fraction in (("r1", 0.10, 0.1), ("r2", 0.20, 0.2)):
        (folder / run_id).mkdir(parents=True)
        (folder / run_id / "metrics.json").write_text(json.dumps(document(run_id, value, fraction)))
        (folder / run_id / "report.html").write_text("the page")
    return folder


def test_two_runs_are_told_apart_in_a_sentence_tables_and_a_page(pipelines, reports):
    assert pipelines("compare", "r1", "r2") == ExitCode.OK
    shown = " ".join(pipelines.output.split())
    assert "NDCG@10" in shown
    assert "+0.1000" in shown
    assert "split.fraction" in shown
    page = pipelines.wiring.results_dir / "comparisons" / "r1--r2.html"
    assert str(page) in pipelines.output
    assert 'href="../reports/hrnn/r1/report.html"' in page.read_text()


def test_a_run_that_is_not_here_is_named(pipelines, reports):
    assert pipelines("compare", "r1", "r9") == ExitCode.USAGE
    assert "there is no report of run r9" in pipelines.errors
    assert "pipelines runs lists what there is" in pipelines.errors


def test_a_broken_run_is_named_and_nothing_is_written(pipelines, reports):
    (reports / "r2" / "metrics.json").write_text("{")
    assert pipelines("compare", "r1", "r2") == ExitCode.USAGE
    assert "metrics.json cannot be used" in pipelines.errors
    assert not (pipelines.wiring.results_dir / "comparisons" / "r1--r2.html").exists()


def test_a_name_that_two_scenarios_have_is_asked_about(pipelines, reports):
    other = reports.parent / "sims" / "r1"
    other.mkdir(parents=True)
    (other / "metrics.json").write_text(json.dumps(document("r1", 0.3, 0.1) | {"scenario": "sims"}))
    assert pipelines("compare", "r1", "r2") == ExitCode.USAGE
    assert "hrnn, sims each have a run r1: name one with --scenario" in pipelines.errors
    assert pipelines("compare", "r1", "r2", "--scenario", "hrnn") == ExitCode.OK


def test_the_report_of_a_failed_run_is_its_reason(pipelines, reports):
    account = {"stage": "Split data", "reason": "row 7 has no ITEM_ID.", "advice": "Correct the data."}
    (reports / "r3").mkdir()
    (reports / "r3" / "failure-e.json").write_text(json.dumps(account))
    assert pipelines("report", "r3") == ExitCode.USAGE
    shown = " ".join(pipelines.errors.split())
    assert "run r3 has no report, it failed at Split data: row 7 has no ITEM_ID. Correct the data." in shown


def test_the_newest_report_tells_of_a_newer_run_that_failed(pipelines, script):
    reports = pipelines.wiring.results_dir / "reports" / "hrnn"
    script.write_report(reports / "r1")
    os.utime(reports / "r1" / "metrics.json", (1000, 1000))
    (reports / "r2").mkdir()
    (reports / "r2" / "failure-e.json").write_text("{}")
    assert pipelines("report") == ExitCode.OK
    assert "A newer run, r2, failed: pipelines report r2 tells why." in pipelines.output
    script.write_report(reports / "r2")
    before = len(pipelines.output)
    assert pipelines("report") == ExitCode.OK
    assert "A newer run" not in pipelines.output[before:]


def test_a_report_of_a_deployment_is_copied_and_shown(pipelines, script):
    script.write_report(pipelines.target.results / "reports" / "hrnn" / "r1")
    assert pipelines("report", "r1", "--aws") == ExitCode.OK
    assert pipelines.asked[0][0] is True
    assert script.METRICS["verdict"] in pipelines.output
    assert pipelines("report", "r9", "--aws") == ExitCode.USAGE
    assert "there is no run r9 of any scenario in the bucket" in pipelines.errors


def test_the_newest_report_of_a_deployment(pipelines, reports):
    for moment, run_id in ((2000, "r1"), (1000, "r2")):
        os.utime(reports / run_id / "metrics.json", (moment, moment))
    assert pipelines("report", "--aws") == ExitCode.OK
    assert str(reports / "r1" / "report.html") in pipelines.output


def test_the_page_is_opened_when_asked_for(pipelines, reports):
    assert pipelines("compare", "r1", "r2", "--open") == ExitCode.OK
    page = pipelines.wiring.results_dir / "comparisons" / "r1--r2.html"
    assert pipelines.opened == [page.resolve().as_uri()]


def test_the_main_metrics_fit_a_terminal_of_80_columns_each_on_a_line(pipelines, reports):
    pipelines.wiring.console.width = 80
    assert pipelines("compare", "r1", "r2") == ExitCode.OK
    assert "NDCG@10  0.1000  0.2000  +0.1000 (+0.0859 to +0.1141)" in pipelines.output


def test_settings_are_printed_as_they_are_and_never_as_markup(pipelines, reports):
    odd = document("r3", 0.2, 0.1)
    odd["facts"] = {"[bold]x[/bold]": "[link=http://x]y[/link]"}
    (reports / "r3").mkdir()
    (reports / "r3" / "metrics.json").write_text(json.dumps(odd))
    assert pipelines("compare", "r1", "r3") == ExitCode.OK
    assert "[bold]x[/bold]" in pipelines.output
    assert "[link=http://x]y[/link]" in pipelines.output


def test_runs_of_two_scenarios_are_told_to_be(pipelines, reports):
    other = reports.parent / "sims" / "s1"
    other.mkdir(parents=True)
    told = document("s1", 0.3, 0.1) | {"scenario": "sims", "kind": "related_items"}
    (other / "metrics.json").write_text(json.dumps(told))
    assert pipelines("compare", "r1", "s1") == ExitCode.OK
    assert "The runs are of different scenarios: hrnn then, sims now." in pipelines.output


class Bucket:
    """The reports of a deployment: runs by scenario."""

    def __init__(self, *keys):
        self.keys = keys

    def files(self):
        now = datetime(2026, 11, 24, tzinfo=UTC)
        return [StoredFile(key, 2, "etag", now) for key in self.keys]

    def read(self, key):
        return b"{}" if key in self.keys else None


class Target:
    """A deployment that copies what it is asked for."""

    def __init__(self, *keys):
        self.bucket = Bucket(*keys)

    def reports(self):
        return self.bucket

    def fetch_report(self, scenario, run_id):
        return Path("copied") / scenario / run_id


def test_a_run_of_a_deployment_is_fetched_by_its_name_and_scenario():
    target = Target("hrnn/r1/metrics.json", "hrnn/r2/metrics.json", "sims/r2/metrics.json")
    assert showing.fetch_report(target, "r1", None) == Path("copied/hrnn/r1")
    assert showing.fetch_report(target, "r2", "sims") == Path("copied/sims/r2")
    with pytest.raises(CommandError, match="hrnn, sims each have a run r2: name one with --scenario"):
        showing.fetch_report(target, "r2", None)


def test_a_run_that_a_deployment_does_not_have_is_named():
    with pytest.raises(CommandError, match="there is no run r1 of any scenario in the bucket"):
        showing.fetch_report(Target(), "r1", None)
    with pytest.raises(CommandError, match="there is no run r1 of sims in the bucket: pipelines runs --aws"):
        showing.fetch_report(Target("hrnn/r1/metrics.json"), "r1", "sims")
