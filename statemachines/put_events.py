"""The `put_events` scenario: do recommendations follow what a user just did?"""

from __future__ import annotations

from typing import Any

from aws_cdk import Stack
from aws_cdk import aws_stepfunctions as sfn

from config.models import PutEventsSettings
from statemachines import data, ends, evaluation, models
from statemachines.deletion import delete_after_failure, delete_and_wait
from statemachines.jsonata import expression
from statemachines.replay import replay
from statemachines.resource import ResourceStep, create_and_wait
from statemachines.workflow import Workflow


def definition(workflow: Workflow) -> sfn.IChainable:
    """Split → import → train → campaign and tracker → replay → delete both → evaluate → announce.

    Both are deleted on every path; what an execution that was stopped has left, the next one removes first.
    """
    scenario = workflow.scenario
    if not isinstance(scenario, PutEventsSettings):
        raise TypeError(f"put_events cannot be built from {type(scenario).__name__}")
    campaign, tracker = _campaign(workflow), _tracker(workflow)
    # The latest pairs of states first: a tracker is of no use without a campaign, and costs nothing.
    after_failure = delete_after_failure(workflow, "delete campaign after failure", campaign)
    workflow.fail_through(
        after_failure.next(delete_after_failure(workflow, "delete event tracker after failure", tracker))
    )
    drawn = scenario.replay.model_dump(mode="json", include={"events", "seed"})
    pairs = {**drawn, "count": scenario.replay.pairs, "draw": expression("$runId")}
    judged = {
        "replay": expression("$replay.lists"),
        "solution_version_arn": expression("$solutionVersionArn"),
        **({"catalogue": expression("$split.catalogue")} if scenario.data.items else {}),
    }
    return (
        sfn.Chain.start(ends.begin(workflow))
        .next(delete_and_wait(workflow, "remove campaigns of earlier runs", {**campaign, "runs": "others"}))
        .next(data.split_data(workflow, queries={"kind": "none"}, pairs=pairs))
        .next(data.dataset_group(workflow))
        .next(data.datasets(workflow))
        .next(models.train(workflow))
        .next(_create_campaign(workflow, scenario))
        .next(_create_tracker(workflow))
        .next(replay(workflow, scenario.replay))
        .next(delete_and_wait(workflow, "delete campaign", campaign))
        .next(delete_and_wait(workflow, "delete event tracker", tracker))
        .next(evaluation.evaluate(workflow, judged, kind="replay"))
        .next(ends.announce_and_end(workflow))
    )


def _campaign(workflow: Workflow) -> dict[str, Any]:
    return {"kind": "campaign", "name": workflow.name("campaign"), "request": {}}


def _tracker(workflow: Workflow) -> dict[str, Any]:
    # Spelled out, since a run that failed early does not know the ARN of its dataset group.
    group = Stack.of(workflow.scope).format_arn(
        service="personalize", resource=f"dataset-group/{workflow.group_name()}"
    )
    return {
        "kind": "event_tracker",
        "name": workflow.name("tracker"),
        "request": {"datasetGroupArn": group},
    }


def _create_campaign(workflow: Workflow, scenario: PutEventsSettings) -> sfn.Chain:
    request = {"solutionVersionArn": expression("$solutionVersionArn"), **scenario.campaign}
    return create_and_wait(
        workflow, ResourceStep("campaign", "campaign", workflow.name("campaign"), "campaignArn", request)
    )


def _create_tracker(workflow: Workflow) -> sfn.Chain:
    request = {"datasetGroupArn": expression("$datasetGroupArn")}
    return create_and_wait(
        workflow,
        ResourceStep(
            "event_tracker",
            "event tracker",
            workflow.name("tracker"),
            "eventTrackerArn",
            request,
            told={"trackingId": "tracking_id"},
        ),
    )
