"""What the steps of one machine share: its tasks, its buckets, its names, and the way a failure takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as sfn_tasks
from constructs import Construct

from config.models import Poll, ScenarioSettings
from lambdas.shared.naming import resource_name
from lambdas.shared.resources import Naming, ResourceKind
from statemachines.failure import FailurePath, caught
from statemachines.jsonata import expression, seconds_since
from statemachines.retries import retry_lambda_service_errors, retry_when_asked_to_come_back


@dataclass(frozen=True, slots=True, kw_only=True)
class Tasks:
    """The functions that the machines call."""

    split_data: lambda_.IFunction
    create_resource: lambda_.IFunction
    describe_resource: lambda_.IFunction
    evaluate: lambda_.IFunction
    record_failure: lambda_.IFunction

    def all(self) -> tuple[lambda_.IFunction, ...]:
        """Every function."""
        return tuple(getattr(self, field.name) for field in fields(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What lies around every machine of a stage."""

    prefix: str
    stage: str
    data_bucket: s3.IBucket
    reports_bucket: s3.IBucket
    kms_key_arn: str | None
    service_role_arn: str
    topic: sns.ITopic
    tags: tuple[Mapping[str, str], ...]


class Workflow:
    """A machine under construction: makes tasks that retry, that record the time they took, and that fail one way."""

    def __init__(
        self,
        scope: Construct,
        *,
        scenario_id: str,
        scenario: ScenarioSettings,
        tasks: Tasks,
        surroundings: Surroundings,
        machine_arn: str,
    ) -> None:
        """Begin the machine of a scenario; its states become children of `scope`."""
        self.scope = scope
        self.scenario_id = scenario_id
        self.scenario = scenario
        self.tasks = tasks
        self.surroundings = surroundings
        self.machine_arn = machine_arn
        self.failure = FailurePath(
            scope, scenario_id=scenario_id, record_failure=self._record_failure(), topic=surroundings.topic
        ).start

    def name(self, *parts: str) -> str:
        """The readable name of a resource of this scenario; the task adds the hash that its kind needs."""
        return resource_name(self.surroundings.prefix, self.surroundings.stage, self.scenario_id, *parts)

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

    def task(
        self,
        title: str,
        function: lambda_.IFunction,
        *,
        stage: str,
        payload: Mapping[str, Any],
        assign: Mapping[str, Any],
    ) -> sfn_tasks.LambdaInvoke:
        """Call a function; an error that does not pass with time goes the failure path under the stage's name."""
        task = self._invoke(title, function, payload, assign)
        retry_lambda_service_errors(task)
        retry_when_asked_to_come_back(task)
        self.catch(task, stage)
        return task

    def catch(self, task: sfn.TaskStateBase, stage: str) -> None:
        """Lead every error of the task to the failure path."""
        task.add_catch(self.failure, errors=["States.ALL"], assign=caught(stage))

    def note_time(self, stage: str) -> dict[str, str]:
        """The assignment that adds a stage, begun at `stageStarted`, to the run's list of times."""
        seconds = seconds_since("$stageStarted")
        return {"stages": expression(f"$append($stages, [{{'stage': '{stage}', 'seconds': {seconds}}}])")}

    def _record_failure(self) -> sfn_tasks.LambdaInvoke:
        payload = {
            **self.run_facts(),
            "execution_arn": expression("$states.context.Execution.Id"),
            "failure": expression("$failure"),
        }
        assign = {"record": expression("$states.result.Payload")}
        return self._invoke("Record failure", self.tasks.record_failure, payload, assign)

    def _invoke(
        self, title: str, function: lambda_.IFunction, payload: Mapping[str, Any], assign: Mapping[str, Any]
    ) -> sfn_tasks.LambdaInvoke:
        return sfn_tasks.LambdaInvoke.jsonata(
            self.scope,
            title,
            lambda_function=function,
            payload=sfn.TaskInput.from_object(dict(payload)),
            assign=assign,
            outputs={},
            retry_on_service_exceptions=False,
        )
