"""`pipelines compare`, and `pipelines report` for runs that have none."""

from __future__ import annotations

import json

import pytest

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
            "baseline": "popularity_without_seen",
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


def test_a_run_of_a_deployment_is_fetched_by_its_name():
    from local.cli import comparing

    class Bucket:
        def files(self):
            return []

        def read(self, key):
            return None

    class Target:
        def reports(self):
            return Bucket()

    with pytest.raises(CommandError, match="there is no run r1 of any scenario in the bucket"):
        comparing.fetch_run(Target(), "r1", None)
