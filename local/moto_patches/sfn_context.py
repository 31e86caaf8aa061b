"""Times in the context object are ISO 8601 text in UTC with milliseconds and a Z.

moto: Execution.StartTime is a Python datetime, which is not JSON and fails as soon as it is read;
State.EnteredTime ends in +00:00 with microseconds.
AWS: both are text such as 2026-01-31T12:00:00.123Z, which $toMillis reads.
Upstream: format the two values where the context is made.
"""

import datetime as dt
from collections.abc import Callable
from typing import Any

from moto.stepfunctions.parser.asl.component.state import state
from moto.stepfunctions.parser.backend.execution import Execution

from local.moto_patches.patcher import Patcher


def install(patcher: Patcher) -> None:
    """Format the start of the execution and of each state."""
    patcher.replace(Execution, "get_start_execution_details", _with_text_start)
    patcher.replace(state, "StateData", _with_text_entered)


def iso_milliseconds(moment: dt.datetime) -> str:
    """Format an aware moment as AWS does: 2026-01-31T12:00:00.123Z."""
    text = moment.astimezone(dt.UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def _with_text_start(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def details(self: Any) -> Any:
        made = original(self)
        made.start_time = iso_milliseconds(self.start_date)
        return made

    return details


def _with_text_entered(original: Callable[..., Any]) -> Callable[..., Any]:
    def state_data(EnteredTime: str, Name: str) -> Any:  # noqa: N803 - the names are AWS's, and moto's keywords
        entered = iso_milliseconds(dt.datetime.fromisoformat(EnteredTime))
        return original(EnteredTime=entered, Name=Name)

    return state_data
