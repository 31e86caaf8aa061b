"""Retraining by the calendar: one EventBridge schedule per scenario."""

from __future__ import annotations

from aws_cdk import Duration, TimeZone
from aws_cdk import aws_iam as iam
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_scheduler_targets as targets
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from config.models import ScheduleSettings
from stacks.permissions import acknowledge

MAX_EVENT_AGE = Duration.hours(2)
RETRY_ATTEMPTS = 5


def dead_letter_queue(scope: Construct) -> sqs.Queue:
    """Where starts go that EventBridge could not deliver."""
    queue = sqs.Queue(
        scope,
        "UndeliveredStarts",
        encryption=sqs.QueueEncryption.SQS_MANAGED,
        enforce_ssl=True,
        retention_period=Duration.days(14),
    )
    acknowledge(queue, "This queue is itself the dead-letter queue of the schedules.", "AwsSolutions-SQS3")
    return queue


def schedule_scenario(
    scope: Construct,
    *,
    name: str,
    construct_id: str,
    machine: sfn.IStateMachine,
    settings: ScheduleSettings,
    undelivered: sqs.IQueue,
) -> scheduler.Schedule:
    """Start the machine when the settings say; switched off it is still deployed, to be fired by hand."""
    role = iam.Role(
        scope,
        f"{construct_id}ScheduleRole",
        description=f"Lets EventBridge Scheduler start {name}",
        assumed_by=iam.ServicePrincipal("scheduler.amazonaws.com"),
    )
    return scheduler.Schedule(
        scope,
        f"{construct_id}Schedule",
        schedule_name=name,
        description=f"Retrains and evaluates the scenario of {name}",
        schedule=scheduler.ScheduleExpression.expression(
            settings.expression, TimeZone.of(settings.time_zone)
        ),
        target=targets.StepFunctionsStartExecution(
            machine,
            role=role,
            input=scheduler.ScheduleTargetInput.from_object({}),
            dead_letter_queue=undelivered,
            max_event_age=MAX_EVENT_AGE,
            retry_attempts=RETRY_ATTEMPTS,
        ),
        enabled=settings.enabled,
    )
