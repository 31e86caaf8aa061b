"""The `coldstart` scenario: can items that nobody has touched be shown to the right people?"""

from __future__ import annotations

from aws_cdk import aws_stepfunctions as sfn

from config.models import COLD_COLUMN, AvroField
from statemachines import data, ends, evaluation, models
from statemachines.jsonata import expression
from statemachines.workflow import Workflow

ONLY_COLD = f'INCLUDE ItemID WHERE Items.{COLD_COLUMN} IN ("true")'


def definition(workflow: Workflow) -> sfn.IChainable:
    """Split off items → import the others' past and all items → train → only cold items → evaluate → announce.

    The column by which the filter knows the cold items is a plain string, which no recipe trains on.
    """
    items = workflow.scenario.data.present()["items"].avro_schema
    marked = items.model_copy(
        update={"fields": (*items.fields, AvroField(name=COLD_COLUMN, type=("string",)))}
    )
    judged = {**evaluation.VARIANTS, "catalogue": expression("$split.catalogue")}
    only_cold = {"filterArn": expression("$filterArn")}
    return (
        sfn.Chain.start(ends.begin(workflow))
        .next(data.split_data(workflow, needs_features=True))
        .next(data.dataset_group(workflow))
        .next(data.datasets(workflow, {"items": marked}))
        .next(data.recommendation_filter(workflow, "only-cold", ONLY_COLD))
        .next(models.train_and_recommend_variants(workflow, only_cold))
        .next(evaluation.evaluate(workflow, judged, kind="cold_items"))
        .next(ends.announce_and_end(workflow))
    )
