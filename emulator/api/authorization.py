"""What a call would touch, for whoever decides whether it may: IAM action, resource ARNs, role that is passed.

The resources follow the Service Authorization Reference: `*` for actions without resource-level permission, the
resource to be created and its parent for Create calls, the one ARN of the request for all others.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emulator.errors import AccessDeniedError, MissingAuthenticationTokenError

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.api.models import Operation
    from emulator.state.arns import Arns

EVERYTHING = ("*",)
_CREDENTIAL = re.compile(r"Credential=([^/,\s]+)/")

_WITHOUT_RESOURCE = ("PutEvents", "PutActionInteractions")

_PARENTS = {
    "CreateBatchInferenceJob": ("solutionVersionArn",),
    "CreateCampaign": ("solutionVersionArn",),
    "CreateDataDeletionJob": ("datasetGroupArn",),
    "CreateDataset": ("datasetGroupArn",),
    "CreateDatasetExportJob": ("datasetArn",),
    "CreateDatasetImportJob": ("datasetArn",),
    "CreateEventTracker": ("datasetGroupArn",),
    "CreateFilter": ("datasetGroupArn",),
    "CreateMetricAttribution": ("datasetGroupArn",),
    "CreateRecommender": ("datasetGroupArn",),
    "CreateSolution": ("datasetGroupArn",),
}
"""Create calls that are checked against their parent too. CreateSolutionVersion is not here: it is checked against
the solution alone."""

_OWN_ARN = {
    "CreateSolutionVersion": "solutionArn",
    "GetActionRecommendations": "campaignArn",
    "GetPersonalizedRanking": "campaignArn",
    "GetRecommendations": "campaignArn",
    "ListTagsForResource": "resourceArn",
    "PutActions": "datasetArn",
    "PutItems": "datasetArn",
    "PutUsers": "datasetArn",
    "TagResource": "resourceArn",
    "UntagResource": "resourceArn",
    "UpdateDataset": "datasetArn",
    "UpdateCampaign": "campaignArn",
}


@dataclass(frozen=True)
class AuthorizationRequest:
    """One question: may this key do this action on all of these resources (ARNs, or ("*",))?

    passed_role: the role that the call hands to the service; the caller then needs iam:PassRole on it, too.
    """

    access_key_id: str
    action: str
    resources: tuple[str, ...]
    passed_role: str | None


def authorization_request(
    operation: Operation, params: dict[str, Any], access_key_id: str, arns: Arns
) -> AuthorizationRequest:
    """Describes a call whose parameters fit the model."""
    role = params.get("roleArn") or (params.get("metricsOutputConfig") or {}).get("roleArn")
    return AuthorizationRequest(access_key_id, operation.action, _resources(operation, params, arns), role)


def check_allowed(
    authorize: Callable[[AuthorizationRequest], str | None],
    operation: Operation,
    params: dict[str, Any],
    header: str,
    arns: Arns,
) -> None:
    """Asks the authorizer; raises AccessDeniedError with its message.

    header: the request's Authorization header, of which only the key id is read: signatures are not verified.
    """
    credential = _CREDENTIAL.search(header)
    if credential is None:
        raise MissingAuthenticationTokenError(
            "The request has no AWS Signature Version 4 Authorization header"
        )
    denial = authorize(authorization_request(operation, params, credential.group(1), arns))
    if denial is not None:
        raise AccessDeniedError(denial)


def _resources(operation: Operation, params: dict[str, Any], arns: Arns) -> tuple[str, ...]:
    name = operation.name
    if name in _WITHOUT_RESOURCE or (name.startswith("List") and name not in _OWN_ARN):
        return EVERYTHING
    if name.startswith("Create") and name not in _OWN_ARN:
        parents = tuple(params[member] for member in _PARENTS.get(name, ()))
        return (_created(name.removeprefix("Create"), params, arns), *parents)
    member = _OWN_ARN.get(name) or next(
        (member for member in operation.input_shape.required_members if member.endswith("Arn")), None
    )
    arn = params.get(member) if member is not None else None
    arn = arn or params.get("recommenderArn") or params.get("metricAttributionArn")
    return (arn,) if arn else EVERYTHING


def _created(noun: str, params: dict[str, Any], arns: Arns) -> str:
    """The ARN that the new resource will have."""
    if noun == "Dataset":
        return arns.dataset(params["datasetGroupArn"], params["datasetType"])
    arn_type = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", noun).lower()
    # The last part of a tracker's ARN is made by the service, so that no policy can name it beforehand.
    name = "*" if noun == "EventTracker" else params.get("name") or params["jobName"]
    return arns.of(arn_type, name)
