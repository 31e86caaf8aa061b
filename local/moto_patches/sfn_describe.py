"""DescribeExecution gives the output as JSON, and the end of every execution that has ended.

moto: gives an output that is a string without its quotes, so that it is no JSON; leaves null out; and says no
stopDate for an execution that timed out.
AWS: `output` is always JSON text, and stopDate is there unless the execution runs.
Upstream: encode the output once, and ask whether the execution runs instead of listing how it may have ended.
"""

from collections.abc import Callable
from typing import Any

from moto.stepfunctions.parser.api import ExecutionStatus
from moto.stepfunctions.parser.asl.utils.encoding import to_json_str
from moto.stepfunctions.responses import StepFunctionResponse

from local.moto_patches.patcher import Patcher


def install(patcher: Patcher) -> None:
    """Wrap the API call."""
    patcher.replace(StepFunctionResponse, "describe_execution", _complete)


def _complete(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def describe_execution(self: Any) -> Any:
        described = original(self)
        execution = self.stepfunction_backend.describe_execution(self._get_param("executionArn"))
        if execution.exec_status == ExecutionStatus.SUCCEEDED:
            described.result["output"] = to_json_str(execution.output, separators=(",", ":"))
        if execution.exec_status != ExecutionStatus.RUNNING:
            described.result["stopDate"] = execution.stop_date
        return described

    return describe_execution
