"""StopExecution ends an execution at once and keeps the error and cause it was given.

moto: drops error and cause, answers without a stopDate, and goes on to report RUNNING until the task at work has
come back, which may be minutes. At any end it sets the status before the output, or error and cause, that go with
it, so that a reader in between sees a success without output.
AWS: the execution is ABORTED when the call returns, with error and cause; stopping it again changes nothing. An
execution is seen to have ended when all of its end is there.
Upstream: pass the two parameters on, set the status in Execution.stop, and set it last in
_reflect_execution_status.
"""

import datetime as dt
from typing import Any

from moto.core.responses import ActionResult
from moto.stepfunctions.parser.api import ExecutionStatus
from moto.stepfunctions.parser.asl.eval.program_state import (
    ProgramEnded,
    ProgramError,
    ProgramStopped,
    ProgramTimedOut,
)
from moto.stepfunctions.parser.backend.execution import BaseExecutionWorkerCommunication, Execution
from moto.stepfunctions.parser.models import stepfunctions_parser_backends
from moto.stepfunctions.responses import StepFunctionResponse

from local.moto_patches.patcher import Patcher


def install(patcher: Patcher) -> None:
    """Replace the API call, the stop itself, and how a worker that has come to its end tells so."""
    patcher.replace(StepFunctionResponse, "stop_execution", lambda _original: _stop_execution)
    patcher.replace(Execution, "stop", lambda _original: _stop)
    patcher.replace(BaseExecutionWorkerCommunication, "_reflect_execution_status", lambda _original: _reflect)


def stop_running_executions() -> None:
    """Stop every running execution of every account and region, as a server does that goes down."""
    for account in list(stepfunctions_parser_backends.values()):
        for backend in list(account.values()):
            for state_machine in list(backend.state_machines):
                for execution in list(state_machine.executions):
                    _stop(execution, _now(), error=None, cause="The local platform stopped.")


def _stop_execution(self: Any) -> ActionResult:
    backend = self.stepfunction_backend
    execution = backend.describe_execution(self._get_param("executionArn"))
    execution.stop(stop_date=_now(), error=self._get_param("error"), cause=self._get_param("cause"))
    return ActionResult({"stopDate": execution.stop_date})


def _stop(self: Any, stop_date: dt.datetime, error: str | None, cause: str | None) -> None:
    if self.exec_worker is None or self.exec_status != ExecutionStatus.RUNNING:
        return
    self.exec_worker.stop(stop_date=stop_date, error=error, cause=cause)
    if isinstance(self.exec_worker.env.program_state(), ProgramStopped):
        self.error, self.cause, self.stop_date = error, cause, stop_date
        self.exec_status = ExecutionStatus.ABORTED


def _reflect(self: Any) -> None:
    """Take over how the program of an execution ended, its status last."""
    execution = self.execution
    if execution.exec_status == ExecutionStatus.ABORTED:
        return
    ended = execution.exec_worker.env.program_state()
    execution.stop_date = _now()
    if isinstance(ended, ProgramEnded):
        execution.output = execution.exec_worker.env.states.get_input()
        execution.exec_status = ExecutionStatus.SUCCEEDED
    elif isinstance(ended, ProgramError):
        details = ended.error or {}
        execution.error, execution.cause = details.get("error"), details.get("cause")
        execution.exec_status = ExecutionStatus.FAILED
    elif isinstance(ended, ProgramStopped):
        execution.error, execution.cause = ended.error, ended.cause
        execution.exec_status = ExecutionStatus.ABORTED
    elif isinstance(ended, ProgramTimedOut):
        execution.exec_status = ExecutionStatus.TIMED_OUT
    else:
        raise TypeError(f"{execution.exec_arn} ended while its program is {type(ended).__name__}")


def _now() -> dt.datetime:
    return dt.datetime.now(tz=dt.UTC)
