"""The WSGI application: from a request to an operation's handler and back."""

from __future__ import annotations

import logging
import uuid
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from emulator.api.authorization import AuthorizationRequest, check_allowed
from emulator.api.control import answer_control, is_control
from emulator.api.models import CONTROL, Operation, service_models
from emulator.api.operations import HANDLERS
from emulator.api.validation import validate
from emulator.api.wire import Response, failure, parse_body, success
from emulator.errors import (
    InternalServerError,
    SerializationError,
    ServiceError,
    UnsupportedOperationError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from emulator.engine import Emulator

LOGGER = logging.getLogger(__name__)
LARGEST_BODY = 6 * 1024 * 1024


def create_app(
    emulator: Emulator, authorize: Callable[[AuthorizationRequest], str | None] | None = None
) -> Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]:
    """A WSGI application that answers all three services.

    authorize: asked before every operation; returns None to allow, or the message of the AccessDeniedException.
    """
    dispatcher = Dispatcher(emulator, authorize)

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        response = dispatcher.answer(environ)
        status = f"{response.status} {HTTPStatus(response.status).phrase}"
        headers = [*response.headers, ("Content-Length", str(len(response.body)))]
        start_response(status, [*headers, ("x-amzn-RequestId", str(uuid.uuid4()))])
        return [response.body]

    return app


class Dispatcher:
    """Finds the operation, checks the request, asks the authorizer, runs the handler, serializes the result."""

    def __init__(
        self, emulator: Emulator, authorize: Callable[[AuthorizationRequest], str | None] | None
    ) -> None:
        self._emulator, self._authorize, self._models = emulator, authorize, service_models()

    def answer(self, environ: dict[str, Any]) -> Response:
        """Never raises: what is not a ServiceError is a defect, logged and answered with 500."""
        rest = self._models.speaks_rest(environ)
        try:
            # The body is read before anything is refused: a connection that is kept alive must not hold its rest.
            body = _read_body(environ)
            if is_control(environ):
                return answer_control(self._emulator, environ, body)
            operation = self._models.route(
                environ["REQUEST_METHOD"], environ.get("PATH_INFO", "/"), environ.get("HTTP_X_AMZ_TARGET")
            )
            rest = operation.rest
            result = self._call(operation, parse_body(body), environ.get("HTTP_AUTHORIZATION", ""))
            return success(result, operation.output_shape, rest=rest)
        except ServiceError as error:
            return failure(error, rest=rest)
        except Exception:
            LOGGER.exception("Unexpected error while answering a request")
            return failure(InternalServerError("Internal error of the emulator; see its log"), rest=rest)

    def _call(
        self, operation: Operation, params: dict[str, Any], authorization: str
    ) -> dict[str, Any] | None:
        validate(params, operation.input_shape)
        if self._authorize is not None:
            check_allowed(self._authorize, operation, params, authorization, self._emulator.arns)
        refusal = self._emulator.faults.refusal_of(operation.name)
        if refusal is not None:
            raise refusal
        handler = HANDLERS.get(operation.name)
        if handler is None:
            raise UnsupportedOperationError(
                f"{operation.name} is an operation of {operation.service} that this emulator does not have yet."
            )
        if operation.service != CONTROL:
            return handler(self._emulator, params)
        with self._emulator.store.transaction():
            result = handler(self._emulator, params)
        if not operation.name.startswith(("Describe", "List", "Get")):
            self._emulator.lifecycle.wake()
        return result


def _read_body(environ: dict[str, Any]) -> bytes:
    try:
        length = int(environ.get("CONTENT_LENGTH") or 0)
    except ValueError as error:
        raise SerializationError("Content-Length is not a number") from error
    if not 0 <= length <= LARGEST_BODY:
        raise SerializationError(f"The request body has {length} bytes; the most is {LARGEST_BODY}")
    body: bytes = environ["wsgi.input"].read(length)
    return body
