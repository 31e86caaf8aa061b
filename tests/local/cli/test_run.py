from __future__ import annotations

import json

import pytest

from local.cli.runs import RunLog, RunRecord
from local.datasets import DatasetError


def test_a_run_shows_the_verdict_first_then_figures_times_and_the_report(pipelines):
    assert pipelines("run", "hrnn", "--run-id", "r1") == 0
    text = pipelines.output
    order = [
        "Scenario hrnn, run r1, stage dev (this machine)",
        "solution version: ACTIVE",
        "Yes: NDCG@10 is 0.1500, 20 % above popularity.",
        "NDCG@10 [95%]",
        "Report: ",
        "Evaluate      1.5",
    ]
    assert [text.index(words) for words in order] == sorted(text.index(words) for words in order)
    assert pipelines.target.started == [("hrnn", "r1")]
    assert pipelines.target.uploads == [None]


def test_open_shows_the_report_in_the_browser(pipelines):
    assert pipelines("run", "hrnn", "--run-id", "r1", "--open") == 0
    assert pipelines.opened == [(pipelines.target.results / "reports/hrnn/r1/report.html").as_uri()]


def test_options_reach_the_platform(pipelines, tmp_path):
    assert pipelines("run", "hrnn", "--speed", "50", "--iam", "record", "--data", str(tmp_path)) == 0
    ((aws, options),) = pipelines.asked
    assert (aws, options.speed, options.iam_mode) == (False, 50, "record")
    assert pipelines.target.uploads == [tmp_path]


def test_on_aws_nothing_is_uploaded_unless_asked(pipelines):
    assert pipelines("run", "hrnn", "--aws") == 0
    assert pipelines.asked[0][0] is True
    assert pipelines.target.uploads == []


def test_a_failed_run_says_why_and_where_and_how_to_resume(pipelines):
    target = pipelines.target
    target.status, target.error, target.cause = (
        "FAILED",
        "ResourceFailed",
        "hrnn run r1 FAILED at training: too few",
    )
    folder = target.results / "reports/hrnn/r1"
    folder.mkdir(parents=True)
    (folder / "failure-r1.json").write_text("{}", encoding="utf-8")

    assert pipelines("run", "hrnn", "--run-id", "r1") == 1
    for words in (
        "The run failed: ResourceFailed",
        "hrnn run r1 FAILED at training: too few",
        "Execution ARN: arn:aws:states:us-east-1:123456789012:execution:pp-dev-hrnn:r1",
        f"Written down in: {folder / 'failure-r1.json'}",
        "Resume: pipelines run hrnn --run-id r1",
    ):
        assert words in pipelines.output


@pytest.mark.parametrize(
    ("status", "error", "code", "words"),
    [
        ("FAILED", "DataError", 3, "Correct the data and start a new run."),
        ("FAILED", "NameError", 1, "The run failed: NameError"),
        ("TIMED_OUT", None, 4, "The run timed out."),
        ("ABORTED", None, 4, "The run was stopped."),
    ],
)
def test_the_exit_code_says_what_kind_of_end_it_was(status, error, code, words, pipelines):
    pipelines.target.status, pipelines.target.error = status, error
    assert pipelines("run", "hrnn") == code
    assert words in pipelines.output


def test_an_interrupted_run_is_resumed_by_the_next_command(pipelines):
    def interrupt(look):
        if look == 2:
            raise KeyboardInterrupt

    pipelines.target.at_look = interrupt
    assert pipelines("run", "hrnn", "--run-id", "r1") == 4
    assert "Interrupted. Finished steps are kept; resume: pipelines run hrnn --run-id r1" in pipelines.errors

    pipelines.target.at_look = lambda _look: None
    assert pipelines("run", "hrnn") == 0
    assert "Resuming run r1, which was interrupted" in pipelines.output
    assert pipelines("run", "hrnn") == 0
    assert [run_id for _, run_id in pipelines.target.started[:2]] == ["r1", "r1"]
    assert pipelines.target.started[2][1] != "r1"


@pytest.mark.parametrize("arguments", [("--new",), ("--data", "."), ("--aws",), ("--stage", "prod")])
def test_another_run_than_the_interrupted_one(arguments, pipelines):
    RunLog(pipelines.wiring.state_dir).begin(RunRecord("hrnn", "dev", "r1", None))
    assert pipelines("run", "hrnn", *arguments) == 0
    assert pipelines.target.started[0][1] != "r1"


def test_ctrl_c_leaves_a_run_in_aws_alone(pipelines):
    def interrupt(_look):
        raise KeyboardInterrupt

    pipelines.target.at_look = interrupt
    pipelines.target.outlives_command = True
    assert pipelines("run", "hrnn", "--aws", "--run-id", "r1", "--stage", "prod") == 4
    assert "No longer watching, but the run goes on" in pipelines.errors
    assert "pipelines run hrnn --run-id r1 --stage prod --aws" in pipelines.errors


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("run", "hrn"), 2, "there is no scenario 'hrn'. Did you mean 'hrnn'?"),
        (("run", "hrnn", "--stage", "pord"), 2, "Did you mean 'prod'?"),
        (("run", "hrnn", "--run-id", "a b"), 2, "run id 'a b' cannot be used"),
        (("run", "hrnn", "--data", "no/such/folder"), 3, "no/such/folder does not exist"),
        (("schedule", "fire", "hrn"), 2, "Did you mean 'hrnn'?"),
        (("report",), 2, "there is no report yet"),
        (("calls",), 2, "no calls of any run are recorded"),
    ],
)
def test_what_is_wrong_is_said_before_anything_starts(arguments, code, words, pipelines):
    assert pipelines(*arguments) == code
    assert words in pipelines.errors
    assert pipelines.target.started == []


def test_a_switched_off_scenario_is_not_run(pipelines, tmp_path):
    file = tmp_path / "off.yaml"
    file.write_text("stage: dev\nscenarios: {hrnn: {enabled: false}}\n", encoding="utf-8")
    assert pipelines("run", "hrnn", "--settings", str(file)) == 2
    assert "switched off in the settings" in pipelines.errors


def test_data_that_cannot_be_read_is_a_data_problem(pipelines):
    pipelines.target.refusal = DatasetError("ratings.csv, line 1: no interactions")
    assert pipelines("run", "hrnn") == 3
    assert "ratings.csv, line 1" in pipelines.errors


def test_a_schedule_is_fired_and_followed(pipelines):
    assert pipelines("schedule", "fire", "hrnn") == 0
    assert "run by-the-schedule" in pipelines.output


def test_a_run_whose_report_cannot_be_read_is_no_success(pipelines, monkeypatch):
    monkeypatch.setattr(type(pipelines.target), "fetch_report", lambda self, _scenario, _run: self.results)
    assert pipelines("run", "hrnn") == 1
    assert "its report cannot be read" in pipelines.output


def test_calls_of_one_run_are_told_from_those_of_others(pipelines):
    def call(action, verdict="allowed"):
        role = "arn:aws:iam::123456789012:role/pp-dev-split"
        return (
            json.dumps({"role": role, "action": action, "resource": "*", "verdict": verdict, "reason": ""})
            + "\n"
        )

    file = pipelines.wiring.state_dir / "iam-calls.jsonl"
    file.write_text(call("s3:Before"), encoding="utf-8")

    def record(look):
        if look == 1:
            with file.open("a", encoding="utf-8") as calls:
                calls.write(call("s3:GetObject") * 2 + call("s3:PutObject", "denied"))

    pipelines.target.at_look = record
    assert pipelines("run", "hrnn", "--run-id", "r1") == 0
    with file.open("a", encoding="utf-8") as calls:
        calls.write(call("s3:After"))

    assert pipelines("calls", "r1") == 0
    assert "Run r1: 3 calls, 1 denied." in pipelines.output
    assert "s3:GetObject" in pipelines.output
    assert "s3:Before" not in pipelines.output
    assert "s3:After" not in pipelines.output


def test_an_unreadable_run_log_is_named(pipelines):
    (pipelines.wiring.state_dir / "runs.json").write_text("{", encoding="utf-8")
    assert pipelines("run", "hrnn") == 5
    assert "delete it; only the memory of earlier runs is lost" in pipelines.errors
