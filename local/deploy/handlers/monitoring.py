"""CloudWatch alarms and dashboards."""

from __future__ import annotations

from local.deploy.model import Created, Handler, ResourceRequest
from local.deploy.properties import api_tags

_ALARM_VALUES = (
    "ActionsEnabled",
    "AlarmActions",
    "AlarmDescription",
    "ComparisonOperator",
    "DatapointsToAlarm",
    "EvaluateLowSampleCountPercentile",
    "EvaluationPeriods",
    "ExtendedStatistic",
    "InsufficientDataActions",
    "MetricName",
    "Namespace",
    "OKActions",
    "Period",
    "Statistic",
    "Threshold",
    "ThresholdMetricId",
    "TreatMissingData",
    "Unit",
)


def create_alarm(request: ResourceRequest) -> Created:
    """An alarm. moto keeps it and never evaluates it."""
    block = request.properties
    name = request.named("AlarmName", 255)
    parameters = block.given({key: key for key in _ALARM_VALUES})
    for key in ("Dimensions", "Metrics"):
        if key in block:
            parameters[key] = block.document(key)
    if tags := api_tags(block):
        parameters["Tags"] = tags
    request.clients("cloudwatch").put_metric_alarm(AlarmName=name, **parameters)
    return Created(name, {"Arn": request.arn("cloudwatch", f"alarm:{name}")})


def create_dashboard(request: ResourceRequest) -> Created:
    """A dashboard."""
    block = request.properties
    name = request.named("DashboardName", 255)
    block.ignore("Tags", "moto's dashboards have no tags")
    request.clients("cloudwatch").put_dashboard(
        DashboardName=name, DashboardBody=block.required("DashboardBody")
    )
    return Created(name)


HANDLERS: dict[str, Handler] = {
    "AWS::CloudWatch::Alarm": create_alarm,
    "AWS::CloudWatch::Dashboard": create_dashboard,
}
