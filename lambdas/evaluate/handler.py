"""Lambda entry: a run's locations and settings in, the verdict and where its report stands out."""

from __future__ import annotations

from functools import cache
from typing import Any

import boto3
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas.evaluate.request import EvaluateRequest
from lambdas.evaluate.task import evaluate_run
from lambdas.evaluate.verdict import Outcome
from lambdas.shared.observability import logger, metrics, tracer
from lambdas.shared.service import personalize, waiting_is_named


@logger.inject_lambda_context
@tracer.capture_lambda_handler
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001 (Lambda's signature)
    """Evaluate the run and write its report."""
    request = EvaluateRequest.parse(event)
    with waiting_is_named():
        summary = evaluate_run(request, _s3(), personalize())
    # A log record has a message of its own.
    told = {name: value for name, value in summary.items() if name != "message"}
    logger.info("run evaluated", extra={"run_id": request.run_id, **told})
    _emit(request.scenario, summary)
    return summary


def _emit(scenario: str, summary: dict[str, Any]) -> None:
    """The primary figures and the outcome as CloudWatch metrics by scenario; undefined figures are left out."""
    metrics.add_dimension(name="scenario", value=scenario)
    primary = summary["primary"]
    figures = {
        "PrimaryValue": primary["value"],
        "PrimaryBaselineValue": primary["baseline_value"],
        "PrimaryDifference": primary["difference"],
    }
    for name, value in figures.items():
        if value is not None:
            metrics.add_metric(name=name, unit=MetricUnit.NoUnit, value=value)
    metrics.add_metric(name="EvaluatedUsers", unit=MetricUnit.Count, value=summary["users"])
    better = summary["outcome"] == Outcome.BETTER
    metrics.add_metric(name="BetterThanBaseline", unit=MetricUnit.Count, value=int(better))


@cache
def _s3() -> Any:
    """The client, made once per warm function."""
    return boto3.client("s3")
