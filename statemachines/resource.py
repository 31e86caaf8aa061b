"""Create a resource of Personalize and wait until it is active: the loop that most steps are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aws_cdk import Duration
from aws_cdk import aws_stepfunctions as sfn

from lambdas.shared.resources import resource_kind
from statemachines.jsonata import RESULT, expression, literal, seconds_since

if TYPE_CHECKING:
    from statemachines.workflow import Workflow


@dataclass(frozen=True, slots=True)
class ResourceStep:
    """What to create, and what to call it.

    `title` names the states ("interactions import"), `name` is the resource's readable name without hashes,
    `variable` the state machine variable that will hold the ARN, `request` the API's own members; expressions in
    it are evaluated when the step runs. `settings` is an expression for members of the request that come as one
    object, `rests_on` expressions for what else the resource's content depends on. `told` maps further variables
    to members of the task's answer.
    """

    kind: str
    title: str
    name: str
    variable: str
    request: Mapping[str, Any]
    settings: str | None = None
    rests_on: tuple[str, ...] = ()
    told: Mapping[str, str] = field(default_factory=dict)


def create_and_wait(workflow: Workflow, step: ResourceStep) -> sfn.Chain:
    """Create → active? → (wait → describe → active?)… → note the time it took.

    A resource that failed, or that is not active within its timeout, goes the failure path with the service's own
    reason. Polling is by Wait and Choice: no function sleeps and no exception is raised to mean "not yet".
    """
    polling, names = workflow.polling(step.kind), workflow.variables
    create = workflow.task(
        f"Create {step.title}",
        "create_resource",
        stage=step.title,
        payload=_create_payload(workflow, step),
        assign={
            names.name("resource"): expression(RESULT),
            names.name("stageStarted"): expression("$states.context.State.EnteredTime"),
            names.name("failure"): expression(f"{RESULT}.failed ? {_service_failure(step)} : null"),
        },
    )
    describe = workflow.task(
        f"Describe {step.title}",
        "describe_resource",
        stage=step.title,
        payload={"kind": step.kind, "arn": expression(f"{names['resource']}.arn")},
        assign={
            names.name("resource"): expression(RESULT),
            names.name("failure"): expression(
                f"{RESULT}.failed ? {_service_failure(step)} : "
                f"$not({RESULT}.done) and {seconds_since(names['stageStarted'])} > {polling.timeout_seconds} ? "
                f"{_timed_out(step, polling.timeout_seconds)} : null"
            ),
        },
    )
    wait = sfn.Wait.jsonata(
        workflow.scope,
        f"Wait for {step.title}",
        time=sfn.WaitTime.duration(Duration.seconds(polling.seconds)),
    )
    told = {
        names.name(variable): expression(f"{names['resource']}.{member}")
        for variable, member in {step.variable: "arn", **step.told}.items()
    }
    active = sfn.Pass.jsonata(
        workflow.scope, f"{step.title} active", assign={**told, **workflow.note_time(step.title)}, outputs={}
    )
    ready = sfn.Choice.jsonata(workflow.scope, f"{step.title} ready?")
    ready.when(sfn.Condition.jsonata(expression(f"{names['resource']}.done")), active)
    ready.when(sfn.Condition.jsonata(expression(f"{names['failure']} != null")), workflow.failure)
    ready.otherwise(wait.next(describe).next(ready))
    create.next(ready)
    return sfn.Chain.custom(create, [active], active)


def _create_payload(workflow: Workflow, step: ResourceStep) -> dict[str, Any]:
    kind = resource_kind(step.kind)
    request = dict(step.request)
    if kind.takes_tags:
        request["tags"] = [*workflow.service_tags(kind), *request.get("tags", [])]
    settings = {"settings": step.settings} if step.settings else {}
    return {
        "kind": step.kind,
        "name": step.name,
        "run_id": expression("$runId"),
        "request": request,
        **settings,
        **({"rests_on": list(step.rests_on)} if step.rests_on else {}),
    }


def _service_failure(step: ResourceStep) -> str:
    return (
        f"{{'stage': {literal(step.title)}, 'arn': {RESULT}.arn, 'error': 'ResourceFailed',"
        f" 'cause': {RESULT}.failure_reason & ' (status ' & {RESULT}.status & ')'}}"
    )


def _timed_out(step: ResourceStep, timeout: int) -> str:
    cause = f"not active after {timeout} seconds, the timeout in the settings (status "
    return (
        f"{{'stage': {literal(step.title)}, 'arn': {RESULT}.arn, 'error': 'ResourceTimedOut',"
        f" 'cause': {literal(cause)} & {RESULT}.status & ')'}}"
    )
