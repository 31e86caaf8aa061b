"""What the steps of one machine share: its tasks, its buckets, its names, and the way a failure takes."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as sfn_tasks
from constructs import Construct

from config.models import Poll, ScenarioSettings
from lambdas.shared.naming import resource_name
from lambdas.shared.resources import Naming, ResourceKind
from statemachines.failure import caught, fail_inside, failure_path
from statemachines.jsonata import Variables, expression, literal, seconds_since
from statemachines.retries import retry_lambda_service_errors, retry_when_asked_to_come_back

Tasks = Mapping[str, lambda_.IFunction]
"""The functions that the machines call, by the task's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What lies around every machine of a stage.

    `machine_arns` tells the machine of every scenario, `prices` what the service charges for a unit of everything.
    """

    prefix: str
    stage: str
    data_bucket: s3.IBucket
    reports_bucket: s3.IBucket
    kms_key_arn: str | None
    service_role_arn: str
    topic: sns.ITopic
    tags: tuple[Mapping[str, str], ...]
    prices: Mapping[str, Any]
    machine_arns: Mapping[str, str]
    scenarios: Mapping[str, ScenarioSettings]


class Workflow:
    """A machine under construction: makes tasks that retry, that note the time they took, and that fail one way."""

    def __init__(
        self, scope: Construct, *, scenario_id: str, tasks: Tasks, surroundings: Surroundings
    ) -> None:
        """Begin the machine of a scenario; its states become children of `scope`."""
        self.scope = scope
        self.scenario_id = scenario_id
        self.scenario = surroundings.scenarios[scenario_id]
        self.tasks = tasks
        self.surroundings = surroundings
        self.variables = Variables()
        self._recording: sfn.Chain | None = None
        self._failure: sfn.IChainable | None = None

    @property
    def recording(self) -> sfn.Chain:
        """Record a failure and end. What was refused before it made anything leads here: it has nothing to undo."""
        if self._recording is None:
            self._recording = failure_path(self)
        return self._recording

    @property
    def failure(self) -> sfn.IChainable:
        """Where the errors of the work lead: to the recording, unless `fail_through` put something before it."""
        return self._failure or self.recording

    def fail_through(self, first: sfn.Chain) -> None:
        """Let failures of the work pass these states before they are recorded."""
        self.lead_failures_to(first.next(self.recording))

    def inside(self, name: str) -> Self:
        """The same workflow within a Map state, whose variables must not have the names of the outer ones."""
        inner = copy.copy(self)
        inner.variables = Variables(name)
        inner.lead_failures_to(fail_inside(self.scope, name, inner.variables))
        return inner

    def lead_failures_to(self, start: sfn.IChainable) -> None:
        """Let errors of the tasks that are made from now on lead there."""
        self._failure = start

    def name(self, *parts: str) -> str:
        """The readable name of a resource of this scenario; the task adds the hash that its kind needs."""
        return resource_name(self.surroundings.prefix, self.surroundings.stage, self.scenario_id, *parts)

    def group_name(self, *parts: str) -> str:
        """The name of the dataset group in which the scenario works, its own or another's, or of a thing in it.

        Schemas and datasets are the group's: scenarios that share it must find the same ones.
        """
        owner = self.scenario.dataset_group_of or self.scenario_id
        return resource_name(self.surroundings.prefix, self.surroundings.stage, owner, *parts)

    def machines_of_group(self) -> tuple[str, ...]:
        """ARNs of the machines that work in the same dataset group, this one first."""
        owner = self.scenario.dataset_group_of or self.scenario_id
        sharing = [
            name
            for name, scenario in self.surroundings.scenarios.items()
            if (scenario.dataset_group_of or name) == owner and name != self.scenario_id
        ]
        return tuple(self.surroundings.machine_arns[name] for name in (self.scenario_id, *sharing))

    def polling(self, kind: str) -> Poll:
        """How often and how long to wait for a kind. Schemas are ready at once and have no setting of their own."""
        return dict(self.scenario.polling.items()).get(kind) or Poll()

    def service_tags(self, kind: ResourceKind) -> list[dict[str, str]]:
        """Tags of a resource of the service: the user's, the scenario, and the run where it belongs to one."""
        own = {"stage": self.surroundings.stage, "scenario": self.scenario_id}
        if kind.naming is Naming.RUN:
            own["run_id"] = expression("$runId")
        given = {tag["tagKey"]: tag["tagValue"] for tag in self.surroundings.tags}
        return [{"tagKey": key, "tagValue": value} for key, value in {**given, **own}.items()]

    def run_facts(self) -> dict[str, Any]:
        """What every data task is told: which run this is and where its things lie."""
        return {
            "scenario": self.scenario_id,
            "run_id": expression("$runId"),
            "data_bucket": self.surroundings.data_bucket.bucket_name,
            "reports_bucket": self.surroundings.reports_bucket.bucket_name,
        }

    def location(self, location: str) -> str:
        """A location of the settings as a URI: a key prefix lies in the data bucket."""
        if location.startswith("s3://"):
            return location
        return f"s3://{self.surroundings.data_bucket.bucket_name}/{location}"

    def encryption(self) -> dict[str, str]:
        """The customer key as the service's S3 configurations want it; nothing without one."""
        key = self.surroundings.kms_key_arn
        return {"kmsKeyArn": key} if key else {}

    def task(
        self,
        title: str,
        task: str,
        *,
        stage: str,
        payload: Mapping[str, Any],
        assign: Mapping[str, Any],
    ) -> sfn_tasks.LambdaInvoke:
        """Call a function; an error that does not pass with time goes the failure path under the stage's name."""
        invocation = self.invoke(title, task, payload, assign)
        retry_lambda_service_errors(invocation)
        retry_when_asked_to_come_back(invocation)
        self.catch(invocation, stage)
        return invocation

    def invoke(
        self, title: str, task: str, payload: Mapping[str, Any], assign: Mapping[str, Any]
    ) -> sfn_tasks.LambdaInvoke:
        """Call a function, without retries and catches."""
        return sfn_tasks.LambdaInvoke.jsonata(
            self.scope,
            title,
            lambda_function=self.tasks[task],
            payload=sfn.TaskInput.from_object(dict(payload)),
            assign=assign,
            outputs={},
            retry_on_service_exceptions=False,
        )

    def catch(self, task: sfn.TaskStateBase, stage: str, to: sfn.IChainable | None = None) -> None:
        """Lead every error of the task to the failure path, or where `to` says."""
        task.add_catch(to or self.failure, errors=["States.ALL"], assign=caught(stage, self.variables))

    def timed(self, task: sfn_tasks.LambdaInvoke, stage: str) -> sfn.Chain:
        """The task, and a state that notes how long it took."""
        noted = sfn.Pass.jsonata(self.scope, f"{stage} done", assign=self.note_time(stage), outputs={})
        return sfn.Chain.custom(task.next(noted).start_state, [noted], noted)

    def note_time(self, stage: str) -> dict[str, str]:
        """The assignment that adds a stage, begun at `stageStarted`, to the list of times."""
        stages, started = self.variables["stages"], self.variables["stageStarted"]
        entry = f"{{'stage': {literal(stage)}, 'seconds': {seconds_since(started)}}}"
        return {self.variables.name("stages"): expression(f"$append({stages}, [{entry}])")}
