"""`pipelines runs`, and the page of all runs on this machine."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime

import pytest

from local.cli.deployed_target import DeployedTarget
from local.cli.report_folder import FolderStore, local_reports, write_local_index
from local.cli.runs import RunRecord
from local.cli.target import Outputs

FAILURE = {
    "stage": "Split data",
    "error": "DataError",
    "reason": "interactions.csv [row 7] has no ITEM_ID",
    "advice": "Correct the data.",
    "execution_arn": "arn:aws:states:us-east-1:123456789012:execution:m:r2",
}


def figures(source: str, value: float) -> dict[str, object]:
    row = {"source": source, "list": "without_seen", "metric": "ndcg", "k": 10}
    return {**row, "value": value, "low": value - 0.01, "high": value + 0.01, "users": 943}


def metrics(scenario: str, run_id: str, **members: object) -> dict[str, object]:
    return {
        "schema_version": "1.1",
        "scenario": scenario,
        "run_id": run_id,
        "kind": "users",
        "model": {"name": "m"},
        "outcome": "better",
        "verdict": "it is better",
        "primary": {
            "metric": "ndcg@10",
            "source": "model",
            "list": "without_seen",
            "value": 0.15,
            "baseline": "popularity_without_seen",
            "baseline_value": 0.12,
            "difference": 0.03,
            "low": 0.02,
            "high": 0.04,
            "relative_difference": 0.25,
            "relative_low": 0.2,
            "relative_high": 0.3,
        },
        "users": {"evaluated": 943},
        "values": [figures("model", 0.15), figures("popularity_without_seen", 0.12)],
        "facts": {},
        "files": {},
        **members,
    }


@pytest.fixture
def put(pipelines):
    """Puts a document into a run's report folder of this machine, an hour of 2026-01-31 old."""

    def put(scenario, run_id, name, document, hour):
        path = pipelines.wiring.results_dir / "reports" / scenario / run_id / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(document) if isinstance(document, dict) else document, encoding="utf-8")
        written = datetime(2026, 1, 31, hour, tzinfo=UTC).timestamp()
        os.utime(path, (written, written))

    return put


@pytest.fixture
def mixed(put):
    """A run of every kind of ending."""
    put("hrnn", "r1", "metrics.json", metrics("hrnn", "r1"), 1)
    put("hrnn", "r2", "failure-r2.json", FAILURE, 2)
    put("sims", "r3", "metrics.json", "{", 3)
    put("put_events", "r4", "replayed_users.json", "{}", 4)
    put("hrnn", "latest", "metrics.json", metrics("hrnn", "r1"), 5)


def test_runs_are_listed_newest_first_with_figures_or_reasons(pipelines, mixed):
    assert pipelines("runs") == 0
    printed = pipelines.output.splitlines()
    heads = "ended (UTC) scenario run outcome users main metric, or what is the matter"
    assert " ".join(printed[0].split()) == heads
    starts = [line.split()[:5] for line in printed if line.startswith("2026-01-31")]
    assert starts == [
        ["2026-01-31", "04:00", "put_events", "r4", "unfinished"],
        ["2026-01-31", "03:00", "sims", "r3", "unreadable"],
        ["2026-01-31", "02:00", "hrnn", "r2", "failed"],
        ["2026-01-31", "01:00", "hrnn", "r1", "better"],
    ]
    said = " ".join(pipelines.output.split())
    assert (
        "Failed at Split data: interactions.csv [row 7] has no ITEM_ID What to do: Correct the data." in said
    )
    assert "NDCG@10 0.1500 (0.1400 to 0.1600), popularity without seen 0.1200: +25 % (+20 % to +30 %)" in said


def test_a_narrow_terminal_gets_two_lines_a_run(pipelines, mixed):
    pipelines.wiring.console.width = 80
    assert pipelines("runs") == 0
    printed = pipelines.output.splitlines()
    assert printed[0].split() == ["ended", "(UTC)", "scenario", "run", "outcome", "users"]
    last = next(place for place, line in enumerate(printed) if " r1 " in line)
    assert printed[last].split()[-1] == "943"
    assert printed[last + 1].startswith(
        "    NDCG@10 0.1500 (0.1400 to 0.1600), popularity without seen 0.1200:"
    )
    assert max(map(len, printed)) <= 80


def test_runs_of_one_scenario_and_the_newest_few(pipelines, mixed):
    assert pipelines("runs", "--scenario", "hrnn", "--limit", "1") == 0
    assert "r2" in pipelines.output
    assert "r1" not in pipelines.output
    assert "The newest 1 of 2 runs; --limit shows more." in pipelines.output


def test_without_a_run_it_says_how_to_begin(pipelines):
    assert pipelines("runs", "--scenario", "sims") == 2
    assert "there is no run of sims yet: pipelines run sims" in pipelines.errors


def test_runs_that_only_this_machine_remembers_are_listed(pipelines, put):
    log = pipelines.wiring.runs
    log.begin(RunRecord("hrnn", "dev", "cut-off", None))
    log.end(log.begin(RunRecord("sims", "dev", "late", None)), "TIMED_OUT")
    put("hrnn", "resumed", "metrics.json", metrics("hrnn", "resumed"), 1)
    log.begin(RunRecord("hrnn", "dev", "resumed", None))
    assert pipelines("runs") == 0
    said = {line.split()[3]: line for line in pipelines.output.splitlines() if line.startswith("20")}
    assert "interrupted" in said["cut-off"]
    assert "Its end was not seen" in said["cut-off"]
    assert "timed out" in said["late"]
    assert "Before: better. NDCG@10" in " ".join(pipelines.output.split())


def test_a_log_of_an_earlier_version_has_no_times(pipelines, tmp_path):
    old = {"scenario": "hrnn", "stage": "dev", "run_id": "old", "data": None, "status": "RUNNING"}
    (tmp_path / "runs.json").write_text(json.dumps([old]), encoding="utf-8")
    assert pipelines("runs") == 0
    assert "unknown" in pipelines.output


def test_with_aws_the_runs_of_the_deployed_stage_are_listed(pipelines, mixed, monkeypatch):
    elsewhere = pipelines.wiring.state_dir / "bucket"
    monkeypatch.setattr(pipelines.target, "results", elsewhere)
    folder = elsewhere / "reports/hrnn/theirs"
    folder.mkdir(parents=True)
    (folder / "metrics.json").write_text(json.dumps(metrics("hrnn", "theirs")), encoding="utf-8")
    assert pipelines("runs", "--aws") == 0
    assert [aws for aws, _ in pipelines.asked] == [True]
    assert "theirs" in pipelines.output
    assert "r1" not in pipelines.output


def test_every_run_brings_the_page_of_this_machine_up_to_date(pipelines):
    assert pipelines("run", "hrnn", "--run-id", "r1") == 0
    page = pipelines.wiring.results_dir / "reports/index.html"
    assert f"All runs: {page}" in pipelines.output
    assert 'href="hrnn/r1/report.html"' in page.read_text(encoding="utf-8")


def test_a_page_that_cannot_be_written_does_not_fail_the_run(pipelines, monkeypatch):
    def full(*_: object, **__: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(FolderStore, "write", full)
    assert pipelines("run", "hrnn", "--run-id", "r1") == 0
    assert "The page of all runs could not be written: No space left on device" in pipelines.output


def test_a_folder_is_a_store_like_a_bucket(tmp_path):
    store = FolderStore(tmp_path)
    assert store.files() == []
    assert store.read("hrnn/r1/metrics.json") is None
    store.write("hrnn/r1/metrics.json", b"one", content_type="application/json")
    (first,) = store.files()
    assert (first.key, first.size, store.read(first.key)) == ("hrnn/r1/metrics.json", 3, b"one")
    assert store.read("hrnn/r1/metrics.json/deeper") is None
    os.utime(tmp_path / first.key, ns=(1, 1))
    assert store.files()[0].etag != first.etag


def test_the_local_page_is_the_same_when_nothing_has_changed(pipelines, mixed):
    results = pipelines.wiring.results_dir
    page = write_local_index(results)
    once = page.read_text(encoding="utf-8")
    assert write_local_index(results).read_text(encoding="utf-8") == once
    assert {file.key for file in local_reports(results).files()} >= {"index.html", "index.json"}


class Bucket:
    """A client of S3 for one object that was written at a known time."""

    def get_paginator(self, _operation):
        return self

    def paginate(self, **_):
        written = datetime(2020, 5, 4, 3, 2, 1, tzinfo=UTC)
        yield {"Contents": [{"Key": "reports/hrnn/r1/metrics.json", "LastModified": written}]}


def test_copied_reports_keep_the_time_at_which_they_were_written(tmp_path, monkeypatch):
    class Transfer:
        def __init__(self, client: object) -> None:
            assert isinstance(client, Bucket)

        def download_file(self, _bucket: str, _key: str, path: str) -> None:
            with open(path, "w", encoding="utf-8") as file:  # noqa: PTH123 (as boto3 is called)
                file.write("{}")

    monkeypatch.setattr("local.cli.deployed_target.S3Transfer", Transfer)
    target = DeployedTarget(lambda _: Bucket(), Outputs("d", "r", {}), tmp_path, upload=lambda *_, **__: None)
    folder = target.fetch_report("hrnn", "r1")
    copied = datetime.fromtimestamp((folder / "metrics.json").stat().st_mtime, UTC)
    assert copied == datetime(2020, 5, 4, 3, 2, 1, tzinfo=UTC)
