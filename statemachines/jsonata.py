"""Small pieces of JSONata, the query language of the workflows' expressions."""

from __future__ import annotations

import json


def expression(code: str) -> str:
    """Mark code as an expression that Step Functions evaluates."""
    return f"{{% {code} %}}"


def literal(text: str) -> str:
    """A string of Python as a string of JSONata, whose escapes are JSON's."""
    return json.dumps(text)


def seconds_since(time: str) -> str:
    """Code for the seconds between an ISO time and the entry of the present state."""
    return f"($toMillis($states.context.State.EnteredTime) - $toMillis({time})) / 1000"
