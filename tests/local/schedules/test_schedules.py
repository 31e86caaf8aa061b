"""Schedules fire as their role, retry as their policy says, and leave what failed in their queue."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from moto.stepfunctions.models import StepFunctionBackend

from local.schedules import (
    ScheduleDisabledError,
    ScheduleNotFoundError,
    TargetNotReachedError,
    UnsupportedTargetError,
    fire_schedule,
)

if TYPE_CHECKING:
    from local.deploy import Clients
    from local.iam import Authorizer

ACCOUNT = "123456789012"
REGION = "us-east-1"
GROUP_ARN = f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule-group/ours"
DEFINITION = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}})


def role(clients: Clients, name: str, service: str, *statements: dict[str, Any], **trust: Any) -> str:
    principal = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": service}, **trust}
    document = json.dumps({"Version": "2012-10-17", "Statement": [principal]})
    arn = clients("iam").create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]
    if statements:
        policy = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
        clients("iam").put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=policy)
    return str(arn)


def allow(action: str, resource: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource}


@dataclass
class Waits:
    """Sleeps that take no time and are counted."""

    seconds: list[float]

    def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


class Setting:
    """A machine, a dead-letter queue, and a schedule in group `ours` whose role may use both."""

    def __init__(self, clients: Clients, authorizer: Authorizer) -> None:
        self.clients, self.authorizer, self.waits = clients, authorizer, Waits([])
        self.machine_arn = clients("stepfunctions").create_state_machine(
            name="hrnn", definition=DEFINITION, roleArn=role(clients, "machine", "states.amazonaws.com")
        )["stateMachineArn"]
        self.queue_url = clients("sqs").create_queue(QueueName="undelivered")["QueueUrl"]
        self.queue_arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:undelivered"
        own_group = {
            "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT, "aws:SourceArn": GROUP_ARN}}
        }
        self.role_arn = role(
            clients,
            "schedule",
            "scheduler.amazonaws.com",
            allow("states:StartExecution", self.machine_arn),
            allow("sqs:SendMessage", self.queue_arn),
            **own_group,
        )
        clients("scheduler").create_schedule_group(Name="ours")

    def schedule(self, state: str = "ENABLED", **target: Any) -> None:
        self.clients("scheduler").create_schedule(
            Name="hrnn",
            GroupName="ours",
            ScheduleExpression="cron(0 3 * * ? *)",
            FlexibleTimeWindow={"Mode": "OFF"},
            State=state,
            Target={"Arn": self.machine_arn, "RoleArn": self.role_arn, **target},
        )

    def fire(self, **options: Any) -> str:
        return fire_schedule(
            "hrnn", "ours", clients=self.clients, roles=self.authorizer, wait=self.waits, **options
        )

    def dead_letters(self) -> list[dict[str, Any]]:
        answer = self.clients("sqs").receive_message(
            QueueUrl=self.queue_url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
        )
        return list(answer.get("Messages", []))


@pytest.fixture
def setting(clients: Clients, authorizer: Authorizer) -> Setting:
    return Setting(clients, authorizer)


def attributes(message: dict[str, Any]) -> dict[str, str]:
    return {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}


def test_firing_starts_the_machine_with_the_input_as_the_role(setting: Setting) -> None:
    setting.schedule(Input=json.dumps({"scenario": "hrnn", "by": "<aws.scheduler.schedule-arn>"}))
    arn = setting.fire()
    execution = setting.clients("stepfunctions").describe_execution(executionArn=arn)
    assert execution["stateMachineArn"] == setting.machine_arn
    schedule_arn = f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule/ours/hrnn"
    assert json.loads(execution["input"]) == {"scenario": "hrnn", "by": schedule_arn}
    judged = {(call.role, call.action, call.verdict) for call in setting.authorizer.calls()}
    assert judged == {
        ("scheduler.amazonaws.com", "sts:AssumeRole", "allowed"),
        (setting.role_arn, "states:StartExecution", "allowed"),
    }


def test_a_disabled_schedule_fires_only_when_forced(setting: Setting) -> None:
    setting.schedule(state="DISABLED")
    with pytest.raises(ScheduleDisabledError, match="ours/hrnn is disabled"):
        setting.fire()
    assert setting.fire(force=True).startswith(f"arn:aws:states:{REGION}:{ACCOUNT}:execution:hrnn:")


def test_a_schedule_that_does_not_exist_is_named(setting: Setting) -> None:
    with pytest.raises(ScheduleNotFoundError, match="no schedule ours/hrnn"):
        setting.fire()


def test_only_state_machines_can_be_targets(setting: Setting) -> None:
    setting.schedule(Arn=f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:f")
    with pytest.raises(UnsupportedTargetError, match="function:f: only state machines"):
        setting.fire()


def test_a_missing_permission_goes_to_the_queue_without_retries(setting: Setting) -> None:
    setting.clients("iam").put_role_policy(
        RoleName="schedule",
        PolicyName="own",
        PolicyDocument=json.dumps(
            {"Version": "2012-10-17", "Statement": [allow("sqs:SendMessage", setting.queue_arn)]}
        ),
    )
    setting.schedule(Input='{"a":1}', DeadLetterConfig={"Arn": setting.queue_arn})
    with pytest.raises(TargetNotReachedError, match="states:StartExecution") as failed:
        setting.fire()
    assert (failed.value.code, failed.value.attempts) == ("AccessDeniedException", 1)
    assert failed.value.dead_lettered
    assert setting.waits.seconds == []
    (message,) = setting.dead_letters()
    assert json.loads(message["Body"]) == {"StateMachineArn": setting.machine_arn, "Input": '{"a":1}'}
    told = attributes(message)
    assert (told["ERROR_CODE"], told["RETRY_ATTEMPTS"]) == ("AccessDeniedException", "0")
    assert (told["TARGET_ARN"], told["IS_PAYLOAD_TRUNCATED"]) == (setting.machine_arn, "false")
    assert "EXHAUSTED_RETRY_CONDITION" not in told


def failing_start(times: int, starts: list[int], original: Any) -> Any:
    """StartExecution that breaks on the server's side so many times, and then works."""

    def start_execution(*arguments: Any, **keywords: Any) -> Any:
        starts.append(1)
        if len(starts) <= times:
            raise RuntimeError("moto answers 500")
        return original(*arguments, **keywords)

    return start_execution


def test_a_fault_of_the_service_is_retried_with_growing_waits(
    setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    starts: list[int] = []
    replacement = failing_start(3, starts, StepFunctionBackend.start_execution)
    monkeypatch.setattr(StepFunctionBackend, "start_execution", replacement)
    setting.schedule(RetryPolicy={"MaximumRetryAttempts": 3, "MaximumEventAgeInSeconds": 3600})
    assert ":execution:hrnn:" in setting.fire()
    assert (len(starts), setting.waits.seconds) == (4, [1.0, 2.0, 4.0])


@pytest.mark.parametrize(
    ("policy", "retries", "exhausted"),
    [
        ({"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 3600}, 2, "MaximumRetryAttempts"),
        ({"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 3600}, 0, "MaximumRetryAttempts"),
        # Waits of 1, 2, 4, 8, 16 are 31 seconds; the next one, 32, would pass the minute.
        ({"MaximumRetryAttempts": 185, "MaximumEventAgeInSeconds": 60}, 5, "MaximumEventAgeInSeconds"),
    ],
)
def test_retries_end_at_the_limits_of_the_policy(
    setting: Setting, monkeypatch: pytest.MonkeyPatch, policy: dict[str, int], retries: int, exhausted: str
) -> None:
    starts: list[int] = []
    monkeypatch.setattr(StepFunctionBackend, "start_execution", failing_start(1000, starts, None))
    setting.schedule(RetryPolicy=policy, DeadLetterConfig={"Arn": setting.queue_arn})
    with pytest.raises(TargetNotReachedError) as failed:
        setting.fire()
    assert failed.value.attempts == len(starts) == retries + 1
    (message,) = setting.dead_letters()
    told = attributes(message)
    assert (told["EXHAUSTED_RETRY_CONDITION"], told["RETRY_ATTEMPTS"]) == (exhausted, str(retries))


def test_without_a_queue_the_error_says_so(setting: Setting) -> None:
    setting.clients("stepfunctions").delete_state_machine(stateMachineArn=setting.machine_arn)
    setting.schedule()
    with pytest.raises(TargetNotReachedError, match="has no dead-letter queue") as failed:
        setting.fire()
    assert (failed.value.code, failed.value.dead_lettered) == ("StateMachineDoesNotExist", False)


def test_a_queue_that_the_role_may_not_use_is_told_too(setting: Setting) -> None:
    setting.clients("iam").delete_role_policy(RoleName="schedule", PolicyName="own")
    setting.schedule(DeadLetterConfig={"Arn": setting.queue_arn})
    with pytest.raises(TargetNotReachedError, match=r"nor could the event be put.*sqs:SendMessage") as failed:
        setting.fire()
    assert not failed.value.dead_lettered
    assert setting.dead_letters() == []


def test_a_role_that_trusts_another_group_is_not_assumed(setting: Setting) -> None:
    other = GROUP_ARN.replace("ours", "theirs")
    trust = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"Service": "scheduler.amazonaws.com"},
        "Condition": {"StringEquals": {"aws:SourceArn": other}},
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    setting.clients("iam").update_assume_role_policy(RoleName="schedule", PolicyDocument=document)
    setting.schedule()
    with pytest.raises(TargetNotReachedError, match="sts:AssumeRole") as failed:
        setting.fire()
    assert failed.value.code == "AccessDeniedException"
