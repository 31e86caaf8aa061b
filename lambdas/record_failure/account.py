"""Make a readable account of a failure out of what Step Functions knows of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from lambdas.shared.console import execution_url

# What a person can do about it, by the error's name; anything else is for the one who runs the platform.
ADVICE: Mapping[str, str] = {
    "DataError": "Correct the data where the reason says, upload it and start a new run. Nothing was imported.",
    "RequestError": "Correct the input of the execution and start again.",
    "AnotherRunAtWork": "Wait until the execution that the reason names has ended, or stop it; then start again.",
    "ResourceConflictError": "A resource of an earlier deployment stands in the way: the reason says which, and how.",
    "ResourceFailed": "Amazon Personalize ended this job. Correct what its reason names, then resume the run "
    "with the same run_id: finished steps are not repeated.",
    "ResourceTimedOut": "The service is still at it. Look at the resource; when it is ACTIVE, resume the run with the "
    "same run_id: it goes on from there. If it is stuck, raise the timeout in the settings or stop the job.",
    "ServiceNotReadyError": "The service kept asking to come back later: a quota or the request rate is used up. "
    "Resume the run with the same run_id when there is room.",
    "Sandbox.Timedout": "The function ran out of time: raise its timeout and memory in the settings and deploy.",
    "Runtime.ExitError": "The function died, most likely for lack of memory: raise memory_mb in the settings, deploy.",
    "AccessDeniedException": "The role of this step lacks a permission: deploy the current version of the stacks.",
}
OTHER_ADVICE = (
    "Look at the execution and the function's log; resume the run with the same run_id when it is mended."
)


@dataclass(frozen=True, slots=True)
class FailureAccount:
    """Everything a person needs to know about a run that failed."""

    scenario: str
    run_id: str
    stage: str
    error: str
    reason: str
    advice: str
    resource_arn: str | None
    execution_arn: str
    console_url: str | None

    def document(self) -> dict[str, Any]:
        """The account as the JSON object that is written to the report folder."""
        return {"schema_version": "1.0", "status": "FAILED", **asdict(self)}

    def message(self) -> str:
        """The account as a few lines of text: the first says it all."""
        lines = [
            f"{self.scenario} run {self.run_id} FAILED at {self.stage}: {self.reason}",
            f"Error: {self.error}",
            *([f"Resource: {self.resource_arn}"] if self.resource_arn else []),
            f"What to do: {self.advice}",
            f"Execution: {self.console_url or self.execution_arn}",
        ]
        return "\n".join(lines)


def account_of(event: Mapping[str, Any], *, has_console: bool = True) -> FailureAccount:
    """Read the event of the task: `failure` holds stage, error, cause, and the resource's ARN where there is one.

    `has_console` is false where the execution is not AWS's own, and a link to the console would lead nowhere.
    """
    failure = event["failure"]
    error, reason = _error_and_reason(str(failure["error"]), str(failure.get("cause") or ""))
    return FailureAccount(
        scenario=event["scenario"],
        run_id=event["run_id"],
        stage=failure["stage"],
        error=error,
        reason=reason,
        advice=ADVICE.get(error, OTHER_ADVICE),
        resource_arn=failure.get("arn"),
        execution_arn=event["execution_arn"],
        console_url=execution_url(event["execution_arn"]) if has_console else None,
    )


def _error_and_reason(error: str, cause: str) -> tuple[str, str]:
    """A Lambda failure carries its message as JSON in the cause; botocore's errors carry their own code inside."""
    try:
        document = json.loads(cause)
    except ValueError:
        return error, cause or "no reason was given"
    if not isinstance(document, dict) or "errorMessage" not in document:
        return error, cause
    message = str(document["errorMessage"])
    if error == "ClientError" and "(" in message:
        error = message.partition("(")[2].partition(")")[0]
    return error, message
