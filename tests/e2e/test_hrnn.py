"""The `hrnn` scenario from the template to the report, with every call judged against the synthesized policies."""

from __future__ import annotations

import pytest
from moto.sns.models import sns_backends

from local.iam import IamMode
from local.schedules import ScheduleDisabledError, fire_schedule

pytestmark = pytest.mark.e2e

ACCOUNT = "123456789012"
REPORT_FILES = {"metrics.json", "metrics.csv", "per_user.parquet", "report.html"}


@pytest.fixture(scope="module")
def finished(runner):
    """The first run on the platform."""
    return runner.run("first")


def test_the_run_succeeds_and_says_whether_the_model_is_better(finished):
    assert (finished.status, finished.cause) == ("SUCCEEDED", None)
    evaluation = finished.output["evaluation"]
    # Every user's next item is all but certain, and every item is equally popular: only a sequence model can win.
    assert evaluation["outcome"] == "better"
    assert evaluation["users"] == 80
    assert evaluation["primary"]["low"] > 0


def test_it_passes_through_every_stage_and_notes_its_time(finished):
    stages = [stage["stage"] for stage in finished.output["stages"]]
    assert stages == [
        "Split data",
        "dataset group",
        "interactions schema",
        "interactions dataset",
        "interactions import",
        "solution",
        "solution version",
        "batch inference",
        "Evaluate",
    ]
    assert all(stage["seconds"] >= 0 for stage in finished.output["stages"])
    assert finished.states[0] == "Begin run"
    assert finished.states[-1] == "Done"
    assert "Record failure" not in finished.states


def test_the_report_lies_in_the_runs_folder_and_in_latest(runner, finished):
    assert runner.keys("ReportsBucket", "reports/hrnn/first/") == REPORT_FILES
    assert runner.keys("ReportsBucket", "reports/hrnn/latest/") == REPORT_FILES
    document = runner.report("reports/hrnn/first/metrics.json")
    assert document["run_id"] == "first"
    assert document == runner.report("reports/hrnn/latest/metrics.json")


def test_the_rows_for_sql_lie_where_glue_looks_for_them(runner, finished):
    run_date = runner.report("reports/hrnn/first/metrics.json")["run_date"]
    tables = runner.platform.clients("glue").get_tables(DatabaseName="pp_dev")["TableList"]
    assert {table["Name"] for table in tables} == {"runs", "metrics", "segments", "per_user"}
    for table in tables:
        place = table["Parameters"]["storage.location.template"]
        place = place.replace("${scenario}", "hrnn").replace("${run_date}", run_date)
        bucket, _, prefix = place.removeprefix("s3://").partition("/")
        assert bucket == runner.platform.output("ReportsBucket")
        assert runner.keys("ReportsBucket", prefix) == {"first.parquet"}


def test_subscribers_are_told_the_verdict_three_figures_and_where_to_read_on(runner, finished):
    (topic,) = sns_backends[ACCOUNT]["us-east-1"].topics.values()
    told = [(message, subject) for _, message, subject, *_ in topic.sent_notifications]
    evaluation, bucket = finished.output["evaluation"], runner.platform.output("ReportsBucket")
    lines = evaluation["message"].split("\n")
    assert lines[0] == evaluation["verdict"].replace("\u202f", " ")
    assert [line.startswith("- ") for line in lines[1:]] == [True, True, True, False, False]
    assert lines[-2:] == [f"Report: s3://{bucket}/reports/hrnn/first/report.html", "Run: first of hrnn"]
    index = f"All runs: s3://{bucket}/reports/index.html"
    assert (f"{evaluation['message']}\n{index}", evaluation["subject"]) in told
    assert evaluation["subject"].startswith("hrnn run first: better, +")


def test_the_held_out_future_was_not_imported(runner, finished):
    jobs = runner.personalize.list_dataset_import_jobs()["datasetImportJobs"]
    described = runner.personalize.describe_dataset_import_job(
        datasetImportJobArn=jobs[0]["datasetImportJobArn"]
    )["datasetImportJob"]
    bucket = runner.platform.output("DataBucket")
    assert described["dataSource"]["dataLocation"] == f"s3://{bucket}/runs/hrnn/first/train/interactions/"


def test_every_call_was_judged_and_allowed(runner, finished):
    assert runner.platform.authorizer.mode is IamMode.ENFORCE
    calls = runner.platform.authorizer.calls()
    assert {call.verdict for call in calls} == {"allowed"}
    actions = {call.action for call in calls}
    assert {
        "personalize:CreateSolutionVersion",
        "personalize:CreateBatchInferenceJob",
        "personalize:GetSolutionMetrics",
        "iam:PassRole",
        "s3:PutObject",
        "sns:Publish",
        "lambda:InvokeFunction",
        "states:ListExecutions",
    } <= actions


def test_every_resource_carries_the_stage_the_scenario_and_the_run(runner, finished):
    versions = runner.personalize.list_solution_versions()["solutionVersions"]
    arn = versions[0]["solutionVersionArn"]
    tags = runner.personalize.list_tags_for_resource(resourceArn=arn)["tags"]
    found = {tag["tagKey"]: tag["tagValue"] for tag in tags}
    assert found.items() >= {"stage": "dev", "scenario": "hrnn", "run_id": "first"}.items()


def test_starting_the_same_execution_again_is_refused_and_trains_nothing(runner, finished):
    before = runner.trained()
    with pytest.raises(runner.sfn.exceptions.ExecutionAlreadyExists):
        runner.start("first", {"run_id": "first"})
    assert runner.trained() == before


def test_resuming_a_finished_run_makes_its_report_again_and_trains_nothing(runner, finished):
    before, rows = runner.trained(), runner.keys("ReportsBucket", "tables/")
    resumed = runner.run("first-again", {"run_id": "first"})
    assert resumed.status == "SUCCEEDED"
    assert resumed.output["run_id"] == "first"
    assert resumed.output["evaluation"]["primary"] == finished.output["evaluation"]["primary"]
    assert runner.trained() == before == (1, 1, 1)
    # Its rows are replaced, not added to.
    assert runner.keys("ReportsBucket", "tables/") == rows


def test_a_second_run_imports_and_trains_once_more_in_the_same_dataset_group_and_solution(runner, finished):
    second = runner.run("second")
    assert second.status == "SUCCEEDED"
    assert runner.trained() == (2, 2, 2)
    assert runner.count("list_dataset_groups", "datasetGroups") == 1
    assert runner.count("list_solutions", "solutions") == 1
    assert runner.report("reports/hrnn/latest/metrics.json")["run_id"] == "second"


def test_a_run_id_that_could_leave_its_folder_is_refused_and_the_execution_fails(runner, finished):
    failed = runner.run("bad-id", {"run_id": "../other"})
    assert (failed.status, failed.error) == ("FAILED", "RequestError")
    assert "run id '../other' cannot be used" in failed.cause
    (topic,) = sns_backends[ACCOUNT]["us-east-1"].topics.values()
    _, message, subject, *_ = topic.sent_notifications[-1]
    index = f"All runs: s3://{runner.platform.output('ReportsBucket')}/reports/index.html"
    assert (message, subject) == (f"{failed.cause}\n{index}", "hrnn run FAILED")


def test_two_runs_at_a_time_are_refused_and_the_first_goes_on(make_runner, learnable_csv):
    runner = make_runner(speed=300.0)
    runner.put_raw_data(learnable_csv)
    first = runner.start("one")
    second = runner.run("two")
    assert (second.status, second.error) == ("FAILED", "AnotherRunAtWork")
    assert "execution one" in second.cause
    assert runner.wait(first).status == "SUCCEEDED"
    assert runner.trained() == (1, 1, 1)


def test_the_schedule_starts_the_machine_as_its_own_role(make_runner, learnable_csv):
    runner = make_runner()
    runner.put_raw_data(learnable_csv)
    with pytest.raises(ScheduleDisabledError):
        fire_schedule("pp-dev-hrnn", clients=runner.platform.clients, roles=runner.platform.authorizer)
    arn = fire_schedule(
        "pp-dev-hrnn", clients=runner.platform.clients, roles=runner.platform.authorizer, force=True
    )
    assert runner.wait(arn).status == "SUCCEEDED"
    starts = [call for call in runner.platform.authorizer.calls() if call.action == "states:StartExecution"]
    assert starts
    assert all("ScheduleRole" in call.role for call in starts)
