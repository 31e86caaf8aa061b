"""Service integrations use AWS's names: services, parameters, results and errors.

moto: dropped the normalisation that LocalStack has, so parameters and results keep the spelling of the service's
own API. `aws-sdk:personalize:describeSolution` with SolutionArn and `states:startExecution` with StateMachineArn
fail, results come as solutionArn, and errors of most services have the prefix as written in the ARN. A function
that may not be invoked gives Lambda.AccessDeniedException.
AWS: takes and gives PascalCase; times are ISO 8601 text; services are named, and errors prefixed, as in the AWS
SDK for Java 2 (`aws-sdk:eventbridge:putEvents`, `Personalize.ResourceNotFoundException`). An error that a
service's model does not name, as access denied is for many, is the service's general exception
(`Personalize.PersonalizeException`, `Lambda.AWSLambdaException`), with its code in the cause.
Upstream: StateTaskService has both converters (_to_boto_request, _from_boto_response); only the two hooks that
call them are empty.
"""

import datetime as dt
import functools
import re
from typing import Any

import botocore.session
from botocore import xform_name
from botocore.exceptions import ClientError, UnknownServiceError
from botocore.model import OperationModel, ServiceModel
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service import (
    StateTaskService,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_aws_sdk import (
    StateTaskServiceAwsSdk,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_lambda import (
    StateTaskServiceLambda,
)

from local.moto_patches.patcher import Patcher

# Services whose Java name is not botocore's name without its hyphens.
_JAVA_TO_BOTO = {
    "sfn": "stepfunctions",
    "states": "stepfunctions",
    "eventbridge": "events",
    "cloudwatchlogs": "logs",
    "costexplorer": "ce",
    "elasticloadbalancingv2": "elbv2",
    "sagemakerruntime": "sagemaker-runtime",
}


def install(patcher: Patcher) -> None:
    """Fill the two empty hooks, and name services and their errors."""
    patcher.replace(StateTaskService, "_get_boto_service_name", lambda _original: _service_name)
    patcher.replace(StateTaskService, "_normalise_parameters", lambda _original: _normalise_parameters)
    patcher.replace(StateTaskService, "_normalise_response", lambda _original: _normalise_response)
    patcher.replace(
        StateTaskServiceAwsSdk,
        "_normalise_service_error_name",
        lambda _original: staticmethod(_error_prefix),
    )
    patcher.replace(StateTaskServiceLambda, "_error_cause_from_client_error", _general_exception)


def _service_name(self: Any, boto_service_name: str | None = None) -> str:
    return _boto_name(boto_service_name or self.resource.api_name)


def _normalise_parameters(
    self: Any, parameters: Any, boto_service_name: str | None = None, service_action_name: str | None = None
) -> None:
    operation = _operation(self, boto_service_name, service_action_name)
    if operation.input_shape is not None:
        self._to_boto_request(parameters, operation.input_shape)


def _normalise_response(
    self: Any, response: Any, boto_service_name: str | None = None, service_action_name: str | None = None
) -> None:
    operation = _operation(self, boto_service_name, service_action_name)
    if operation.output_shape is not None:
        self._from_boto_response(response, operation.output_shape)
    _times_to_text(response)


def _operation(task: Any, service_name: str | None, action_name: str | None) -> OperationModel:
    """Find the operation's model; ValueError (States.Runtime in the execution) if there is none of that name."""
    model = _service_model(_boto_name(service_name or task.resource.api_name))
    wanted = xform_name(action_name or task.resource.api_action)
    for name in model.operation_names:
        if xform_name(name) == wanted:
            return model.operation_model(name)
    raise ValueError(f"{model.service_name} has no operation {action_name or task.resource.api_action!r}")


@functools.cache
def _session() -> botocore.session.Session:
    return botocore.session.Session()


@functools.cache
def _boto_name(java_name: str) -> str:
    """Return botocore's name of a service, such as personalize-runtime for personalizeruntime."""
    if java_name in _JAVA_TO_BOTO:
        return _JAVA_TO_BOTO[java_name]
    for name in _session().get_available_services():
        if name.replace("-", "") == java_name.lower():
            return str(name)
    return java_name


@functools.cache
def _service_model(boto_name: str) -> ServiceModel:
    return _session().get_service_model(boto_name)


def _error_prefix(java_name: str) -> str:
    """Return the class name that the AWS SDK for Java 2 makes of a service's id: SFN gives Sfn, DynamoDB DynamoDb.

    The word boundaries are those of its code generator (CodegenNamingUtils.splitOnWordBoundaries).
    """
    try:
        service_id = str(_service_model(_boto_name(java_name)).service_id)
    except UnknownServiceError:
        return java_name
    words = re.sub(r"[^A-Za-z0-9]+", " ", service_id)
    words = re.sub(r"([a-z])([A-Z])", r"\1 \2", words)
    words = re.sub(r"([A-Z])([A-Z][a-z])", r"\1 \2", words)
    words = re.sub(r"([0-9])([a-zA-Z])", r"\1 \2", words)
    return "".join(word.capitalize() for word in words.split())


def _general_exception(original: Any) -> Any:
    def error_and_cause(client_error: ClientError) -> tuple[str, str]:
        error, cause = original.__func__(client_error)
        known = {shape.error_code for shape in _service_model("lambda").error_shapes}
        if client_error.response["Error"]["Code"] not in known:
            error = "Lambda.AWSLambdaException"
        return error, cause

    return staticmethod(error_and_cause)


def _times_to_text(value: Any) -> None:
    """Replace datetimes inside dictionaries and lists, in place, by text that is JSON."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in list(items):
        if isinstance(item, dt.datetime):
            value[key] = item.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
        else:
            _times_to_text(item)
