"""Fires a schedule of EventBridge Scheduler: moto keeps schedules and never lets one go off.

What the service would do at the schedule's time is done at once: take on the schedule's role, start the state
machine with the schedule's input, retry as its retry policy says, and put what could not be delivered into its
dead-letter queue. Sources: EventBridge Scheduler user guide, "Configuring a dead-letter queue", "Adding context
attributes", "Confused deputy prevention" (a role is assumed for the schedule's *group*). Time windows, start and
end dates are not looked at: whoever fires a schedule has chosen the time.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from local.deploy.clients import Clients
from local.iam import AssumeRoleDeniedError, RoleCredentials

_SERVICE = "scheduler.amazonaws.com"
_THROTTLED = {
    "ThrottlingException",
    "TooManyRequestsException",
    "ExecutionLimitExceeded",
    "RequestLimitExceeded",
}
_DEFAULT_RETRIES = 185
_DEFAULT_AGE_SECONDS = 86_400
_FIRST_WAIT_SECONDS = 1.0
_LONGEST_WAIT_SECONDS = 60.0


class ScheduleError(Exception):
    """A schedule was not fired, or its target was not reached."""


class ScheduleNotFoundError(ScheduleError):
    """There is no such schedule."""


class ScheduleDisabledError(ScheduleError):
    """The schedule is switched off."""


class UnsupportedTargetError(ScheduleError):
    """The schedule's target is not a state machine."""


class TargetNotReachedError(ScheduleError):
    """The target refused, after all retries. `dead_lettered` says whether the event is in the queue now."""

    def __init__(self, message: str, *, code: str, attempts: int, dead_lettered: bool) -> None:
        super().__init__(message)
        self.code = code
        self.attempts = attempts
        self.dead_lettered = dead_lettered


class RoleAssumer(Protocol):
    """Gives credentials of roles to services (`local.iam.Authorizer`)."""

    def credentials_for_role(
        self, role_arn: str, service_principal: str, *, source_arn: str | None = None
    ) -> RoleCredentials:
        """Raises AssumeRoleDeniedError when the role does not trust the service."""


@dataclass(frozen=True, slots=True)
class _Delivery:
    """One firing of one schedule."""

    schedule_arn: str
    group_arn: str
    target: dict[str, Any]
    execution_id: str
    scheduled_time: str

    def input(self, attempt: int) -> str:
        """The target's input with the service's context attributes filled in."""
        text = str(self.target.get("Input") or "{}")
        attributes = {
            "<aws.scheduler.schedule-arn>": self.schedule_arn,
            "<aws.scheduler.scheduled-time>": self.scheduled_time,
            "<aws.scheduler.execution-id>": self.execution_id,
            "<aws.scheduler.attempt-number>": str(attempt),
        }
        for name, value in attributes.items():
            text = text.replace(name, value)
        return text


@dataclass(frozen=True, slots=True)
class _Failure:
    """Why a delivery ended without success. `exhausted` names the limit of the retry policy that was reached."""

    code: str
    message: str
    attempts: int
    exhausted: str | None = None


def fire_schedule(
    name: str,
    group: str = "default",
    *,
    clients: Clients,
    roles: RoleAssumer,
    force: bool = False,
    wait: Callable[[float], None] = time.sleep,
) -> str:
    """Fire a schedule once; returns the ARN of the execution it started.

    `clients` act as the administrator (they read the schedule); what the schedule does is done as its role.
    `wait` sleeps between retries: a platform that runs faster than time passes a faster one. Raises
    ScheduleNotFoundError, ScheduleDisabledError unless `force`, UnsupportedTargetError, TargetNotReachedError.
    """
    schedule = _read(clients, name, group)
    if schedule.get("State") == "DISABLED" and not force:
        raise ScheduleDisabledError(
            f"schedule {group}/{name} is disabled: enable it in the settings, or force it to fire once."
        )
    target = schedule["Target"]
    if ":states:" not in target["Arn"] or ":stateMachine:" not in target["Arn"]:
        raise UnsupportedTargetError(
            f"schedule {group}/{name} targets {target['Arn']}: only state machines can be started locally."
        )
    delivery = _Delivery(
        schedule_arn=schedule["Arn"],
        group_arn=_group_arn(schedule["Arn"], group),
        target=target,
        execution_id=str(uuid.uuid4()),
        scheduled_time=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    )
    outcome = _deliver(delivery, clients, roles, wait)
    if isinstance(outcome, str):
        return outcome
    raise _give_up(delivery, outcome, clients, roles)


def _read(clients: Clients, name: str, group: str) -> dict[str, Any]:
    try:
        schedule: dict[str, Any] = clients("scheduler").get_schedule(Name=name, GroupName=group)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        raise ScheduleNotFoundError(
            f"there is no schedule {group}/{name}: deploy the application first."
        ) from error
    return schedule


def _group_arn(schedule_arn: str, group: str) -> str:
    prefix = schedule_arn.split(":schedule/", 1)[0]
    return f"{prefix}:schedule-group/{group}"


def _deliver(
    delivery: _Delivery, clients: Clients, roles: RoleAssumer, wait: Callable[[float], None]
) -> str | _Failure:
    """Start the execution, with the retries of the schedule's policy and waits that double."""
    policy = delivery.target.get("RetryPolicy", {})
    most_retries = policy.get("MaximumRetryAttempts", _DEFAULT_RETRIES)
    most_seconds = policy.get("MaximumEventAgeInSeconds", _DEFAULT_AGE_SECONDS)
    age, pause, attempt = 0.0, _FIRST_WAIT_SECONDS, 0
    while True:
        attempt += 1
        try:
            return _start(delivery, clients, roles, attempt)
        except (AssumeRoleDeniedError, ClientError, BotoCoreError) as error:
            code, message = _describe(error)
            if not _may_succeed_later(error):
                return _Failure(code, message, attempt)
        if attempt > most_retries:
            return _Failure(code, message, attempt, "MaximumRetryAttempts")
        if age + pause > most_seconds:
            return _Failure(code, message, attempt, "MaximumEventAgeInSeconds")
        wait(pause)
        age, pause = age + pause, min(pause * 2, _LONGEST_WAIT_SECONDS)


def _start(delivery: _Delivery, clients: Clients, roles: RoleAssumer, attempt: int) -> str:
    step_functions = _as_schedule(delivery, clients, roles)("stepfunctions")
    answer = step_functions.start_execution(
        stateMachineArn=delivery.target["Arn"], input=delivery.input(attempt)
    )
    return str(answer["executionArn"])


def _as_schedule(delivery: _Delivery, clients: Clients, roles: RoleAssumer) -> Clients:
    credentials = roles.credentials_for_role(
        delivery.target["RoleArn"], _SERVICE, source_arn=delivery.group_arn
    )
    return clients.acting_as(credentials)


def _describe(error: Exception) -> tuple[str, str]:
    if isinstance(error, ClientError):
        return error.response["Error"]["Code"], error.response["Error"]["Message"]
    if isinstance(error, AssumeRoleDeniedError):
        return "AccessDeniedException", str(error)
    return type(error).__name__, str(error)


def _may_succeed_later(error: Exception) -> bool:
    """Throttling, the service's own faults and the network; not a missing permission or target."""
    if isinstance(error, ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return status >= 500 or error.response["Error"]["Code"] in _THROTTLED
    return isinstance(error, BotoCoreError) and not isinstance(error, ParamValidationError)


def _give_up(
    delivery: _Delivery, failure: _Failure, clients: Clients, roles: RoleAssumer
) -> TargetNotReachedError:
    """Put the event into the dead-letter queue, if there is one, and make the error that tells of it."""
    what = (
        f"{delivery.schedule_arn} could not start {delivery.target['Arn']}: {failure.code}: {failure.message}"
    )
    queue_arn = delivery.target.get("DeadLetterConfig", {}).get("Arn")
    dead_lettered = False
    if queue_arn is None:
        what += " (the schedule has no dead-letter queue)"
    else:
        try:
            _send_to_queue(queue_arn, delivery, failure, _as_schedule(delivery, clients, roles))
            dead_lettered = True
            what += f" (the event is in the dead-letter queue {queue_arn})"
        except (AssumeRoleDeniedError, ClientError, BotoCoreError) as error:
            what += (
                f" (nor could the event be put into its dead-letter queue {queue_arn}: {_describe(error)[1]})"
            )
    return TargetNotReachedError(
        what, code=failure.code, attempts=failure.attempts, dead_lettered=dead_lettered
    )


def _send_to_queue(queue_arn: str, delivery: _Delivery, failure: _Failure, clients: Clients) -> None:
    account_id, queue_name = queue_arn.split(":")[4:6]
    attributes = {
        "ERROR_CODE": failure.code,
        "ERROR_MESSAGE": failure.message,
        "EXECUTION_ID": delivery.execution_id,
        "IS_PAYLOAD_TRUNCATED": "false",
        "RETRY_ATTEMPTS": str(failure.attempts - 1),
        "SCHEDULED_TIME": delivery.scheduled_time,
        "SCHEDULE_ARN": delivery.schedule_arn,
        "TARGET_ARN": delivery.target["Arn"],
    }
    if failure.exhausted is not None:
        attributes["EXHAUSTED_RETRY_CONDITION"] = failure.exhausted
    body = {"StateMachineArn": delivery.target["Arn"], "Input": delivery.input(failure.attempts)}
    clients("sqs").send_message(
        QueueUrl=f"{clients.endpoint_url}/{account_id}/{queue_name}",
        MessageBody=json.dumps(body),
        MessageAttributes={
            name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
        },
    )
