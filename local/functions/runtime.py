"""Runs the functions that moto's Lambda holds: warm processes, one more for every invocation at the same time."""

import base64
import json
import threading
import zipfile
from collections import defaultdict
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from moto.awslambda.exceptions import LambdaClientError
from moto.awslambda.models import LambdaFunction, lambda_backends

from local.functions.code import CodeStore
from local.functions.credentials import AssumedRoles
from local.functions.environment import FunctionConfiguration, credential_variables, function_environment
from local.functions.outcome import MAX_REQUEST_BYTES, Outcome, failure
from local.functions.process import FunctionProcess, ProcessSpec
from local.moto_patches.patcher import Credentials, Patcher, PatchSettings

_LOG_TAIL_BYTES = 4096


class FunctionRuntime:
    """Lambda's execution environments. While it is started, moto's functions run here.

    moto's functions are global to the process, so one runtime at a time can be started.
    """

    def __init__(
        self,
        endpoint_url: str,
        work_dir: Path,
        logs_dir: Path,
        region: str = "us-east-1",
        *,
        credentials_for_role: Callable[[str], Credentials] | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> None:
        """Functions call endpoint_url; code is unpacked below work_dir; logs_dir gets `<function name>.log`.

        credentials_for_role gives the credentials of a function's role; by default the endpoint's STS does.
        `variables` are environment variables that every function gets besides those of the template.
        """
        self._variables = dict(variables or {})
        self._endpoint_url = endpoint_url
        self._region = region
        self._logs_dir = logs_dir
        self._code = CodeStore(work_dir / "code")
        self._temporary = work_dir / "tmp"
        self._credentials = credentials_for_role or AssumedRoles(endpoint_url, region)
        self._lock = threading.Lock()
        self._idle: dict[str, list[FunctionProcess]] = defaultdict(list)
        self._all: set[FunctionProcess] = set()
        self._running = False
        self._patcher = Patcher(PatchSettings())

    def start(self) -> None:
        """Take over moto's invocations. RuntimeError if another runtime of this process has them."""
        if getattr(LambdaFunction.invoke, "runtime", None) is not None:
            raise RuntimeError("another FunctionRuntime is started in this process: stop it first")
        self._temporary.mkdir(parents=True, exist_ok=True)
        self._running = True
        self._patcher.replace(LambdaFunction, "invoke", lambda _original: _invoke_of(self))

    def stop(self) -> None:
        """Give moto its own invocation back and end every process. Safe to call twice."""
        self._patcher.undo()
        with self._lock:
            self._running = False
            processes, self._all = self._all, set()
            self._idle.clear()
        if processes:
            with ThreadPoolExecutor(len(processes)) as pool:
                list(pool.map(FunctionProcess.kill, processes))

    def warm(self, function_names: list[str] | None = None) -> None:
        """Start an idle process for functions (all, by default), so that their first invocation finds one."""
        for account in list(lambda_backends.values()):
            for function in account[self._region].list_functions() if self._region in account else []:
                if function_names is None or function.function_name in function_names:
                    process = self._take(self._spec(function), function.role)
                    self._give_back(process)

    def invoke(self, function: Any, payload: bytes) -> Outcome:
        """Run one of moto's functions with a JSON event and return what Lambda would.

        An error of the function, its timeout or its end is an Outcome with `failed`. Raises FileNotFoundError if
        its code is gone.
        """
        process = self._take(self._spec(function), function.role)
        try:
            return process.invoke(payload, float(function.timeout))
        finally:
            self._give_back(process)

    def log_of(self, function_name: str) -> Path:
        """Return the file a function's output goes to."""
        return self._logs_dir / f"{function_name}.log"

    def _spec(self, function: Any) -> ProcessSpec:
        code = self._code.directory(function.code_bytes)
        variables = {**self._variables, **function.environment_vars}
        configuration = FunctionConfiguration(
            name=function.function_name,
            handler=function.handler,
            runtime=function.run_time,
            # moto numbers a function that was never published 1; AWS calls that one $LATEST.
            version="$LATEST",
            memory_mb=int(function.memory_size),
            variables=tuple(sorted((name, str(value)) for name, value in variables.items())),
        )
        environment = function_environment(
            configuration, code, self._temporary, self._endpoint_url, self._region
        )
        return ProcessSpec(
            function_arn=function.function_arn,
            handler=function.handler,
            code=code,
            environment=tuple(sorted(environment.items())),
            log=self.log_of(function.function_name),
        )

    def _take(self, spec: ProcessSpec, role_arn: str) -> FunctionProcess:
        """Return an idle process of this spec, or start one; idle ones of an older spec are ended."""
        with self._lock:
            kept = self._idle.pop(spec.function_arn, [])
            fitting = [process for process in kept if process.spec == spec and process.alive]
            outdated = [process for process in kept if process not in fitting]
            process = fitting.pop() if fitting else None
            self._idle[spec.function_arn] = fitting
            self._all.difference_update(outdated)
        for old in outdated:
            old.kill()
        return process or self._start_process(spec, role_arn)

    def _start_process(self, spec: ProcessSpec, role_arn: str) -> FunctionProcess:
        variables = credential_variables(self._credentials(role_arn))
        with self._lock:
            if not self._running:
                raise RuntimeError("the function runtime is stopped")
            process = FunctionProcess(spec, variables)
            self._all.add(process)
            return process

    def _give_back(self, process: FunctionProcess) -> None:
        with self._lock:
            if process.alive and self._running:
                self._idle[process.spec.function_arn].append(process)
                return
            self._all.discard(process)
        process.kill()

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.stop()


def _invoke_of(runtime: FunctionRuntime) -> Any:
    """Make the method that replaces LambdaFunction.invoke, between moto's HTTP layer and the runtime."""

    def invoke(self: Any, body: Any, request_headers: Any, response_headers: Any) -> bytes:
        payload = body.encode() if isinstance(body, str) else bytes(body or b"")
        payload = payload or b"{}"
        kind = request_headers.get("x-amz-invocation-type", "RequestResponse")
        _check_request(payload)
        if kind == "DryRun":
            return b""
        if kind == "Event":
            threading.Thread(target=_run, args=(runtime, self, payload), daemon=True).start()
            return b""
        outcome = _run(runtime, self, payload)
        if outcome.failed:
            response_headers["x-amz-function-error"] = "Unhandled"
        response_headers["x-amz-log-result"] = _log_tail(runtime.log_of(self.function_name))
        return outcome.payload

    invoke.runtime = runtime  # type: ignore[attr-defined]  # how start() sees that the hook is in place
    return invoke


def _run(runtime: FunctionRuntime, function: Any, payload: bytes) -> Outcome:
    try:
        return runtime.invoke(function, payload)
    except (FileNotFoundError, zipfile.BadZipFile) as error:
        return failure("Runtime.InvalidEntrypoint", str(error))


def _check_request(payload: bytes) -> None:
    if len(payload) > MAX_REQUEST_BYTES:
        refused = LambdaClientError(
            "RequestTooLargeException",
            f"Request must be smaller than {MAX_REQUEST_BYTES} bytes for the InvokeFunction operation",
        )
        refused.code = 413
        raise refused
    try:
        json.loads(payload)
    except ValueError as error:
        raise LambdaClientError(
            "InvalidRequestContentException", f"Could not parse request body into json: {error}"
        ) from error


def _log_tail(log: Path) -> str:
    content = log.read_bytes() if log.is_file() else b""
    return base64.b64encode(content[-_LOG_TAIL_BYTES:]).decode()
