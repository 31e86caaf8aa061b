"""Lambda entry: what failed in, `{message, subject, error, reason, report}` out, after writing the failure report."""

from __future__ import annotations

from typing import Any

import boto3
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas.record_failure.account import account_of
from lambdas.shared.console import has_console
from lambdas.shared.locations import RunLocations
from lambdas.shared.observability import logger, metrics, tracer
from lambdas.shared.storage import write_json

MAX_SUBJECT = 100  # SNS refuses longer ones


@logger.inject_lambda_context
@tracer.capture_lambda_handler
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001 (Lambda's signature)
    """Write `failure-<execution>.json` to the run's report folder, one per execution of the run."""
    account = account_of(event, has_console=has_console())
    locations = RunLocations.of(
        scenario=account.scenario,
        run_id=account.run_id,
        data_bucket=event["data_bucket"],
        reports_bucket=event["reports_bucket"],
    )
    report = locations.report / f"failure-{account.execution_arn.rsplit(':', 1)[-1]}.json"
    write_json(boto3.client("s3"), report, account.document())
    metrics.add_dimension(name="scenario", value=account.scenario)
    metrics.add_metric(name="RunsFailed", unit=MetricUnit.Count, value=1)
    logger.error(
        "run failed", extra={"stage": account.stage, "error": account.error, "run_id": account.run_id}
    )
    return {
        "message": f"{account.message()}\nReport: {report}",
        "subject": f"{account.scenario} run {account.run_id} FAILED at {account.stage}"[:MAX_SUBJECT],
        "error": account.error,
        "reason": account.reason,
        "report": str(report),
    }
