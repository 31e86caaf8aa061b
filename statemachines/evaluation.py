"""From recommendations to a verdict and a report."""

from __future__ import annotations

from typing import Any

from aws_cdk import aws_stepfunctions as sfn

from config.models import PutEventsSettings
from statemachines.jsonata import RESULT, expression
from statemachines.workflow import Workflow

ONE_MODEL = {
    "recommendations": expression("$split.recommendations"),
    "solution_version_arn": expression("$solutionVersionArn"),
}
"""The members of the task's event that tell of one model's recommendations."""

VARIANTS = {"variants": expression("$variants")}
"""The member that tells of several models'."""


def evaluate(workflow: Workflow, judged: dict[str, Any], **more: Any) -> sfn.Chain:
    """Metrics against the held-out future and against baselines, and the report.

    `judged` says what is measured (ONE_MODEL, VARIANTS); `more` are members that only some scenarios send.
    """
    scenario, stage = workflow.scenario, "Evaluate"
    facts = {
        "recipe_arn": scenario.recipe_arn,
        "solution": dict(scenario.solution),
        "solution_version": dict(scenario.solution_version),
        "batch_inference": dict(scenario.batch_inference),
        "split": scenario.split.model_dump(mode="json", exclude_none=True),
        "imported": list(scenario.imported),
        **({"campaign": dict(scenario.campaign)} if isinstance(scenario, PutEventsSettings) else {}),
        "stage": workflow.surroundings.stage,
        "execution_arn": expression("$states.context.Execution.Id"),
        "started_at": expression("$states.context.Execution.StartTime"),
        "stages": expression("$stages"),
    }
    task = workflow.task(
        stage,
        "evaluate",
        stage=stage,
        payload={
            **workflow.run_facts(),
            "train": expression("$split.train"),
            "holdout": expression("$split.holdout"),
            "diagnosis": expression("$split.diagnosis"),
            "evaluation": scenario.evaluation.model_dump(mode="json"),
            "prices": dict(workflow.surroundings.prices),
            "facts": facts,
            **judged,
            **more,
        },
        assign={
            "evaluation": expression(RESULT),
            "stageStarted": expression("$states.context.State.EnteredTime"),
        },
    )
    return workflow.timed(task, stage)
