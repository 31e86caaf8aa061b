"""Waits, pauses before retries and `.sync` polls run at a chosen speed and end at once when the execution does.

moto: waits in real time; a pause before a retry is a plain sleep that StopExecution does not end; a Wait that is
entered just after the stop signal waits in full. The machine's TimeoutSeconds is real time.
AWS: has no speed. Here a wait takes its seconds divided by PatchSettings.speed, and TimeoutSeconds of the machine
counts the full seconds (see ExecutionClock). Timeouts of tasks stay in real time, since tasks do real work.
Upstream: the interruptible pauses, with speed 1.
"""

import threading
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from moto.stepfunctions.parser.asl.component.common.retry.max_attempts_decl import MaxAttemptsOutcome
from moto.stepfunctions.parser.asl.component.common.retry.retrier_decl import RetrierDecl
from moto.stepfunctions.parser.asl.component.common.retry.retrier_outcome import RetrierOutcome
from moto.stepfunctions.parser.asl.component.eval_component import EvalComponent
from moto.stepfunctions.parser.asl.component.program.program import Program
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import state_task_service_callback
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.wait_function import WaitFunction

from local.moto_patches.execution_clock import ExecutionClock
from local.moto_patches.patcher import Patcher

# moto sets and clears its event in one go, so a pause that begins in between must look for itself.
_LOOK_SECONDS = 0.1
_SHORTEST_POLL_SECONDS = 0.02


def install(patcher: Patcher) -> None:
    """Replace every place where the interpreter lets time pass."""
    patcher.replace(WaitFunction, "_wait_interval", lambda _original: _wait(patcher))
    patcher.replace(RetrierDecl, "_eval_body", lambda _original: _retry(patcher))
    patcher.replace(Program, "eval", lambda _original: _run_with_timeout)
    patcher.replace(state_task_service_callback, "time", lambda _original: _poll_pause(patcher))


def _wait(patcher: Patcher) -> Callable[[Any, Any, float], None]:
    def wait_interval(_self: Any, env: Any, wait_seconds: float) -> None:
        _pause(env, wait_seconds, patcher.settings.speed)

    return wait_interval


def _retry(patcher: Patcher) -> Callable[[Any, Any], None]:
    """Make moto's RetrierDecl._eval_body again, with a pause in place of its sleep."""

    def eval_body(self: Any, env: Any) -> None:
        self.error_equals.eval(env)
        if not env.stack.pop():
            env.stack.append(RetrierOutcome.Skipped)
            return
        self.max_attempts.eval(env=env)
        if env.stack.pop() == MaxAttemptsOutcome.EXHAUSTED:
            env.stack.append(RetrierOutcome.Failed)
            return
        for component in (
            self.interval_seconds,
            self.backoff_rate,
            self.max_delay_seconds,
            self.jitter_strategy,
        ):
            component.eval(env=env)
        _pause(env, env.stack.pop(), patcher.settings.speed)
        env.stack.append(RetrierOutcome.Executed)

    return eval_body


def _pause(env: Any, seconds: float, speed: float) -> None:
    """Let `seconds` of the execution's time pass, or return when it is stopped or timed out."""
    clock = _clock(env)
    times_out = clock.remaining() <= seconds
    end = clock.now() + min(seconds, max(clock.remaining(), 0.0))
    real_end = time.monotonic() + (end - clock.now()) / speed
    while env.is_running() and (left := real_end - time.monotonic()) > 0:
        env.program_state_event.wait(min(left, _LOOK_SECONDS))
    clock.advance_to(end)
    while times_out and env.is_running():
        # The machine's own thread ends the execution; no further state may begin before it does.
        env.program_state_event.wait(_LOOK_SECONDS)


def _clock(env: Any) -> ExecutionClock:
    # The event manager is the one object that moto shares between an execution and its branches.
    clock: ExecutionClock = vars(env.event_manager).setdefault("_execution_clock", ExecutionClock())
    return clock


def _run_with_timeout(self: Any, env: Any) -> None:
    """Run a program in its own thread up to its timeout, counted on the execution's clock."""
    env.next_state_name = self.start_at.start_at_name
    clock = _clock(env)
    if self.timeout_seconds is not None:
        clock.set_timeout(self.timeout_seconds.timeout_seconds)
    worker = threading.Thread(target=EvalComponent.eval, args=(self, env), daemon=True)
    worker.start()
    if self.timeout_seconds is None:
        worker.join()
        return
    while worker.is_alive():
        if clock.remaining() <= 0:
            env.set_timed_out()
            return
        worker.join(min(clock.remaining(), _LOOK_SECONDS))


def _poll_pause(patcher: Patcher) -> SimpleNamespace:
    def sleep(seconds: float) -> None:
        time.sleep(max(seconds / patcher.settings.speed, min(seconds, _SHORTEST_POLL_SECONDS)))

    return SimpleNamespace(sleep=sleep)
