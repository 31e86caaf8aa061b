"""What a person is told of a run that failed."""

from __future__ import annotations

import json

from lambdas.record_failure.account import OTHER_ADVICE, account_of

EXECUTION = "arn:aws:states:eu-central-1:123456789012:execution:pp-dev-hrnn:r1"


def event(**failure):
    return {"scenario": "hrnn", "run_id": "r1", "execution_arn": EXECUTION, "failure": failure}


def test_a_job_that_the_service_ended_tells_the_services_own_reason_and_the_resource():
    arn = "arn:aws:personalize:eu-central-1:123456789012:solution/s/1a2b3c4d"
    account = account_of(
        event(
            stage="solution version",
            arn=arn,
            error="ResourceFailed",
            cause="Too few users (status CREATE FAILED)",
        )
    )
    assert account.message().splitlines()[0] == (
        "hrnn run r1 FAILED at solution version: Too few users (status CREATE FAILED)"
    )
    assert f"Resource: {arn}" in account.message()
    assert "resume" in account.advice
    assert account.document()["status"] == "FAILED"


def test_a_functions_error_is_read_out_of_lambdas_json():
    cause = json.dumps({"errorMessage": "no files", "errorType": "DataError", "stackTrace": ["…"]})
    account = account_of(event(stage="Split data", error="DataError", cause=cause))
    assert (account.error, account.reason) == ("DataError", "no files")
    assert "Traceback" not in account.message()


def test_an_error_code_of_the_sdk_stands_for_its_class():
    message = "An error occurred (AccessDeniedException) when calling the CreateSolution operation: no"
    cause = json.dumps({"errorMessage": message, "errorType": "ClientError"})
    account = account_of(event(stage="solution", error="ClientError", cause=cause))
    assert account.error == "AccessDeniedException"
    assert "permission" in account.advice


def test_a_cause_that_is_plain_text_is_kept_and_a_missing_one_is_said():
    assert account_of(event(stage="s", error="X", cause="it broke")).reason == "it broke"
    assert account_of(event(stage="s", error="X", cause='"text"')).reason == '"text"'
    assert account_of(event(stage="s", error="X", cause="")).reason == "no reason was given"
    assert account_of(event(stage="s", error="X", cause="")).advice == OTHER_ADVICE


def test_the_link_leads_to_the_execution_in_its_own_partition():
    assert account_of(event(stage="s", error="X", cause="")).console_url == (
        "https://eu-central-1.console.aws.amazon.com/states/home?region=eu-central-1"
        f"#/v2/executions/details/{EXECUTION}"
    )
    china = event(stage="s", error="X", cause="") | {
        "execution_arn": EXECUTION.replace("arn:aws:", "arn:aws-cn:").replace("eu-central-1", "cn-north-1")
    }
    assert account_of(china).console_url.startswith("https://cn-north-1.console.amazonaws.cn/")


def test_where_there_is_no_console_the_executions_name_stands_for_the_link():
    account = account_of(event(stage="s", error="X", cause=""), has_console=False)
    assert account.console_url is None
    assert f"Execution: {EXECUTION}" in account.message()
