"""The page of all runs, brought up to date at both ends of a machine. It can be late; it must never cost a result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as sfn_tasks

from statemachines.jsonata import RESULT, expression
from statemachines.retries import retry_lambda_service_errors, retry_when_asked_to_come_back

if TYPE_CHECKING:
    from statemachines.workflow import Workflow

LINE = "$index.line"
"""What messages say of the page: where it is, or why it could not be brought up to date."""

# A function's failure carries its message as JSON in the cause.
_REASON = (
    "( $cause := $states.errorOutput.Cause;"
    " $substring($cause, 0, 1) = '{' and $contains($cause, '\"errorMessage\"') ?"
    " $parse($cause).errorMessage : $cause )"
)
_LONGEST_REASON = 1000


def update_index(workflow: Workflow, title: str, then: sfn.IChainable) -> sfn_tasks.LambdaInvoke:
    """Write the page and go on to `then`, whether it could be written or not; LINE tells which."""
    update = workflow.invoke(
        title,
        "publish_index",
        {**workflow.run_facts(), "execution_arn": expression("$states.context.Execution.Id")},
        {"index": expression(RESULT)},
    )
    retry_lambda_service_errors(update)
    retry_when_asked_to_come_back(update)
    failed = (
        "'The index of all runs could not be updated (' & $states.errorOutput.Error & '): ' &"
        f" $substring({_REASON}, 0, {_LONGEST_REASON})"
    )
    update.add_catch(then, errors=["States.ALL"], assign={"index": {"line": expression(failed)}})
    update.next(then)
    return update
