"""Lambda entry: `{kind, name, run_id, request}` in, `{arn, status, done, failed, failure_reason, created}` out.

The answer about an event tracker has its `tracking_id`, too.
"""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas.create_resource.ensure import ensure
from lambdas.shared.lookup import Wanted
from lambdas.shared.observability import logger, metrics, tracer
from lambdas.shared.progress import progress
from lambdas.shared.resources import ArnScope, told
from lambdas.shared.service import personalize, waiting_is_named


@logger.inject_lambda_context
@tracer.capture_lambda_handler
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Create the resource that the event names, or adopt the one that is there."""
    wanted = Wanted.of(event)
    with waiting_is_named():
        ensured = ensure(personalize(), ArnScope.of_function(context.invoked_function_arn), wanted)
    logger.info(
        "resource created" if ensured.created else "resource adopted",
        extra={"arn": ensured.state.arn, "status": ensured.state.status, "run_id": wanted.run_id},
    )
    if ensured.created:
        metrics.add_dimension(name="kind", value=wanted.kind.kind)
        metrics.add_metric(name="ResourcesCreated", unit=MetricUnit.Count, value=1)
    return {**progress(ensured.state), **told(wanted.kind, ensured.state), "created": ensured.created}
