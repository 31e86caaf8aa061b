"""Bodies: JSON to the parameters of a shape, results of a shape to JSON, errors in both protocols.

The two protocols differ little here: no operation has members in path, query or headers.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emulator.errors import SerializationError

if TYPE_CHECKING:
    from emulator.errors import ServiceError


@dataclass(frozen=True)
class Response:
    """An HTTP answer before it becomes bytes of a WSGI server."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


def parse_body(body: bytes) -> dict[str, Any]:
    """The request's JSON object without null members; raises SerializationError."""
    if not body.strip():
        return {}
    try:
        document = json.loads(body, parse_constant=_no_constant)
        if b"\\u" in body:
            # Half a surrogate pair can be escaped in JSON but is no character; it could not be kept nor answered.
            json.dumps(document, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise SerializationError(f"The request body is not valid JSON: {error}") from error
    if not isinstance(document, dict):
        raise SerializationError("The request body must be a JSON object")
    return {name: value for name, value in document.items() if value is not None}


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def success(result: dict[str, Any] | None, output_shape: Any, *, rest: bool) -> Response:
    """The answer of an operation; empty when it has no output shape."""
    if output_shape is None:
        return Response(200, _content_type(rest=rest), b"")
    shown = serialize(result or {}, output_shape)
    return Response(200, _content_type(rest=rest), json.dumps(shown).encode())


def failure(error: ServiceError, *, rest: bool) -> Response:
    """The answer to a refused call: the type goes into a header (REST-JSON) or into the body (JSON 1.1)."""
    headers = _content_type(rest=rest)
    if rest:
        headers.append(("x-amzn-ErrorType", error.code))
        return Response(error.rest_status, headers, json.dumps({"message": error.message}).encode())
    body = json.dumps({"__type": error.code, "message": error.message})
    return Response(error.http_status, headers, body.encode())


def serialize(value: Any, shape: Any) -> Any:
    """Keeps the members that the shape declares and that are there; times become epoch seconds."""
    kind = shape.type_name
    if kind == "structure":
        return {
            name: serialize(value[name], member)
            for name, member in shape.members.items()
            if value.get(name) is not None
        }
    if kind == "list":
        return [serialize(member, shape.member) for member in value]
    if kind == "map":
        return {key: serialize(member, shape.value) for key, member in value.items()}
    if kind == "timestamp":
        seconds = value.timestamp() if isinstance(value, dt.datetime) else float(value)
        return round(seconds, 3)
    return value


def _content_type(*, rest: bool) -> list[tuple[str, str]]:
    return [("Content-Type", "application/json" if rest else "application/x-amz-json-1.1")]
