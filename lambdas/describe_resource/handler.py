"""Lambda entry: `{kind, arn}` in, `{arn, status, done, failed, failure_reason}` out.

The answer about an event tracker has its `tracking_id`, too.
"""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas.shared.observability import logger, tracer
from lambdas.shared.progress import progress
from lambdas.shared.resources import describe, resource_kind, told
from lambdas.shared.service import personalize, waiting_is_named


@logger.inject_lambda_context
@tracer.capture_lambda_handler
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001 (Lambda's signature)
    """Describe the resource once; the state machine waits and asks again."""
    kind = resource_kind(event["kind"])
    with waiting_is_named():
        state = describe(personalize(), kind, event["arn"])
    logger.info("resource described", extra={"arn": state.arn, "status": state.status})
    return {**progress(state), **told(kind, state)}
