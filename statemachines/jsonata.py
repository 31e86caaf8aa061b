"""Small pieces of JSONata, the query language of the workflows' expressions."""

from __future__ import annotations

import json
from dataclasses import dataclass

RESULT = "$states.result.Payload"
"""What a function answered, in the state that called it."""


@dataclass(frozen=True, slots=True)
class Variables:
    """Names of state machine variables. Within a Map they must differ from those outside, so `inside` leads them."""

    inside: str = ""

    def name(self, name: str) -> str:
        """The name as Assign wants it."""
        return f"{self.inside}{name[0].upper()}{name[1:]}" if self.inside else name

    def __getitem__(self, name: str) -> str:
        """The variable as expressions want it."""
        return f"${self.name(name)}"


def expression(code: str) -> str:
    """Mark code as an expression that Step Functions evaluates."""
    return f"{{% {code} %}}"


def literal(text: str) -> str:
    """A string of Python as a string of JSONata, whose escapes are JSON's."""
    return json.dumps(text)


def seconds_since(time: str) -> str:
    """Code for the seconds between an ISO time and the entry of the present state."""
    return f"($toMillis($states.context.State.EnteredTime) - $toMillis({time})) / 1000"
