"""moto asks this module, not its own access control, whether a request may pass.

moto checks every service but S3 against `Resource: "*"`, compares actions with their case, knows no
conditions and reads bucket policies by halves (one that demands TLS makes it refuse every object). So four of
its methods are replaced while an authorizer is installed:

- `BaseResponse._authenticate_and_authorize_normal_action` and `…_s3_action`, called before anything is done;
- `FakeBucket.get_permission`, its reading of the bucket policy: the engine has judged that already;
- `S3Response._bucket_response_delete_keys`, to refuse single keys of a multi-object delete as S3 does.
"""

from __future__ import annotations

import re
import threading
import warnings
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from moto.core.authorization import ActionAuthenticatorMixin
from moto.core.exceptions import ServiceException
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import determine_request_protocol
from moto.core.responses import ActionResult
from moto.core.routing import get_service_router
from moto.core.utils import get_service_model
from moto.iam.access_control import PermissionResult
from moto.s3.exceptions import BucketAccessDeniedError
from moto.s3.models import FakeBucket
from moto.s3.responses import S3Response
from werkzeug.exceptions import HTTPException, NotFound

from local.iam.permissions import Parameters, UnmappedOperationError, permissions_for
from local.iam.s3_permissions import s3_permissions

if TYPE_CHECKING:
    from moto.core.responses import BaseResponse

    from local.iam.authorizer import Authorizer, Denial

_IAM_PREFIX = {"awslambda": "lambda", "stepfunctions": "states"}
"""moto's name of a service → the prefix of its IAM actions, where they differ."""

_ERROR_CODE = {
    "sns": "AuthorizationError",
    "sqs": "AccessDenied",
    "sts": "AccessDenied",
    "iam": "AccessDenied",
}
"""The error of a refused call, where it is not AccessDeniedException."""

_CREDENTIAL = re.compile(r"Credential=([^/,\s]+)/")
_S3_BODY_OPERATIONS = frozenset({"DeleteObjects"})
_denied_objects: ContextVar[frozenset[str]] = ContextVar("denied_objects", default=frozenset())
_lock = threading.Lock()
_installed: list[tuple[Authorizer, dict[str, Any]]] = []


class _AccessDeniedByPolicyError(ServiceException):
    """A refusal that moto can serialize. Not a class of moto itself: moto looks those up by their module."""


class _S3AccessDeniedError(BucketAccessDeniedError):
    """S3's AccessDenied with a message that says what is missing (AWS words it so since 2025)."""

    def __init__(self, bucket: str, message: str) -> None:
        super().__init__(bucket)
        self.message = message


def install(authorizer: Authorizer) -> None:
    """Put the authorizer in charge of moto. Raises RuntimeError when another one is."""
    with _lock:
        if _installed:
            raise RuntimeError("An authorizer is already installed in this process: uninstall it first.")
        originals = {name: getattr(owner, name) for owner, name, _ in _REPLACEMENTS}
        _installed.append((authorizer, originals))
        for owner, name, replacement in _REPLACEMENTS:
            setattr(owner, name, replacement)
        # AWS leaves AccessDenied out of most service models, of which moto warns at every refusal.
        warnings.filterwarnings("ignore", message=rf"Exception\({_AccessDeniedByPolicyError.__name__}\)")


def uninstall(authorizer: Authorizer) -> None:
    """Take the authorizer out again; nothing happens when it is not the installed one."""
    with _lock:
        if not _installed or _installed[0][0] is not authorizer:
            return
        _, originals = _installed.pop()
        for owner, name, _ in _REPLACEMENTS:
            setattr(owner, name, originals[name])


def _authorizer() -> Authorizer:
    return _installed[0][0]


def access_key_of(request: Any) -> str:
    """The access key id of a signed request: from its header, or its query if presigned; else empty."""
    found = _CREDENTIAL.search(request.headers.get("Authorization", ""))
    if found:
        return found.group(1)
    return str(request.args.get("X-Amz-Credential", "")).split("/")[0]


def _authorize(response: BaseResponse, _resource: str = "*") -> None:
    """Replaces `_authenticate_and_authorize_normal_action`: all services but S3."""
    authorizer = _authorizer()
    access_key_id = access_key_of(response.normalized_request)
    name = response.service_name or ""
    service = _IAM_PREFIX.get(name, name)
    operation = response._get_action() or ""  # noqa: SLF001 how moto itself names the operation
    if authorizer.is_exempt(access_key_id) or (service, operation) == ("sts", "GetCallerIdentity"):
        return  # AWS lets everybody ask who they are
    try:
        parameters = _parameters(response, operation)
        if service == "kms" and "KeyId" in parameters:
            parameters = {**parameters, "KeyId": authorizer.state.key_arn(parameters["KeyId"])}
        denials = authorizer.check(
            access_key_id, permissions_for(service, operation, parameters, authorizer.scope)
        )
    except UnmappedOperationError as error:
        denials = authorizer.refuse(access_key_id, f"{service}:{operation}", str(error))
    if denials:
        _refuse(response, service, denials[0])


def _parameters(response: BaseResponse, operation: str) -> dict[str, Any]:
    """The call's members as botocore names them, read with moto's own parser of the service's protocol."""
    request = response.normalized_request
    service_model = get_service_model(response.boto3_service_name)
    protocol = determine_request_protocol(service_model, request.content_type)
    parser = PROTOCOL_PARSERS[protocol](service_model.operation_model(operation))
    parsed: dict[str, Any] = parser.parse(
        {
            "method": request.method,
            "values": request.values,
            "headers": request.headers,
            "body": request.data,
            "url_path": request.path,
            "url_params": response.uri_match,
        }
    )
    return parsed


def _refuse(response: BaseResponse, service: str, denial: Denial) -> None:
    """Answer in the service's own protocol: moto sends an HTTPException's description as the body."""
    code = _ERROR_CODE.get(service, "AccessDeniedException")
    error = _AccessDeniedByPolicyError(code, denial.message)
    status, headers, body = response.serialized(ActionResult(error))
    response.response_headers.update(headers)
    refusal = HTTPException()
    refusal.description = body  # type: ignore[assignment] # bytes for CBOR: moto sends either
    is_json = get_service_model(response.boto3_service_name).protocol == "json"
    refusal.code = status if is_json else 403
    raise refusal


def _authorize_s3(response: S3Response, bucket_name: str | None = None, key_name: str | None = None) -> None:
    """Replaces `_authenticate_and_authorize_s3_action`."""
    authorizer = _authorizer()
    _denied_objects.set(frozenset())
    request = response.normalized_request
    access_key_id = access_key_of(request)
    if authorizer.is_exempt(access_key_id):
        return
    try:
        operation, parameters = _s3_call(response)
        exists = key_name is None or authorizer.state.object_exists(bucket_name or "", key_name)
        permissions = s3_permissions(operation, parameters, authorizer.scope.partition, object_exists=exists)
        denials = authorizer.check(access_key_id, permissions)
    except (UnmappedOperationError, NotFound) as error:
        denials = authorizer.refuse(access_key_id, f"s3:{request.method}", str(error))
        operation, permissions = "", ()
    if operation == "DeleteObjects" and len(denials) < len(permissions):
        _denied_objects.set(frozenset(denial.permission.resource for denial in denials))
    elif denials:
        raise _S3AccessDeniedError(bucket_name or "", denials[0].message)


def _s3_call(response: S3Response) -> tuple[str, Parameters]:
    """Operation and members of an S3 request. The body is read only where it names keys: it may be large."""
    request = response.normalized_request
    operation, labels = get_service_router("s3").match(request)
    body = response.body if operation.name in _S3_BODY_OPERATIONS else b""
    parser = PROTOCOL_PARSERS["rest-xml"](operation)
    parsed = parser.parse(
        {
            "method": request.method,
            "values": request.values,
            "headers": request.headers,
            "body": body,
            "url_path": request.path,
            "url_params": labels,
        }
    )
    return operation.name, parsed


def _bucket_permission(_bucket: FakeBucket, _action: str, resource: str) -> PermissionResult:
    """Replaces `FakeBucket.get_permission`: only the keys that a multi-object delete may not delete."""
    return PermissionResult.DENIED if resource in _denied_objects.get() else PermissionResult.NEUTRAL


def _delete_keys(response: S3Response, bucket_name: str, authenticated: bool = True) -> Any:
    """Replaces `S3Response._bucket_response_delete_keys`: forgets, after it, which keys were denied."""
    original = _installed[0][1]["_bucket_response_delete_keys"]
    try:
        return original(response, bucket_name, authenticated)
    finally:
        _denied_objects.set(frozenset())


_REPLACEMENTS: tuple[tuple[type, str, Any], ...] = (
    (ActionAuthenticatorMixin, "_authenticate_and_authorize_normal_action", _authorize),
    (ActionAuthenticatorMixin, "_authenticate_and_authorize_s3_action", _authorize_s3),
    (FakeBucket, "get_permission", _bucket_permission),
    (S3Response, "_bucket_response_delete_keys", _delete_keys),
)
