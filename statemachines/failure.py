"""The one way in which a run fails: recorded, announced, and FAILED."""

from __future__ import annotations

from typing import Any

from aws_cdk import aws_sns as sns
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct

from statemachines.jsonata import expression
from statemachines.retries import retry_lambda_service_errors

# The cause of a failed execution may have 32,768 characters; the message is kept well below.
MAX_CAUSE = 30_000


class FailurePath:
    """Record the failure, publish it, end FAILED.

    Whoever leads here has put `{stage, arn, error, cause}` into the variable `failure` before. Should recording or
    publishing fail as well, the execution still ends with the first failure's words.
    """

    def __init__(
        self,
        scope: Construct,
        *,
        scenario_id: str,
        record_failure: tasks.LambdaInvoke,
        topic: sns.ITopic,
    ) -> None:
        """Chain the three states; `record_failure` is the task, made by the workflow's own factory."""
        failed = sfn.Fail.jsonata(
            scope,
            "Failed",
            error=expression("$record.error"),
            cause=expression(f"$substring($record.message, 0, {MAX_CAUSE})"),
        )
        announce = tasks.SnsPublish.jsonata(
            scope,
            "Announce failure",
            topic=topic,
            subject=expression("$record.subject"),
            message=sfn.TaskInput.from_text(expression("$record.message")),
        )
        announce.add_catch(failed, errors=["States.ALL"])
        retry_lambda_service_errors(record_failure)
        unrecorded = {
            "error": expression("$failure.error"),
            "message": expression(
                "$failure.stage & ' failed: ' & $failure.cause & ' (and recording it failed: '"
                " & $states.errorOutput.Cause & ')'"
            ),
            "subject": f"{scenario_id} run FAILED",
        }
        record_failure.add_catch(announce, errors=["States.ALL"], assign={"record": unrecorded})
        self.start: sfn.IChainable = record_failure.next(announce).next(failed)


def caught(stage: str) -> dict[str, Any]:
    """The `failure` that a Catch assigns: what Step Functions knows of the error, and the stage it happened in."""
    return {
        "failure": {
            "stage": stage,
            "error": expression("$states.errorOutput.Error"),
            "cause": expression("$states.errorOutput.Cause"),
        }
    }
