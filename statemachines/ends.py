"""How every machine begins and ends."""

from __future__ import annotations

from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as sfn_tasks

from statemachines.index import LINE, update_index
from statemachines.jsonata import expression
from statemachines.workflow import Workflow


def begin(workflow: Workflow) -> sfn.Chain:
    """Settle which run this is, and refuse to run beside an earlier execution that works on the same data.

    The run is the execution's name, or the `run_id` of the input: that resumes a run that ended early. Two runs at a
    time would import over each other's data and train on a mixture; scenarios that share a dataset group are looked
    at, too.
    """
    settle = sfn.Pass.jsonata(
        workflow.scope,
        "Begin run",
        assign={
            "runId": expression(
                "$exists($states.input.run_id) ? $states.input.run_id : $states.context.Execution.Name"
            ),
            "stages": [],
        },
        outputs={},
    )
    chain: sfn.Chain = sfn.Chain.start(settle)
    for position, machine_arn in enumerate(workflow.machines_of_group()):
        chain = chain.next(_look(workflow, machine_arn, first=position == 0))
    alone = sfn.Choice.jsonata(workflow.scope, "Alone?")
    # Not the failure path of the work: what it would undo belongs to the execution that goes on.
    alone.when(sfn.Condition.jsonata(expression("$failure != null")), workflow.recording)
    proceed = sfn.Pass.jsonata(workflow.scope, "Proceed", outputs={})
    alone.otherwise(proceed)
    chain.next(alone)
    return sfn.Chain.custom(settle, [proceed], proceed)


def _look(workflow: Workflow, machine_arn: str, *, first: bool) -> sfn_tasks.CallAwsService:
    name = machine_arn.rsplit(":", 1)[-1]
    look = sfn_tasks.CallAwsService.jsonata(
        workflow.scope,
        "Look for a run at work" if first else f"Look for a run of {name} at work",
        service="sfn",
        action="listExecutions",
        parameters={"StateMachineArn": machine_arn, "StatusFilter": "RUNNING"},
        iam_resources=[machine_arn],
        iam_action="states:ListExecutions",
        assign={
            "failure": expression(_ANOTHER_RUN if first else f"$failure != null ? $failure : {_ANOTHER_RUN}")
        },
        outputs={},
    )
    workflow.catch(look, "begin", to=workflow.recording)
    return look


# Of two executions that see each other, the one that started first goes on.
_ANOTHER_RUN = (
    "( $me := $states.context.Execution;"
    " $earlier := $states.result.Executions[ExecutionArn != $me.Id and"
    " ($toMillis(StartDate) < $toMillis($me.StartTime) or"
    " ($toMillis(StartDate) = $toMillis($me.StartTime) and ExecutionArn < $me.Id))];"
    " $count($earlier) > 0 ? {'stage': 'begin', 'error': 'AnotherRunAtWork', 'cause':"
    " 'execution ' & $earlier[0].Name & ' works on the same data:"
    " wait until it has ended, or stop it, and start again'} : null )"
)


def announce_and_end(workflow: Workflow) -> sfn.Chain:
    """Bring the page of all runs up to date, publish the verdict, end with the evaluation's summary as output."""
    announce = sfn_tasks.SnsPublish.jsonata(
        workflow.scope,
        "Announce result",
        topic=workflow.surroundings.topic,
        subject=expression("$evaluation.subject"),
        message=sfn.TaskInput.from_text(expression(f"$evaluation.message & '\\n' & {LINE}")),
        outputs={},
    )
    workflow.catch(announce, "Announce result")
    done = sfn.Succeed.jsonata(
        workflow.scope,
        "Done",
        outputs={
            "run_id": expression("$runId"),
            "evaluation": expression("$evaluation"),
            "index": expression("$index"),
            "stages": expression("$stages"),
        },
    )
    announce.next(done)
    update = update_index(workflow, "Update report index", announce)
    return sfn.Chain.custom(update, [], done)
