"""When a task is tried again."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_stepfunctions as sfn

# What Lambda answers when it is Lambda, not the task, that has trouble.
LAMBDA_SERVICE_ERRORS = [
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
]


def retry_lambda_service_errors(task: sfn.TaskStateBase) -> None:
    """Trouble of Lambda itself passes in seconds."""
    task.add_retry(
        errors=LAMBDA_SERVICE_ERRORS,
        interval=Duration.seconds(2),
        max_attempts=6,
        backoff_rate=2,
        jitter_strategy=sfn.JitterType.FULL,
    )


def retry_when_asked_to_come_back(task: sfn.TaskStateBase) -> None:
    """The service limits its control plane to one request a second: wait with jitter, for some ten minutes in all."""
    task.add_retry(
        errors=["ServiceNotReadyError"],
        interval=Duration.seconds(5),
        max_attempts=10,
        backoff_rate=2,
        max_delay=Duration.seconds(120),
        jitter_strategy=sfn.JitterType.FULL,
    )
