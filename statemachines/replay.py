"""Send one user's events as another's and ask again, pair by pair."""

from __future__ import annotations

from aws_cdk import aws_stepfunctions as sfn

from config.models import ReplaySettings
from statemachines.jsonata import RESULT, expression
from statemachines.workflow import Workflow


def replay(workflow: Workflow, settings: ReplaySettings) -> sfn.Chain:
    """Call the task until it has done all pairs: it stops by itself before its time is up, and goes on where it was."""
    stage = "Replay events"
    begin = sfn.Pass.jsonata(
        workflow.scope,
        "Begin replay",
        assign={"replayStarted": expression("$states.context.State.EnteredTime")},
        outputs={},
    )
    task = workflow.task(
        stage,
        "replay_events",
        stage=stage,
        payload={
            **workflow.run_facts(),
            "pairs": expression("$split.pairs"),
            "campaign_arn": expression("$campaignArn"),
            "tracking_id": expression("$trackingId"),
            "dataset_arn": expression("$interactionsArn"),
            "counts": list(settings.counts),
            "list_length": settings.list_length,
            "settle_seconds": settings.settle_seconds,
            "event_type": settings.event_type,
        },
        assign={"replay": expression(RESULT), "stageStarted": expression("$replayStarted")},
    )
    finished = sfn.Pass.jsonata(workflow.scope, "Replay done", assign=workflow.note_time(stage), outputs={})
    more = sfn.Choice.jsonata(workflow.scope, "All pairs done?")
    more.when(sfn.Condition.jsonata(expression("$replay.done")), finished)
    more.otherwise(task)
    begin.next(task).next(more)
    return sfn.Chain.custom(begin, [finished], finished)
