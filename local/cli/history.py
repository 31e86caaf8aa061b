"""From the events of an execution to what a person wants to see: which step runs, and what it waits for."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from local.cli.target import Event

_STEP_EVENTS = {
    "TaskStateEntered",
    "WaitStateEntered",
    "ParallelStateEntered",
    "MapStateEntered",
    "SucceedStateEntered",
    "FailStateEntered",
}
"""Entering a Choice or Pass state is no work: it is not shown."""

_TROUBLE_DETAILS = {
    "TaskFailed": "taskFailedEventDetails",
    "TaskTimedOut": "taskTimedOutEventDetails",
    "LambdaFunctionFailed": "lambdaFunctionFailedEventDetails",
    "LambdaFunctionTimedOut": "lambdaFunctionTimedOutEventDetails",
}
_SUCCESS_DETAILS = {
    "TaskSucceeded": "taskSucceededEventDetails",
    "LambdaFunctionSucceeded": "lambdaFunctionSucceededEventDetails",
}


@dataclass(frozen=True, slots=True)
class Entered:
    """A step began. `poll` for a turn of a polling loop: a look after a wait, or a wait that was there before.

    `waits` for Wait states.
    """

    at: datetime
    state: str
    poll: bool = False
    waits: bool = False


@dataclass(frozen=True, slots=True)
class StatusSeen:
    """A step learned the status of a resource, and it is another one than before."""

    at: datetime
    state: str
    status: str
    resource: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """A step failed once; it may be tried again."""

    at: datetime
    state: str
    error: str
    cause: str


Progress: TypeAlias = Entered | StatusSeen | Trouble


@dataclass(slots=True)
class HistoryReader:
    """Remembers what it has read, so that each call gets only the events that are new."""

    last_id: int = 0
    _state_of: dict[int, str] = field(default_factory=dict)
    _entered: set[str] = field(default_factory=set)
    _waited: bool = False
    _statuses: dict[str, str] = field(default_factory=dict)

    def read(self, events: Iterable[Event]) -> Iterator[Progress]:
        """News in the order in which it happened."""
        for event in events:
            self.last_id = max(self.last_id, event["id"])
            kind = event["type"]
            entered = kind.endswith("StateEntered")
            if entered:
                state = event["stateEnteredEventDetails"]["name"]
            else:
                state = self._state_of.get(event.get("previousEventId", 0), "")
            # An event belongs to the state of the event before it; branches of a Parallel each have their chain.
            self._state_of[event["id"]] = state
            if kind in _STEP_EVENTS:
                waits = kind == "WaitStateEntered"
                poll = state in self._entered or self._waited
                yield Entered(event["timestamp"], state, poll=poll, waits=waits)
                self._entered.add(state)
                self._waited = waits
            elif kind in _TROUBLE_DETAILS:
                details = event.get(_TROUBLE_DETAILS[kind], {})
                yield Trouble(
                    event["timestamp"],
                    state,
                    details.get("error", kind),
                    readable_cause(details.get("cause")),
                )
            elif kind in _SUCCESS_DETAILS:
                yield from self._status(event, state, event.get(_SUCCESS_DETAILS[kind], {}).get("output"))

    def _status(self, event: Event, state: str, output: str | None) -> Iterator[StatusSeen]:
        answer = _payload(output)
        arn, status = answer.get("arn"), answer.get("status")
        if isinstance(arn, str) and isinstance(status, str) and self._statuses.get(arn) != status:
            self._statuses[arn] = status
            yield StatusSeen(event["timestamp"], state, status, arn)


def _payload(output: str | None) -> dict[str, Any]:
    """What a Lambda function answered; empty when the output is something else, or was cut."""
    try:
        document = json.loads(output or "")
    except ValueError:
        return {}
    answer = document.get("Payload", document) if isinstance(document, dict) else {}
    return answer if isinstance(answer, dict) else {}


def readable_cause(cause: str | None) -> str:
    """The message inside a cause: Lambda wraps it in JSON, together with a stack trace."""
    try:
        document = json.loads(cause or "")
    except ValueError:
        return cause or ""
    if isinstance(document, dict) and "errorMessage" in document:
        return str(document["errorMessage"])
    return cause or ""
