"""Requests to moto are judged: which permission each call needs, and how a refusal reaches the client."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from local.iam import Authorizer, IamMode, RoleCredentials

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Aws

ACCOUNT = "123456789012"
REGION = "us-east-1"
LAMBDA = "lambda.amazonaws.com"
DEFINITION = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}})


def error_of(error: pytest.ExceptionInfo[ClientError]) -> tuple[str, str]:
    return error.value.response["Error"]["Code"], error.value.response["Error"].get("Message", "")


def test_the_policies_of_queues_and_topics_count(aws: Aws, enforcing: Authorizer) -> None:
    named, forbidden = aws.role("named"), aws.role("forbidden", aws.allow("sqs:*", "sns:*"))
    statements = [
        {"Effect": "Allow", "Principal": {"AWS": named}, "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Principal": {"AWS": forbidden}, "Action": "*", "Resource": "*"},
    ]
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    url = aws.client("sqs").create_queue(QueueName="q", Attributes={"Policy": policy})["QueueUrl"]
    topic = aws.client("sns").create_topic(Name="t", Attributes={"Policy": policy})["TopicArn"]
    calls = [
        ("sqs", "send_message", {"QueueUrl": url, "MessageBody": "m"}),
        ("sns", "publish", {"TopicArn": topic, "Message": "m"}),
    ]
    for service, method, parameters in calls:
        by_name = aws.client(service, enforcing.credentials_for_role(named, LAMBDA))
        assert answer(by_name, method, parameters)[0] == "ok"
        code, message = answer(
            aws.client(service, enforcing.credentials_for_role(forbidden, LAMBDA)), method, parameters
        )
        assert code in {"AccessDenied", "AuthorizationError"}
        assert "an explicit deny" in message


@dataclass(frozen=True)
class Call:
    """A call of a service: its client and method, the permission it needs, and the error when refused."""

    service: str
    method: str
    action: str
    resource: str
    error: str = "AccessDeniedException"


CALLS = [
    Call("stepfunctions", "start_execution", "states:StartExecution", "stateMachine:m"),
    Call("sns", "publish", "sns:Publish", "t", "AuthorizationError"),
    Call("sqs", "send_message", "sqs:SendMessage", "q", "AccessDenied"),
    Call("lambda", "invoke", "lambda:InvokeFunction", "function:f"),
    Call("logs", "put_log_events", "logs:PutLogEvents", "log-group:/g:log-stream:s"),
    Call("ssm", "get_parameter", "ssm:GetParameter", "parameter/a/b"),
    Call("events", "put_events", "events:PutEvents", "event-bus/default"),
    Call("scheduler", "get_schedule", "scheduler:GetSchedule", "schedule/default/s"),
]


def parameters_of(aws: Aws, method: str) -> dict[str, Any]:
    """Parameters of each call in CALLS. Its resource is made, except the function and the schedule."""
    if method == "start_execution":
        machine = aws.client("stepfunctions").create_state_machine(
            name="m", definition=DEFINITION, roleArn=aws.role("machine", service="states.amazonaws.com")
        )
        return {"stateMachineArn": machine["stateMachineArn"]}
    if method == "put_log_events":
        logs = aws.client("logs")
        logs.create_log_group(logGroupName="/g")
        logs.create_log_stream(logGroupName="/g", logStreamName="s")
        events = [{"timestamp": 1_700_000_000_000, "message": "m"}]
        return {"logGroupName": "/g", "logStreamName": "s", "logEvents": events}
    aws.client("ssm").put_parameter(Name="/a/b", Value="1", Type="String", Overwrite=True)
    return {
        "publish": {"TopicArn": aws.client("sns").create_topic(Name="t")["TopicArn"], "Message": "m"},
        "send_message": {
            "QueueUrl": aws.client("sqs").create_queue(QueueName="q")["QueueUrl"],
            "MessageBody": "m",
        },
        "get_parameter": {"Name": "/a/b"},
        "put_events": {"Entries": [{"Source": "s", "DetailType": "d", "Detail": "{}"}]},
        "invoke": {"FunctionName": "f"},
        "get_schedule": {"Name": "s"},
    }[method]


def answer(client: Any, method: str, parameters: dict[str, Any]) -> tuple[str, str]:
    """Code and message of the error that a call ends in, or `ok`."""
    try:
        getattr(client, method)(**parameters)
    except ClientError as error:
        return error.response["Error"]["Code"], error.response["Error"]["Message"]
    return "ok", ""


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.action)
def test_each_service_is_judged_and_refuses_in_its_own_protocol(
    aws: Aws, enforcing: Authorizer, call: Call
) -> None:
    arn = f"arn:aws:{call.action.split(':')[0]}:{REGION}:{ACCOUNT}:{call.resource}"
    parameters = parameters_of(aws, call.method)

    def answer_to(role: str) -> tuple[str, str]:
        client = aws.client(call.service, enforcing.credentials_for_role(role, LAMBDA))
        return answer(client, call.method, parameters)

    code, message = answer_to(aws.role("elsewhere", aws.allow(call.action, on=arn + "x")))
    assert code == call.error
    assert f"is not authorized to perform: {call.action} on resource: {arn} because" in message
    # Past the gate it is moto's word: the function and the schedule do not exist.
    assert answer_to(aws.role("allowed", aws.allow(call.action, on=arn)))[0] in {
        "ok",
        "ResourceNotFoundException",
    }


def test_metrics_are_judged_by_namespace(aws: Aws, enforcing: Authorizer) -> None:
    own = {"Condition": {"StringEquals": {"cloudwatch:namespace": "Pipelines"}}}
    role = aws.role("meter", aws.allow("cloudwatch:PutMetricData", **own))
    cloudwatch = aws.client("cloudwatch", enforcing.credentials_for_role(role, LAMBDA))
    data = [{"MetricName": "m", "Value": 1.0}]

    cloudwatch.put_metric_data(Namespace="Pipelines", MetricData=data)
    with pytest.raises(ClientError) as refused:
        cloudwatch.put_metric_data(Namespace="Other", MetricData=data)
    assert error_of(refused)[0] == "AccessDeniedException"


def test_a_key_policy_must_hand_the_decision_to_the_account(aws: Aws, enforcing: Authorizer) -> None:
    kms = aws.client("kms")
    role = aws.role("worker", aws.allow("kms:GenerateDataKey"))
    root = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    stranger = {"AWS": f"arn:aws:iam::{ACCOUNT}:role/stranger"}

    def key_for(principal: dict[str, str]) -> str:
        statement = {"Effect": "Allow", "Principal": principal, "Action": "kms:*", "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        return str(kms.create_key(Policy=policy)["KeyMetadata"]["KeyId"])

    kms.create_alias(AliasName="alias/ours", TargetKeyId=key_for(root))
    client = aws.client("kms", enforcing.credentials_for_role(role, LAMBDA))
    client.generate_data_key(KeyId="alias/ours", KeySpec="AES_256")
    with pytest.raises(ClientError, match="the resource's own policy does not allow"):
        client.generate_data_key(KeyId=key_for(stranger), KeySpec="AES_256")


def test_an_operation_that_no_table_knows_is_refused_and_named(aws: Aws, enforcing: Authorizer) -> None:
    role = aws.role("powerful", aws.allow("*"))
    credentials = enforcing.credentials_for_role(role, LAMBDA)
    with pytest.raises(ClientError, match="does not know what sns:DeleteTopic needs"):
        aws.client("sns", credentials).delete_topic(TopicArn=f"arn:aws:sns:{REGION}:{ACCOUNT}:t")
    with pytest.raises(ClientError, match="AccessDenied"):
        aws.client("dynamodb", credentials).list_tables()
    aws.client("s3").create_bucket(Bucket="data")
    with pytest.raises(ClientError, match="does not know what s3:PutBucketVersioning needs"):
        aws.client("s3", credentials).put_bucket_versioning(
            Bucket="data", VersioningConfiguration={"Status": "Enabled"}
        )


def test_everybody_may_ask_who_they_are(aws: Aws, enforcing: Authorizer) -> None:
    credentials = enforcing.credentials_for_role(aws.role("nobody"), LAMBDA)
    assert aws.client("sts", credentials).get_caller_identity()["Arn"].endswith("assumed-role/nobody/lambda")


def test_a_role_assumes_another_only_where_it_is_trusted(aws: Aws, enforcing: Authorizer) -> None:
    caller = aws.role("caller", aws.allow("sts:AssumeRole"))
    closed = aws.role("closed")
    opened = aws.role("opened", aws.allow("s3:ListAllMyBuckets"))
    trust = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": caller}}],
    }
    aws.client("iam").update_assume_role_policy(RoleName="opened", PolicyDocument=json.dumps(trust))
    sts = aws.client("sts", enforcing.credentials_for_role(caller, LAMBDA))

    with pytest.raises(ClientError, match="AccessDenied"):
        sts.assume_role(RoleArn=closed, RoleSessionName="session")
    given = sts.assume_role(RoleArn=opened, RoleSessionName="session")["Credentials"]
    credentials = RoleCredentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
    assert aws.client("s3", credentials).list_buckets()["Buckets"] == []


def test_a_key_that_belongs_to_nobody_is_refused(aws: Aws, enforcing: Authorizer) -> None:
    with pytest.raises(ClientError, match="belongs to no role of this platform"):
        aws.client("s3", RoleCredentials("A" * 20, "s", "")).list_buckets()


def test_taking_a_permission_away_takes_effect_at_once(aws: Aws, enforcing: Authorizer) -> None:
    role = aws.role("publisher", aws.allow("sns:Publish"))
    topic = aws.client("sns").create_topic(Name="t")["TopicArn"]
    sns = aws.client("sns", enforcing.credentials_for_role(role, LAMBDA))
    sns.publish(TopicArn=topic, Message="m")
    aws.client("iam").delete_role_policy(RoleName="publisher", PolicyName="own")
    with pytest.raises(ClientError) as refused:
        sns.publish(TopicArn=topic, Message="m")
    assert error_of(refused)[0] == "AuthorizationError"


def test_record_mode_lets_pass_and_writes_what_aws_would_refuse(
    aws: Aws, authorizer_in: Callable[[IamMode], Authorizer], tmp_path: Any
) -> None:
    authorizer = authorizer_in(IamMode.RECORD)
    aws.client("s3").create_bucket(Bucket="data")
    role = aws.role("writer", aws.allow("s3:PutObject", on="arn:aws:s3:::data/a"))
    s3 = aws.client("s3", authorizer.credentials_for_role(role, LAMBDA))
    for key in ("a", "a", "b"):
        s3.put_object(Bucket="data", Key=key, Body=b"")

    judged = {(call.action, call.resource): (call.verdict, call.count) for call in authorizer.calls()}
    assert judged == {
        ("s3:PutObject", "arn:aws:s3:::data/a"): ("allowed", 2),
        ("s3:PutObject", "arn:aws:s3:::data/b"): ("denied", 1),
        ("sts:AssumeRole", role): ("allowed", 1),
    }
    lines = [json.loads(line) for line in (tmp_path / "calls.jsonl").read_text().splitlines()]
    assert [(line["action"], line["verdict"]) for line in lines] == [
        ("sts:AssumeRole", "allowed"),
        ("s3:PutObject", "allowed"),
        ("s3:PutObject", "allowed"),
        ("s3:PutObject", "denied"),
    ]
    assert lines[-1]["role"] == role
    assert "no policy allows the s3:PutObject action" in lines[-1]["reason"]


def test_mode_off_judges_and_records_nothing(
    aws: Aws, authorizer_in: Callable[[IamMode], Authorizer]
) -> None:
    authorizer = authorizer_in(IamMode.OFF)
    credentials = authorizer.credentials_for_role(aws.role("nobody"), "anything.amazonaws.com")
    aws.client("s3", credentials).create_bucket(Bucket="data")
    assert authorizer.calls() == []


def test_uninstalling_gives_moto_back_its_own_methods(
    aws: Aws, authorizer_in: Callable[[IamMode], Authorizer]
) -> None:
    authorizer = authorizer_in(IamMode.ENFORCE)
    with pytest.raises(RuntimeError, match="already installed"):
        Authorizer(IamMode.OFF, ACCOUNT, REGION).install()
    credentials = authorizer.credentials_for_role(aws.role("nobody"), LAMBDA)
    authorizer.uninstall()
    aws.client("s3", credentials).create_bucket(Bucket="data")
