"""Lambda entry: the reports bucket in, where the page of all runs stands out."""

from __future__ import annotations

from functools import cache
from typing import Any

import boto3
from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas.publish_index.task import update_index
from lambdas.shared.console import has_console
from lambdas.shared.observability import logger, tracer


@logger.inject_lambda_context
@tracer.capture_lambda_handler
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001 (Lambda's signature)
    """Write `reports/index.html` anew."""
    summary = update_index(
        _s3(),
        bucket=event["reports_bucket"],
        execution_arn=event["execution_arn"],
        linked=has_console(),
    )
    logger.info("index updated", extra=summary)
    return summary


@cache
def _s3() -> Any:
    """The client, made once per warm function."""
    return boto3.client("s3")
