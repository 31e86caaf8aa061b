"""The one way in which a run fails: recorded, announced, and FAILED."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as sfn_tasks
from constructs import Construct

from statemachines.index import LINE, update_index
from statemachines.jsonata import Variables, expression
from statemachines.retries import retry_lambda_service_errors

if TYPE_CHECKING:
    from statemachines.workflow import Workflow

# The cause of a failed execution may have 32,768 characters; the message is kept well below.
MAX_CAUSE = 30_000


def failure_path(workflow: Workflow) -> sfn.Chain:
    """Record the failure, show it on the page of all runs, publish it, end FAILED.

    Whoever leads here has put `{stage, arn, error, cause}` into the variable `failure` before. Should any of this fail
    as well, the execution still ends with the first failure's words.
    """
    failed = sfn.Fail.jsonata(
        workflow.scope,
        "Failed",
        error=expression("$record.error"),
        cause=expression(f"$substring($record.message, 0, {MAX_CAUSE})"),
    )
    announce = sfn_tasks.SnsPublish.jsonata(
        workflow.scope,
        "Announce failure",
        topic=workflow.surroundings.topic,
        subject=expression("$record.subject"),
        message=sfn.TaskInput.from_text(expression(f"$record.message & '\\n' & {LINE}")),
    )
    announce.add_catch(failed, errors=["States.ALL"])
    announce.next(failed)
    update = update_index(workflow, "Update report index after failure", announce)
    record = workflow.invoke(
        "Record failure",
        "record_failure",
        {
            **workflow.run_facts(),
            "execution_arn": expression("$states.context.Execution.Id"),
            "failure": expression("$failure"),
        },
        {"record": expression("$states.result.Payload")},
    )
    retry_lambda_service_errors(record)
    unrecorded = {
        "error": expression("$failure.error"),
        "message": expression(
            "$failure.stage & ' failed: ' & $failure.cause & ' (and recording it failed: '"
            " & $states.errorOutput.Cause & ')'"
        ),
        "subject": f"{workflow.scenario_id} run FAILED",
    }
    record.add_catch(update, errors=["States.ALL"], assign={"record": unrecorded})
    record.next(update)
    return sfn.Chain.custom(record, [], failed)


def fail_inside(scope: Construct, name: str, variables: Variables) -> sfn.Fail:
    """End one iteration of a Map FAILED; its cause carries the whole `failure` to the Map's own catch."""
    failure = variables["failure"]
    return sfn.Fail.jsonata(
        scope,
        f"{name.title()} failed",
        error=expression(f"{failure}.error"),
        cause=expression(f"$string({failure})"),
    )


def caught(stage: str, variables: Variables) -> dict[str, Any]:
    """The `failure` that a Catch assigns: what Step Functions knows of the error, and the stage it happened in."""
    return {
        variables.name("failure"): {
            "stage": stage,
            "error": expression("$states.errorOutput.Error"),
            "cause": expression("$states.errorOutput.Cause"),
        }
    }


def caught_from_inside(stage: str, variables: Variables) -> dict[str, Any]:
    """The `failure` of an iteration of a Map, unpacked from its cause; any other error as it is."""
    code = (
        "( $cause := $states.errorOutput.Cause;"
        " $substring($cause, 0, 1) = '{' and $contains($cause, '\"stage\"') ? $parse($cause) :"
        f" {{'stage': '{stage}', 'error': $states.errorOutput.Error, 'cause': $cause}} )"
    )
    return {variables.name("failure"): expression(code)}
