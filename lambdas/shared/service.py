"""The Personalize client of the tasks, and which of its errors mean "come back later"."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from lambdas.shared.errors import ServiceNotReadyError

# Limits on requests per second, quotas of pending jobs, a parent that is still being created: all pass with time.
COME_BACK_LATER = frozenset(
    {
        "LimitExceededException",
        "ResourceInUseException",
        "ThrottlingException",
        "TooManyRequestsException",
        "RequestLimitExceeded",
    }
)


@cache
def personalize() -> Any:
    """The client, made once per warm function. Step Functions repeats a call, so boto3 itself tries only twice."""
    return boto3.client("personalize", config=Config(retries={"mode": "standard", "max_attempts": 2}))


@contextmanager
def waiting_is_named() -> Iterator[None]:
    """Turn the service's "come back later" errors into ServiceNotReadyError, which the state machine retries."""
    try:
        yield
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in COME_BACK_LATER:
            message = error.response["Error"].get("Message", "")
            raise ServiceNotReadyError(f"{error.operation_name}: {code}: {message}") from error
        raise


def error_code(error: ClientError) -> str:
    """The service's name of the error."""
    return str(error.response["Error"]["Code"])
