"""The errors Amazon Personalize answers with, and how a job says that it failed.

Codes and HTTP statuses follow botocore's service models. The control plane (AWS JSON 1.1) answers 400 for every
modelled error; the two REST-JSON services carry a status per error in their models.
"""

from __future__ import annotations

from typing import ClassVar


class ServiceError(Exception):
    """An error that the caller of the API sees. `code` is the wire name, `message` is for a person."""

    code: ClassVar[str] = "InternalServerException"
    http_status: ClassVar[int] = 400
    rest_status: ClassVar[int] = 400

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class InvalidInputError(ServiceError):
    """A value, or a combination of values, that the service does not accept."""

    code = "InvalidInputException"


class ResourceNotFoundError(ServiceError):
    """No resource has this ARN in this account and region."""

    code = "ResourceNotFoundException"
    rest_status = 404


class ResourceAlreadyExistsError(ServiceError):
    """The name is taken in this account and region."""

    code = "ResourceAlreadyExistsException"


class ResourceInUseError(ServiceError):
    """The resource, its parent or its children are not in a state that allows the call."""

    code = "ResourceInUseException"
    rest_status = 409


class LimitExceededError(ServiceError):
    """A quota of the account, region or dataset group is used up."""

    code = "LimitExceededException"


class TooManyTagsError(ServiceError):
    """More than 50 tags on one resource."""

    code = "TooManyTagsException"


class InvalidNextTokenError(ServiceError):
    """The page token was not issued by this operation with these arguments."""

    code = "InvalidNextTokenException"


class AccessDeniedError(ServiceError):
    """The caller's policies do not allow the action on the resource."""

    code = "AccessDeniedException"
    rest_status = 403


class MissingAuthenticationTokenError(ServiceError):
    """The request carries no signature although an authorizer is in place."""

    code = "MissingAuthenticationTokenException"
    rest_status = 403


class UnknownOperationError(ServiceError):
    """Neither target header nor path names an operation of the three services."""

    code = "UnknownOperationException"
    rest_status = 404


class SerializationError(ServiceError):
    """The body is not the JSON object that the protocol asks for."""

    code = "SerializationException"


class UnsupportedOperationError(ServiceError):
    """The real service can do this, the emulator cannot, and says so.

    Not a 5xx on purpose: SDKs retry those, and no retry helps here.
    """

    code = "UnsupportedOperationException"


class InternalServerError(ServiceError):
    """A defect of the emulator; the log holds the traceback."""

    code = "InternalServerException"
    http_status = 500
    rest_status = 500


class JobFailedError(Exception):
    """An import, training or batch job cannot succeed. The text becomes the resource's `failureReason`."""


class StateFolderError(Exception):
    """The state folder cannot be used: another process holds it, or it belongs to another account or region."""


def not_found(arn: str) -> ResourceNotFoundError:
    """The error for an ARN that names nothing here."""
    return ResourceNotFoundError(f"Resource Arn {arn} does not exist.")


def already_exists(arn: str) -> ResourceAlreadyExistsError:
    """The error for a name that is taken, in the words of the service, as its users have published them."""
    return ResourceAlreadyExistsError(f"Another resource with Arn {arn} already exists.")
