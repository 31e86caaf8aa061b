"""EventBridge Scheduler's schedules and groups, and EventBridge rules."""

from __future__ import annotations

import json

from local.deploy.model import Created, Handler, ResourceRequest
from local.deploy.properties import api_tags


def create_schedule_group(request: ResourceRequest) -> Created:
    """A group of schedules."""
    name = request.named("Name", 64)
    arn = request.clients("scheduler").create_schedule_group(Name=name, Tags=api_tags(request.properties))
    return Created(name, {"Arn": arn["ScheduleGroupArn"]})


def create_schedule(request: ResourceRequest) -> Created:
    """A schedule. moto keeps it and never fires it: `local.schedules` does."""
    block = request.properties
    name = request.named("Name", 64)
    names = (
        "Description",
        "EndDate",
        "GroupName",
        "KmsKeyArn",
        "ScheduleExpression",
        "ScheduleExpressionTimezone",
        "StartDate",
        "State",
    )
    arn = request.clients("scheduler").create_schedule(
        Name=name,
        FlexibleTimeWindow=block.document("FlexibleTimeWindow"),
        Target=block.document("Target"),
        **block.given({key: key for key in names}),
    )["ScheduleArn"]
    return Created(name, {"Arn": arn})


def create_rule(request: ResourceRequest) -> Created:
    """An EventBridge rule with its targets."""
    block, events = request.properties, request.clients("events")
    name = request.named("Name", 64)
    bus = block.given({"EventBusName": "EventBusName"})
    names = ("Description", "ScheduleExpression", "State", "RoleArn")
    parameters = block.given({key: key for key in names})
    if "EventPattern" in block:
        parameters["EventPattern"] = json.dumps(block.document("EventPattern"))
    arn = events.put_rule(Name=name, Tags=api_tags(block), **bus, **parameters)["RuleArn"]
    if targets := block.document("Targets"):
        answer = events.put_targets(
            Rule=name, Targets=targets, EventBusName=bus.get("EventBusName", "default")
        )
        if answer["FailedEntryCount"]:
            raise block.error("Targets", f"were refused: {answer['FailedEntries']}")
    return Created(name, {"Arn": arn})


HANDLERS: dict[str, Handler] = {
    "AWS::Scheduler::ScheduleGroup": create_schedule_group,
    "AWS::Scheduler::Schedule": create_schedule,
    "AWS::Events::Rule": create_rule,
}
