"""One warm process of a function: awslambdaric, its Runtime API, its log."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from local.functions.outcome import Outcome, init_too_slow, timed_out
from local.functions.runtime_api import Invocation, RuntimeApi

# AWS gives an import 10 s at full power; a laptop that starts several pandas at once takes longer.
_INIT_SECONDS = 60.0


@dataclass(frozen=True)
class ProcessSpec:
    """All that one process of a function is started from. Two processes of equal specs are interchangeable."""

    function_arn: str
    handler: str
    code: Path
    environment: tuple[tuple[str, str], ...]
    log: Path


class FunctionProcess:
    """A process that runs one invocation at a time and stays for the next."""

    def __init__(self, spec: ProcessSpec, credentials: Mapping[str, str]) -> None:
        """Start the process. Credentials are environment variables apart from the spec, which is never secret."""
        self.spec = spec
        self._killed = False
        self._api = RuntimeApi()
        spec.log.parent.mkdir(parents=True, exist_ok=True)
        with spec.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter with a handler's name
                [sys.executable, "-m", "awslambdaric", spec.handler],
                cwd=spec.code,
                env={
                    **dict(spec.environment),
                    **credentials,
                    "AWS_LAMBDA_RUNTIME_API": self._api.address,
                },
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        threading.Thread(target=self._watch, name=f"watch-{self._process.pid}", daemon=True).start()

    @property
    def pid(self) -> int:
        """The process's id, which is also its group's."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process can take another invocation."""
        return not self._api.broken

    def invoke(self, payload: bytes, timeout_seconds: float) -> Outcome:
        """Run one event. A process that is too slow, or whose import failed, is killed and not `alive` after."""
        function_arn = self.spec.function_arn
        if not self._api.wait_until_ready(_INIT_SECONDS):
            self.kill()
            return init_too_slow("", _INIT_SECONDS)
        deadline_ms = int((time.time() + timeout_seconds) * 1000)
        invocation = Invocation(payload, function_arn, deadline_ms)
        self._log(f"START RequestId: {invocation.request_id} Version: $LATEST")
        started = time.monotonic()
        outcome = self._api.invoke(invocation, timeout_seconds)
        if outcome is None:
            self.kill()
            outcome = timed_out(invocation.request_id, timeout_seconds)
        milliseconds = (time.monotonic() - started) * 1000
        self._log(f"END RequestId: {invocation.request_id}")
        status = "Status: error" if outcome.failed else "Status: success"
        self._log(f"REPORT RequestId: {invocation.request_id}\tDuration: {milliseconds:.2f} ms\t{status}")
        return outcome

    def kill(self) -> None:
        """End the process with its children (the group is its own), and its Runtime API. Safe to call twice."""
        if self._killed:
            return
        # Once only: later the number may be that of a process that is not ours.
        self._killed = True
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._api.process_ended(self._process.wait())
        self._api.close()

    def _watch(self) -> None:
        self._api.process_ended(self._process.wait())

    def _log(self, line: str) -> None:
        with self.spec.log.open("ab") as log:
            log.write(f"{line}\n".encode())
