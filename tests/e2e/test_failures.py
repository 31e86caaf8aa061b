"""Every way to fail ends FAILED, says why, and leaves nothing that a later run would trust."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from local.platform import Platform

pytestmark = pytest.mark.e2e

HEADER = "USER_ID,ITEM_ID,TIMESTAMP"
START = 1_600_000_000


def rows(count: int = 1500, users: int = 60) -> list[str]:
    return [f"u{n % users},i{n % 37},{START + n * 50}" for n in range(count)]


def spoilt(line: int, text: str) -> list[str]:
    good = rows()
    good[line] = text
    return good


BAD_DATA = {
    "empty file": ("", ["interactions.csv", "empty"]),
    "header only": (HEADER + "\n", ["interactions.csv"]),
    "missing column": ("USER_ID,TIMESTAMP\nu1,1600000000\n", ["ITEM_ID", "interactions.csv"]),
    "unknown column": (
        "\n".join([f"{HEADER},COLOUR", *(f"{row},red" for row in rows())]),
        ["COLOUR", "interactions.csv"],
    ),
    "text in timestamp": (
        "\n".join([HEADER, *spoilt(7, "u1,i1,yesterday")]),
        ["TIMESTAMP", "interactions.csv", "9"],
    ),
    "milliseconds": ("\n".join([HEADER, *(f"{row}000" for row in rows())]), ["milliseconds", "TIMESTAMP"]),
    "a single user": ("\n".join([HEADER, *rows(users=1)]), ["25"]),
    "999 interactions": ("\n".join([HEADER, *rows(999)]), ["1,000", "999"]),
    "an empty id": ("\n".join([HEADER, *spoilt(3, ",i1,1600000000")]), ["USER_ID", "interactions.csv"]),
}


@pytest.fixture(scope="module")
def failing(make_runner):
    return make_runner()


def put(runner, folder: Path, text: str) -> None:
    path = folder / "interactions.csv"
    path.write_text(text)
    runner.put_raw_data(path)


@pytest.mark.parametrize("case", BAD_DATA)
def test_bad_data_ends_the_run_before_anything_is_created(failing, tmp_path, case):
    text, said = BAD_DATA[case]
    put(failing, tmp_path, text)
    run_id = f"bad-{list(BAD_DATA).index(case)}"
    failed = failing.run(run_id)
    assert (failed.status, failed.error) == ("FAILED", "DataError")
    for words in said:
        assert words in failed.cause
    account = failing.report(f"reports/hrnn/{run_id}/failure-{run_id}.json")
    assert account["stage"] == "Split data"
    assert account["reason"] in failed.cause
    assert account["advice"]
    assert failing.keys("DataBucket", f"runs/hrnn/{run_id}/train/") == set()
    assert failing.count("list_dataset_groups", "datasetGroups") == 0


def test_a_prefix_with_no_files_says_where_it_looked(failing):
    bucket = failing.platform.output("DataBucket")
    for key in failing.keys("DataBucket", "raw/"):
        failing.s3.delete_object(Bucket=bucket, Key=f"raw/{key}")
    failed = failing.run("no-files")
    assert (failed.status, failed.error) == ("FAILED", "DataError")
    assert f"s3://{bucket}/raw/hrnn/interactions/" in failed.cause


def test_a_bucket_that_does_not_exist_is_named(make_runner, settings_with):
    data = {"interactions": {"location": "s3://no-such-bucket-anywhere/raw/"}}
    runner = make_runner(settings_with({"data": data}))
    failed = runner.run("no-bucket")
    assert (failed.status, failed.error) == ("FAILED", "DataError")
    assert "'no-such-bucket-anywhere' does not exist" in failed.cause


def test_odd_ids_go_through_unchanged(make_runner, tmp_path):
    """Leading zeros, commas, quotes and letters of other scripts are ids like any other."""
    import csv

    path = tmp_path / "interactions.csv"
    users = ["007", "7", "a,b", 'say "hi"', "größe", "用户", "back\\slash", *(f"u{n}" for n in range(40))]
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER.split(","))
        for n in range(47 * 40):
            writer.writerow([users[n % 47], f"i,{n // 47 % 30:03d}", START + n * 50])
    runner = make_runner()
    runner.put_raw_data(path)
    finished = runner.run("odd-ids")
    assert (finished.status, finished.cause) == ("SUCCEEDED", None)
    assert finished.output["evaluation"]["users"] == 47


def test_a_training_that_fails_tells_the_services_reason_everywhere(make_runner, settings_with, tmp_path):
    fields = [
        {"name": "USER_ID", "type": "string"},
        {"name": "ITEM_ID", "type": "string"},
        {"name": "TIMESTAMP", "type": "long"},
        {"name": "EVENT_TYPE", "type": "string"},
    ]
    changed = settings_with(
        {
            "data": {"interactions": {"location": "raw/hrnn/interactions/", "schema": {"fields": fields}}},
            "solution": {
                "recipeArn": "arn:aws:personalize:::recipe/aws-user-personalization",
                "performAutoTraining": False,
                "eventType": "purchase",
            },
        }
    )
    runner = make_runner(changed)
    text = "\n".join([f"{HEADER},EVENT_TYPE", *(f"{row},watch" for row in rows(3000))])
    put(runner, tmp_path, text)
    failed = runner.run("no-purchases")
    assert (failed.status, failed.error) == ("FAILED", "ResourceFailed")
    reason = "fewer than 1000 interactions after filtering by event type"
    assert reason in failed.cause
    assert "CREATE FAILED" in failed.cause
    account = runner.report("reports/hrnn/no-purchases/failure-no-purchases.json")
    assert account["stage"] == "solution version"
    assert reason in account["reason"]
    assert account["resource_arn"].startswith("arn:aws:personalize:")
    assert runner.keys("ReportsBucket", "reports/hrnn/latest/") == set()

    # Resuming tries the training once more, under a new name, and keeps the import.
    again = runner.run("no-purchases-2", {"run_id": "no-purchases"})
    assert again.error == "ResourceFailed"
    assert runner.trained() == (1, 2, 0)


def test_without_one_permission_the_run_fails_with_access_denied(make_runner, learnable_csv):
    runner = make_runner()
    runner.put_raw_data(learnable_csv)
    forbid(runner.platform, "personalize:CreateSolutionVersion")
    failed = runner.run("forbidden")
    assert (failed.status, failed.error) == ("FAILED", "AccessDeniedException")
    assert "personalize:CreateSolutionVersion" in failed.cause
    account = runner.report("reports/hrnn/forbidden/failure-forbidden.json")
    assert account["stage"] == "solution version"
    denied = {call.action for call in runner.platform.authorizer.calls() if call.verdict == "denied"}
    assert denied == {"personalize:CreateSolutionVersion"}
    assert runner.trained() == (1, 0, 0)


def forbid(platform: Platform, action: str) -> None:
    """Take an action out of every role's policies."""
    iam, removed = platform.clients("iam"), 0
    for role in iam.list_roles()["Roles"]:
        for name in iam.list_role_policies(RoleName=role["RoleName"])["PolicyNames"]:
            document = iam.get_role_policy(RoleName=role["RoleName"], PolicyName=name)["PolicyDocument"]
            for statement in document["Statement"]:
                actions = (
                    statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
                )
                removed += action in actions
                statement["Action"] = [kept for kept in actions if kept != action] or ["none:None"]
            iam.put_role_policy(
                RoleName=role["RoleName"], PolicyName=name, PolicyDocument=json.dumps(document)
            )
    assert removed, f"no policy allows {action}"


def test_a_batch_job_whose_filter_is_not_active_fails_with_the_services_words(
    make_runner, settings_with, learnable_csv
):
    arn = "arn:aws:personalize:us-east-1:123456789012:filter/missing"
    runner = make_runner(settings_with({"batch_inference": {"numResults": 100, "filterArn": arn}}))
    runner.put_raw_data(learnable_csv)
    failed = runner.run("filtered")
    assert failed.status == "FAILED"
    assert "filter/missing" in failed.cause
    assert runner.report("reports/hrnn/filtered/failure-filtered.json")["stage"] == "batch inference"


def test_a_failed_run_can_be_mended_and_resumed(make_runner, learnable_csv):
    runner = make_runner()
    runner.put_raw_data(learnable_csv)
    forbid(runner.platform, "personalize:CreateBatchInferenceJob")
    assert runner.run("mended").error == "AccessDeniedException"
    permit(runner.platform, "personalize:CreateSolution", "personalize:CreateBatchInferenceJob")
    resumed = runner.run("mended-2", {"run_id": "mended"})
    assert resumed.status == "SUCCEEDED"
    assert runner.trained() == (1, 1, 1)
    files = runner.keys("ReportsBucket", "reports/hrnn/mended/")
    assert {"failure-mended.json", "metrics.json", "report.html"} <= files


def permit(platform: Platform, beside: str, action: str) -> None:
    """Put an action back where another is allowed."""
    iam = platform.clients("iam")
    for role in iam.list_roles()["Roles"]:
        for name in iam.list_role_policies(RoleName=role["RoleName"])["PolicyNames"]:
            document = iam.get_role_policy(RoleName=role["RoleName"], PolicyName=name)["PolicyDocument"]
            for statement in document["Statement"]:
                if beside in statement["Action"]:
                    statement["Action"] = [*statement["Action"], action]
            iam.put_role_policy(
                RoleName=role["RoleName"], PolicyName=name, PolicyDocument=json.dumps(document)
            )


def test_a_training_that_outlasts_its_timeout_is_named_and_goes_on_when_the_run_is_resumed(
    make_runner, settings_with, learnable_csv
):
    polling = {"solution_version": {"seconds": 1, "timeout_seconds": 1}}
    runner = make_runner(settings_with({"polling": polling}), speed=600.0)  # the training takes 4 s
    runner.put_raw_data(learnable_csv)
    late = runner.run("late")
    assert (late.status, late.error) == ("FAILED", "ResourceTimedOut")
    assert "not active after 1 seconds, the timeout in the settings (status CREATE" in late.cause
    assert runner.report("reports/hrnn/late/failure-late.json")["stage"] == "solution version"
    (version,) = runner.personalize.list_solution_versions()["solutionVersions"]
    for _ in range(200):
        if version["status"] == "ACTIVE":
            break
        time.sleep(0.05)
        (version,) = runner.personalize.list_solution_versions()["solutionVersions"]
    resumed = runner.run("late-2", {"run_id": "late"})
    assert (resumed.status, resumed.cause) == ("SUCCEEDED", None)
    assert runner.trained() == (1, 1, 1)


def test_a_resumed_run_imports_again_when_another_run_has_replaced_its_data(make_runner, learnable_csv):
    runner = make_runner()
    runner.put_raw_data(learnable_csv)
    forbid(runner.platform, "personalize:CreateSolutionVersion")
    assert runner.run("early").error == "AccessDeniedException"
    permit(runner.platform, "personalize:CreateSolution", "personalize:CreateSolutionVersion")
    assert runner.run("between").status == "SUCCEEDED"
    assert runner.run("early-2", {"run_id": "early"}).status == "SUCCEEDED"
    assert runner.trained() == (3, 2, 2)
    jobs = runner.personalize.list_dataset_import_jobs()["datasetImportJobs"]
    last = max(jobs, key=lambda job: job["creationDateTime"])
    described = runner.personalize.describe_dataset_import_job(
        datasetImportJobArn=last["datasetImportJobArn"]
    )["datasetImportJob"]
    assert "/runs/hrnn/early/train/" in described["dataSource"]["dataLocation"]
