"""The emulator's own path beside the service's: failures on demand over HTTP, for tests in other languages.

POST /_emulator/faults {"kind": "campaign", "namePrefix": "c", "reason": "No capacity.", "times": 1}
POST /_emulator/faults {"operation": "PutEvents", "code": "InvalidInputException", "message": "No.", "times": 1}
DELETE /_emulator/faults takes back what has not struck.

It answers callers on this machine only, whatever address the server listens on.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from emulator.api.wire import Response, parse_body
from emulator.errors import InvalidInputError, UnknownOperationError

if TYPE_CHECKING:
    from emulator.engine import Emulator

PATH = "/_emulator/faults"
THIS_MACHINE = ("127.0.0.1", "::1")


def is_control(environ: dict[str, Any]) -> bool:
    """Whether a request is for the emulator itself."""
    return str(environ.get("PATH_INFO", "/")).rstrip("/") == PATH


def answer_control(emulator: Emulator, environ: dict[str, Any], body: bytes) -> Response:
    """Raises ServiceError for what cannot be done."""
    method = environ["REQUEST_METHOD"]
    if environ.get("REMOTE_ADDR") not in THIS_MACHINE or method not in ("POST", "DELETE"):
        raise UnknownOperationError(f"There is no {method} {PATH} for this caller")
    if method == "DELETE":
        emulator.faults.clear()
    else:
        _order(emulator, parse_body(body))
    return Response(200, [("Content-Type", "application/json")], json.dumps({}).encode())


def _order(emulator: Emulator, order: dict[str, Any]) -> None:
    times = order.get("times", 1)
    known = {"kind", "namePrefix", "reason", "times"}, {"operation", "code", "message", "times"}
    texts = [value for name, value in order.items() if name != "times"]
    if not any(set(order) <= names for names in known) or not all(isinstance(text, str) for text in texts):
        raise InvalidInputError(
            f"A fault has the members {' or '.join(str(sorted(names)) for names in known)}"
        )
    if not isinstance(times, int) or isinstance(times, bool) or times < 1:
        raise InvalidInputError("times must be a whole number from 1")
    try:
        if "operation" in order:
            emulator.refuse_next(order["operation"], order.get("code", ""), order.get("message", ""), times)
        else:
            emulator.fail_next(
                order.get("kind", ""), order.get("namePrefix", ""), order.get("reason", ""), times
            )
    except ValueError as error:
        raise InvalidInputError(str(error)) from error
