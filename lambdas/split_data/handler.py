"""Lambda entry of `split_data`: see `request` for what comes in and `task` for what is done."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from aws_lambda_powertools.metrics import MetricUnit

from lambdas.shared.observability import logger, metrics, tracer
from lambdas.split_data.request import SplitRequest
from lambdas.split_data.task import split_data

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


@logger.inject_lambda_context
@tracer.capture_lambda_handler
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001 (Lambda's signature)
    """Split the data of one run; returns where the parts are and how large they are."""
    request = SplitRequest.of(event)
    with tempfile.TemporaryDirectory() as folder:
        summary = split_data(boto3.client("s3"), request, Path(folder), int(time.time()))
    logger.info("data split", extra={"run_id": request.run_id, "summary": summary})
    metrics.add_dimension(name="scenario", value=request.scenario)
    for name in ("train_interactions", "holdout_interactions", "query_users"):
        metrics.add_metric(name=name, unit=MetricUnit.Count, value=summary[name])
    return summary
