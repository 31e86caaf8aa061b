"""Failures in the form in which moto's interpreter passes them from a state to its Retry, Catch and execution."""

from typing import Any

from moto.stepfunctions.parser.api import HistoryEventType
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import (
    FailureEvent,
    FailureEventException,
)
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name import StatesErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import (
    StatesErrorNameType,
)


def task_failed(env: Any, error: StatesErrorNameType, cause: str) -> FailureEventException:
    """Make a failure of the state that env is in, to be raised."""
    return _failure(env, error, cause, HistoryEventType.TaskFailed, "taskFailedEventDetails")


def evaluation_failed(env: Any, error: StatesErrorNameType, cause: str) -> FailureEventException:
    """Make a failure of an expression, to be raised, and enter it into the execution's history."""
    event_type = HistoryEventType.EvaluationFailed
    failure = _failure(env, error, cause, event_type, "evaluationFailedEventDetails")
    details: Any = {"evaluationFailedEventDetails": failure.get_evaluation_failed_event_details()}
    env.event_manager.add_event(
        context=env.event_history_context, event_type=event_type, event_details=details
    )
    return failure


def _failure(
    env: Any, error: StatesErrorNameType, cause: str, event_type: HistoryEventType, details_name: str
) -> FailureEventException:
    name = StatesErrorName(typ=error)
    details: Any = {details_name: {"error": name.error_name, "cause": cause}}
    return FailureEventException(
        FailureEvent(env=env, error_name=name, event_type=event_type, event_details=details)
    )
