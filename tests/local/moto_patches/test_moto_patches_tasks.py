"""Calls of state machines to services: names, results, errors, retries and the role they act as."""

import json

import pytest
from botocore.exceptions import ClientError
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_aws_sdk import (
    StateTaskServiceAwsSdk,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_lambda import (
    StateTaskServiceLambda,
)

from tests.local.host_fixtures.host import ACCOUNT, pass_state


def task(resource, arguments, **fields):
    return {
        "StartAt": "T",
        "States": {
            "T": {
                "Type": "Task",
                "Resource": f"arn:aws:states:::{resource}",
                "Arguments": arguments,
                "End": True,
                **fields,
            }
        },
    }


def test_sdk_tasks_take_and_give_pascal_case_and_text_for_times(host):
    machine = host.machine(
        task(
            "aws-sdk:sfn:listExecutions",
            {"StateMachineArn": "{% $states.context.StateMachine.Id %}", "StatusFilter": "RUNNING"},
        )
    )
    done = host.finish(host.start(machine, name="me"))
    assert done["status"] == "SUCCEEDED", done
    [execution] = done["output"]["Executions"]
    assert (execution["Name"], execution["Status"]) == ("me", "RUNNING")
    assert execution["StartDate"].endswith("Z")


def test_an_sdk_task_signs_as_the_role_of_the_machine(host):
    done = host.run(task("aws-sdk:sts:getCallerIdentity", {}))
    assert done["output"]["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/machine/local"


def test_an_sdk_task_can_act_as_a_role_of_its_own(host):
    other = f"arn:aws:iam::{ACCOUNT}:role/other"
    host.client("iam").create_role(RoleName="other", AssumeRolePolicyDocument="{}")
    done = host.run(task("aws-sdk:sts:getCallerIdentity", {}, Credentials={"RoleArn": other}))
    assert done["output"]["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/other/local"


@pytest.mark.parametrize(
    ("service", "prefix"),
    [
        ("personalize", "Personalize"),
        ("personalizeruntime", "PersonalizeRuntime"),
        ("sfn", "Sfn"),
        ("dynamodb", "DynamoDb"),
        ("s3", "S3"),
        ("sns", "Sns"),
        ("cloudwatch", "CloudWatch"),
        ("eventbridge", "EventBridge"),
        ("cloudwatchlogs", "CloudWatchLogs"),
        ("sagemaker", "SageMaker"),
        ("nosuchservice", "nosuchservice"),
    ],
)
def test_errors_carry_the_java_name_of_their_service(host, service, prefix):
    assert StateTaskServiceAwsSdk._normalise_service_error_name(service) == prefix


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("ResourceNotFoundException", "Lambda.ResourceNotFoundException"),
        ("TooManyRequestsException", "Lambda.TooManyRequestsException"),
        ("AccessDeniedException", "Lambda.AWSLambdaException"),
    ],
)
def test_lambda_errors_that_its_model_does_not_name_are_its_general_exception(host, code, error):
    refused = ClientError(
        {
            "Error": {"Code": code, "Message": "No."},
            "ResponseMetadata": {"HTTPStatusCode": 403, "RequestId": "r"},
        },
        "Invoke",
    )
    named, cause = StateTaskServiceLambda._error_cause_from_client_error(refused)
    assert named == error
    assert f"Error Code: {code}" in cause


def test_a_function_that_does_not_exist_is_an_error_of_lambda(host):
    done = host.run(task("lambda:invoke", {"FunctionName": "nowhere", "Payload": {}}))
    assert (done["status"], done["error"]) == ("FAILED", "Lambda.ResourceNotFoundException")


def test_an_sdk_error_can_be_caught_by_its_name_with_assign(host):
    missing = f"arn:aws:states:us-east-1:{ACCOUNT}:execution:none:none"
    definition = task(
        "aws-sdk:sfn:describeExecution",
        {"ExecutionArn": missing},
        Catch=[
            {
                "ErrorEquals": ["Sfn.ExecutionDoesNotExistException"],
                "Assign": {"what": "{% $states.errorOutput.Error %}"},
                "Output": {"why": "{% $states.errorOutput.Cause %}"},
                "Next": "Caught",
            }
        ],
    )
    definition["States"]["Caught"] = {
        "Type": "Pass",
        "Output": {"what": "{% $what %}", "why": "{% $states.input.why %}"},
        "End": True,
    }
    done = host.run(definition)
    assert done["output"]["what"] == "Sfn.ExecutionDoesNotExistException"
    assert "Execution Does Not Exist" in done["output"]["why"]
    assert "Status Code: 400" in done["output"]["why"]


def test_an_unknown_operation_fails_the_execution(host):
    done = host.run(task("aws-sdk:sfn:listNothing", {}))
    assert (done["status"], done["error"]) == ("FAILED", "States.Runtime")
    assert "listNothing" in done["cause"]


def test_sns_publish_sends_the_evaluated_message(host):
    topic = host.client("sns").create_topic(Name="runs")["TopicArn"]
    queue = host.client("sqs").create_queue(QueueName="runs")["QueueUrl"]
    host.client("sns").subscribe(
        TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:us-east-1:{ACCOUNT}:runs"
    )
    done = host.run(
        task("sns:publish", {"TopicArn": topic, "Subject": "done", "Message": {"n": "{% 1 + 1 %}"}})
    )
    assert set(done["output"]) == {"MessageId"}
    [message] = host.client("sqs").receive_message(QueueUrl=queue)["Messages"]
    assert json.loads(json.loads(message["Body"])["Message"]) == {"n": 2}


def test_start_execution_sync_gives_the_parsed_output_of_the_child(host):
    child = host.machine(pass_state({"doubled": "{% $states.input.n * 2 %}"}))
    done = host.run(task("states:startExecution.sync:2", {"StateMachineArn": child, "Input": {"n": 21}}))
    assert done["status"] == "SUCCEEDED", done
    assert done["output"]["Output"] == {"doubled": 42}
    assert done["output"]["Status"] == "SUCCEEDED"


def test_a_child_that_fails_fails_its_parent_with_task_failed(host):
    child = host.machine({"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "E", "Cause": "why"}}})
    done = host.run(task("states:startExecution.sync:2", {"StateMachineArn": child}))
    assert (done["status"], done["error"]) == ("FAILED", "States.TaskFailed")
    assert json.loads(done["cause"])["Error"] == "E"


def test_retry_tries_as_often_as_it_says_and_then_gives_the_error(host):
    missing = f"arn:aws:states:us-east-1:{ACCOUNT}:execution:none:none"
    retry = {
        "ErrorEquals": ["Sfn.ExecutionDoesNotExistException"],
        "IntervalSeconds": 4,
        "MaxAttempts": 3,
        "BackoffRate": 2,
        "MaxDelaySeconds": 10,
        "JitterStrategy": "FULL",
    }
    done = host.run(task("aws-sdk:sfn:describeExecution", {"ExecutionArn": missing}, Retry=[retry]))
    assert (done["status"], done["error"]) == ("FAILED", "Sfn.ExecutionDoesNotExistException")
    types = [event["type"] for event in host.events(done["executionArn"])]
    assert types.count("TaskScheduled") == 4
    assert types.count("TaskFailed") == 4
