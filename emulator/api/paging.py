"""Pages of List calls. A token holds where the page before ended, and what was asked: it fits no other question."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from typing import Any

from emulator.errors import InvalidNextTokenError

PAGE = 100
"""The most that one page holds, and what it holds unless `maxResults` says less."""


def page_size(params: dict[str, Any]) -> int:
    """How many entries the caller wants."""
    return int(params.get("maxResults") or PAGE)


def position(operation: str, params: dict[str, Any]) -> int:
    """Where the page begins: the number in the token, 0 without one. Raises InvalidNextTokenError."""
    token = params.get("nextToken")
    if not token:
        return 0
    try:
        question, after = json.loads(base64.urlsafe_b64decode(token.encode("ascii")))
    except (ValueError, TypeError, binascii.Error, RecursionError) as error:
        raise InvalidNextTokenError("The nextToken is not one that this service has issued") from error
    if question != _question(operation, params) or not isinstance(after, int) or after < 0:
        raise InvalidNextTokenError("The nextToken belongs to another request")
    return after


def next_token(operation: str, params: dict[str, Any], after: int) -> str:
    """The token for the page that begins after this position."""
    return base64.urlsafe_b64encode(json.dumps([_question(operation, params), after]).encode()).decode()


def _question(operation: str, params: dict[str, Any]) -> str:
    asked = {name: value for name, value in params.items() if name not in ("nextToken", "maxResults")}
    return hashlib.sha256(json.dumps([operation, asked], sort_keys=True).encode()).hexdigest()[:16]
