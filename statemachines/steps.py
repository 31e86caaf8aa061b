"""The steps that scenarios are made of, each a piece of a chain."""

from __future__ import annotations

import json
from typing import Any

from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as sfn_tasks

from config.models import DatasetSettings
from statemachines.jsonata import expression
from statemachines.resource import ResourceStep, create_and_wait
from statemachines.workflow import Workflow

# SNS refuses longer subjects.
MAX_SUBJECT = 100


def begin(workflow: Workflow) -> sfn.Chain:
    """Settle which run this is, and refuse to run beside an earlier execution of the same machine.

    The run is the execution's name, or the `run_id` of the input: that resumes a run that ended early. Two runs at a
    time would import over each other's data and train on a mixture.
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
    look = sfn_tasks.CallAwsService.jsonata(
        workflow.scope,
        "Look for a run at work",
        service="sfn",
        action="listExecutions",
        parameters={"StateMachineArn": workflow.machine_arn, "StatusFilter": "RUNNING"},
        iam_resources=[workflow.machine_arn],
        iam_action="states:ListExecutions",
        assign={"failure": expression(_ANOTHER_RUN)},
        outputs={},
    )
    workflow.catch(look, "begin")
    alone = sfn.Choice.jsonata(workflow.scope, "Alone?")
    alone.when(sfn.Condition.jsonata(expression("$failure != null")), workflow.failure)
    proceed = sfn.Pass.jsonata(workflow.scope, "Proceed")
    alone.otherwise(proceed)
    settle.next(look).next(alone)
    return sfn.Chain.custom(settle, [proceed], proceed)


# Of two executions that see each other, the one that started first goes on.
_ANOTHER_RUN = (
    "( $me := $states.context.Execution;"
    " $earlier := $states.result.Executions[ExecutionArn != $me.Id and"
    " ($toMillis(StartDate) < $toMillis($me.StartTime) or"
    " ($toMillis(StartDate) = $toMillis($me.StartTime) and ExecutionArn < $me.Id))];"
    " $count($earlier) > 0 ? {'stage': 'begin', 'error': 'AnotherRunAtWork', 'cause':"
    " 'execution ' & $earlier[0].Name & ' of this scenario is still running:"
    " wait until it has ended, or stop it, and start again'} : null )"
)


def split_data(workflow: Workflow) -> sfn.Chain:
    """Check the raw data and split it; bad data ends the run here, before it costs anything."""
    data, stage = workflow.scenario.data.interactions, "Split data"
    split = workflow.scenario.split
    task = workflow.task(
        stage,
        workflow.tasks.split_data,
        stage=stage,
        payload={
            **workflow.run_facts(),
            "interactions": {
                "location": _location(workflow, data),
                "schema": data.avro_schema.avro_record("interactions"),
            },
            "split": {"method": split.method, "fraction": split.fraction},
        },
        assign={
            "split": expression("$states.result.Payload"),
            "stageStarted": expression("$states.context.State.EnteredTime"),
        },
    )
    return _timed(workflow, task, stage)


def dataset_group(workflow: Workflow) -> sfn.Chain:
    """The scenario's dataset group, which lives on from run to run."""
    request: dict[str, Any] = dict(workflow.scenario.dataset_group)
    return create_and_wait(
        workflow, ResourceStep("dataset_group", "dataset group", workflow.name(), "datasetGroupArn", request)
    )


def interactions_dataset(workflow: Workflow) -> sfn.Chain:
    """Schema, dataset and import of the interactions of the past."""
    schema = workflow.scenario.data.interactions.avro_schema.avro_record("interactions")
    return (
        sfn.Chain.start(
            create_and_wait(
                workflow,
                ResourceStep(
                    "schema",
                    "interactions schema",
                    workflow.name("interactions"),
                    "interactionsSchemaArn",
                    {"schema": json.dumps(schema, separators=(",", ":"))},
                ),
            )
        )
        .next(
            create_and_wait(
                workflow,
                ResourceStep(
                    "dataset",
                    "interactions dataset",
                    workflow.name("interactions"),
                    "interactionsArn",
                    {
                        "datasetGroupArn": expression("$datasetGroupArn"),
                        "datasetType": "Interactions",
                        "schemaArn": expression("$interactionsSchemaArn"),
                    },
                ),
            )
        )
        .next(
            create_and_wait(
                workflow,
                ResourceStep(
                    "dataset_import_job",
                    "interactions import",
                    workflow.name("interactions"),
                    "interactionsImportArn",
                    {
                        "datasetArn": expression("$interactionsArn"),
                        "dataSource": {"dataLocation": expression("$split.train")},
                        "roleArn": workflow.surroundings.service_role_arn,
                        **workflow.scenario.dataset_import,
                    },
                ),
            )
        )
    )


def train(workflow: Workflow) -> sfn.Chain:
    """The solution, whose name holds the hash of its settings, and the run's own version of it."""
    scenario = workflow.scenario
    solution = ResourceStep(
        "solution",
        "solution",
        workflow.name("solution"),
        "solutionArn",
        {"datasetGroupArn": expression("$datasetGroupArn"), **scenario.solution},
    )
    version = ResourceStep(
        "solution_version",
        "solution version",
        workflow.name("version"),
        "solutionVersionArn",
        {"solutionArn": expression("$solutionArn"), **scenario.solution_version},
    )
    return sfn.Chain.start(create_and_wait(workflow, solution)).next(create_and_wait(workflow, version))


def recommend(workflow: Workflow) -> sfn.Chain:
    """Recommendations for every held-out user, by one batch job."""
    key = workflow.surroundings.kms_key_arn
    encryption = {"kmsKeyArn": key} if key else {}
    request = {
        "solutionVersionArn": expression("$solutionVersionArn"),
        "jobInput": {"s3DataSource": {"path": expression("$split.queries"), **encryption}},
        "jobOutput": {"s3DataDestination": {"path": expression("$split.recommendations"), **encryption}},
        "roleArn": workflow.surroundings.service_role_arn,
        **workflow.scenario.batch_inference,
    }
    return create_and_wait(
        workflow,
        ResourceStep(
            "batch_inference_job", "batch inference", workflow.name("batch"), "batchInferenceJobArn", request
        ),
    )


def evaluate(workflow: Workflow) -> sfn.Chain:
    """Metrics against the held-out future and against baselines, and the report."""
    scenario, stage = workflow.scenario, "Evaluate"
    facts = {
        "recipe_arn": scenario.recipe_arn,
        "solution": dict(scenario.solution),
        "solution_version": dict(scenario.solution_version),
        "batch_inference": dict(scenario.batch_inference),
        "split": {"method": scenario.split.method, "fraction": scenario.split.fraction},
        "stage": workflow.surroundings.stage,
        "execution_arn": expression("$states.context.Execution.Id"),
        "started_at": expression("$states.context.Execution.StartTime"),
        "stages": expression("$stages"),
        "batch_inference_job_arn": expression("$batchInferenceJobArn"),
    }
    task = workflow.task(
        stage,
        workflow.tasks.evaluate,
        stage=stage,
        payload={
            **workflow.run_facts(),
            "train": expression("$split.train"),
            "holdout": expression("$split.holdout"),
            "recommendations": expression("$split.recommendations"),
            "diagnosis": expression("$split.diagnosis"),
            "solution_version_arn": expression("$solutionVersionArn"),
            "evaluation": scenario.evaluation.model_dump(mode="json"),
            "facts": facts,
        },
        assign={
            "evaluation": expression("$states.result.Payload"),
            "stageStarted": expression("$states.context.State.EnteredTime"),
        },
    )
    return _timed(workflow, task, stage)


def announce_and_end(workflow: Workflow) -> sfn.Chain:
    """Publish the verdict and end; the output of the execution is the evaluation's summary."""
    announce = sfn_tasks.SnsPublish.jsonata(
        workflow.scope,
        "Announce result",
        topic=workflow.surroundings.topic,
        subject=expression(
            f"$substring('{workflow.scenario_id} run ' & $runId & ': ' & $evaluation.outcome, 0, {MAX_SUBJECT})"
        ),
        message=sfn.TaskInput.from_text(
            expression("$evaluation.verdict & '\\nReport: ' & $evaluation.report & '\\nRun: ' & $runId")
        ),
        outputs={},
    )
    workflow.catch(announce, "Announce result")
    done = sfn.Succeed.jsonata(
        workflow.scope,
        "Done",
        outputs={
            "run_id": expression("$runId"),
            "evaluation": expression("$evaluation"),
            "stages": expression("$stages"),
        },
    )
    return sfn.Chain.start(announce).next(done)


def _timed(workflow: Workflow, task: sfn_tasks.LambdaInvoke, stage: str) -> sfn.Chain:
    """The task, and a state that notes how long it took."""
    noted = sfn.Pass.jsonata(workflow.scope, f"{stage} done", assign=workflow.note_time(stage), outputs={})
    return sfn.Chain.custom(task.next(noted).start_state, [noted], noted)


def _location(workflow: Workflow, data: DatasetSettings) -> str:
    if data.location.startswith("s3://"):
        return data.location
    return f"s3://{workflow.surroundings.data_bucket.bucket_name}/{data.location}"
