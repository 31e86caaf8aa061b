"""StartExecution names what was not named, judges names, and starts one execution per name.

moto: an execution without a name is called "None", so that the second one is refused; any name is taken; two
requests at the same moment both start; and until its thread has run, an execution cannot be stopped, because
what it runs in does not exist yet.
AWS: names it by a UUID; allows 1 to 80 characters without brackets, wildcards, spaces and the like; the same name
and input of a running execution gives that execution, anything else ExecutionAlreadyExists.
Upstream: these checks in StepFunctionsParserBackend.start_execution, and the environment made before the thread.
"""

import re
import threading
import uuid
from collections.abc import Callable
from typing import Any

from moto.stepfunctions.exceptions import InvalidName
from moto.stepfunctions.parser.backend.execution_worker import ExecutionWorker
from moto.stepfunctions.parser.models import StepFunctionsParserBackend

from local.moto_patches.patcher import Patcher

_NAME = re.compile(r"""[^\s<>{}\[\]?*"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f]{1,80}""")


def install(patcher: Patcher) -> None:
    """Wrap the start of an execution and of its worker."""
    patcher.replace(StepFunctionsParserBackend, "start_execution", _start_once)
    patcher.replace(ExecutionWorker, "start", _prepare_first)
    patcher.replace(ExecutionWorker, "_get_evaluation_environment", _environment_once)


def _start_once(original: Callable[..., Any]) -> Callable[..., Any]:
    one_at_a_time = threading.Lock()

    def start_execution(self: Any, state_machine_arn: str, name: str | None = None, *args: Any) -> Any:
        if name is not None and not _NAME.fullmatch(name):
            raise InvalidName(f"Invalid Name: '{name}'")
        with one_at_a_time:
            return original(self, state_machine_arn, name or str(uuid.uuid4()), *args)

    return start_execution


def _prepare_first(original: Callable[[Any], None]) -> Callable[[Any], None]:
    def start(self: Any) -> None:
        self.env = self._get_evaluation_environment()
        original(self)

    return start


def _environment_once(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def environment(self: Any) -> Any:
        return self.env if self.env is not None else original(self)

    return environment
