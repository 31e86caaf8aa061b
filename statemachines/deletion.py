"""Delete what costs money by the hour, on every path."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aws_cdk import Duration
from aws_cdk import aws_stepfunctions as sfn

from statemachines.jsonata import RESULT, expression, literal, seconds_since
from statemachines.retries import retry_lambda_service_errors, retry_when_asked_to_come_back
from statemachines.workflow import Workflow


def delete_and_wait(workflow: Workflow, title: str, what: Mapping[str, Any]) -> sfn.Chain:
    """Delete → gone? → (wait → delete → gone?)… A deletion that fails, or takes too long, fails the run."""
    return _Deletion(workflow, title, what, failing=False).chain


def delete_after_failure(workflow: Workflow, title: str, what: Mapping[str, Any]) -> sfn.Chain:
    """The same on the failure path: what cannot be deleted is added to the failure's cause, which is kept."""
    return _Deletion(workflow, title, what, failing=True).chain


class _Deletion:
    """The states of one deletion."""

    def __init__(self, workflow: Workflow, title: str, what: Mapping[str, Any], *, failing: bool) -> None:
        self.workflow, self.title, self.failing = workflow, title, failing
        polling = workflow.polling("deletion")
        begin = sfn.Pass.jsonata(
            workflow.scope,
            f"Begin to {title}",
            assign={"deletionStarted": expression("$states.context.State.EnteredTime")},
            outputs={},
        )
        self.gone = sfn.Pass.jsonata(workflow.scope, f"{title}: gone", outputs={})
        delete = workflow.invoke(
            title[0].upper() + title[1:],
            "delete_resource",
            {**what, "run_id": expression("$runId")},
            {"deletion": expression(RESULT)},
        )
        retry_lambda_service_errors(delete)
        retry_when_asked_to_come_back(delete)
        delete.add_catch(self._when_it_fails, errors=["States.ALL"], assign=self._failed())
        wait = sfn.Wait.jsonata(
            workflow.scope,
            f"{title}: wait",
            time=sfn.WaitTime.duration(Duration.seconds(polling.seconds)),
        )
        late = sfn.Pass.jsonata(
            workflow.scope, f"{title}: too late", assign=self._late(polling.timeout_seconds), outputs={}
        )
        late.next(self._when_it_fails)
        decide = sfn.Choice.jsonata(workflow.scope, f"{title}: gone?")
        decide.when(sfn.Condition.jsonata(expression("$deletion.gone")), self.gone)
        took = seconds_since("$deletionStarted")
        decide.when(sfn.Condition.jsonata(expression(f"{took} > {polling.timeout_seconds}")), late)
        decide.otherwise(wait.next(delete).next(decide))
        begin.next(delete)
        self.chain = sfn.Chain.custom(begin, [self.gone], self.gone)

    @property
    def _when_it_fails(self) -> sfn.IChainable:
        return self.gone if self.failing else self.workflow.failure

    def _failed(self) -> dict[str, Any]:
        return self._noted("$states.errorOutput.Error", "$states.errorOutput.Cause")

    def _late(self, timeout: int) -> dict[str, Any]:
        return self._noted(
            literal("ResourceTimedOut"),
            literal(f"it is not gone after {timeout} seconds, the timeout in the settings"),
        )

    def _noted(self, error: str, cause: str) -> dict[str, Any]:
        """A new failure, or a remark on the one that is there: what is left may go on costing money."""
        title = literal(self.title)
        if not self.failing:
            return {"failure": {"stage": self.title, "error": expression(error), "cause": expression(cause)}}
        remark = (
            f"$failure.cause & ' -- Besides, it was not possible to ' & {title} & ' (' & {cause} & '):"
            f" run `pipelines cleanup {self.workflow.scenario_id}`, for what is left may cost money by the hour.'"
        )
        return {"failure": expression(f"$merge([$failure, {{'cause': {remark}}}])")}
