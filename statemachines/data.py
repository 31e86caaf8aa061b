"""From raw files to imported datasets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from aws_cdk import aws_stepfunctions as sfn

from config.models import AvroSchema
from statemachines.jsonata import RESULT, expression
from statemachines.resource import ResourceStep, create_and_wait
from statemachines.workflow import Workflow

SERVICE_TYPES = {"interactions": "Interactions", "items": "Items", "users": "Users"}
TRAIN_MEMBERS = {"interactions": "train", "items": "items_train", "users": "users_train"}
"""Where the answer of split_data tells the location of each dataset's training part."""


def split_data(workflow: Workflow, **more: Any) -> sfn.Chain:
    """Check the raw data and split it; bad data ends the run here, before it costs anything.

    `more` are members of the task's event that only some scenarios send.
    """
    stage = "Split data"
    datasets = {
        name: {
            "location": workflow.location(dataset.location),
            "schema": dataset.avro_schema.avro_record(name),
            # What is not imported only tells titles, which a report can do without.
            "required": name in workflow.scenario.imported,
        }
        for name, dataset in workflow.scenario.data.present().items()
    }
    task = workflow.task(
        stage,
        "split_data",
        stage=stage,
        payload={
            **workflow.run_facts(),
            **datasets,
            "split": workflow.scenario.split.model_dump(mode="json", exclude_none=True),
            **more,
        },
        assign={
            "split": expression(RESULT),
            "stageStarted": expression("$states.context.State.EnteredTime"),
        },
    )
    return workflow.timed(task, stage)


def dataset_group(workflow: Workflow) -> sfn.Chain:
    """The scenario's dataset group, which lives on from run to run."""
    key = workflow.encryption()
    role = {"roleArn": workflow.surroundings.service_role_arn} if key else {}
    request: dict[str, Any] = {**workflow.scenario.dataset_group, **key, **role}
    return create_and_wait(
        workflow,
        ResourceStep("dataset_group", "dataset group", workflow.group_name(), "datasetGroupArn", request),
    )


def datasets(workflow: Workflow, schemas: Mapping[str, AvroSchema] | None = None) -> sfn.Chain:
    """Schema, dataset and import of everything that the scenario's model may know.

    `schemas` replaces those of the settings, for a dataset to which split_data adds a column.
    """
    chain: sfn.Chain | None = None
    for name in workflow.scenario.imported:
        schema = (schemas or {}).get(name) or workflow.scenario.data.present()[name].avro_schema
        imported = _imported(workflow, name, schema)
        chain = chain.next(imported) if chain else imported
    if chain is None:
        raise ValueError(f"scenario {workflow.scenario_id} imports nothing")
    return chain


def _imported(workflow: Workflow, name: str, schema: AvroSchema) -> sfn.Chain:
    record = json.dumps(schema.avro_record(name), separators=(",", ":"))
    steps = (
        ResourceStep(
            "schema", f"{name} schema", workflow.group_name(name), f"{name}SchemaArn", {"schema": record}
        ),
        ResourceStep(
            "dataset",
            f"{name} dataset",
            workflow.group_name(name),
            f"{name}Arn",
            {
                "datasetGroupArn": expression("$datasetGroupArn"),
                "datasetType": SERVICE_TYPES[name],
                "schemaArn": expression(f"${name}SchemaArn"),
            },
        ),
        ResourceStep(
            "dataset_import_job",
            f"{name} import",
            workflow.name(name),
            f"{name}ImportArn",
            {
                "datasetArn": expression(f"${name}Arn"),
                "dataSource": {"dataLocation": expression(f"$split.{TRAIN_MEMBERS[name]}")},
                "roleArn": workflow.surroundings.service_role_arn,
                **workflow.scenario.dataset_import,
            },
        ),
    )
    first, *others = (create_and_wait(workflow, step) for step in steps)
    chain = first
    for other in others:
        chain = chain.next(other)
    return chain


def recommendation_filter(workflow: Workflow, what: str, rule: str) -> sfn.Chain:
    """A filter for the batch jobs of the scenario."""
    request = {"datasetGroupArn": expression("$datasetGroupArn"), "filterExpression": rule}
    return create_and_wait(
        workflow, ResourceStep("filter", "filter", workflow.name(what), "filterArn", request)
    )
