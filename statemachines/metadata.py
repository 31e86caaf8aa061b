"""The `metadata` scenario: what do user, item and event metadata add?"""

from __future__ import annotations

from aws_cdk import aws_stepfunctions as sfn

from statemachines import data, ends, evaluation, models
from statemachines.jsonata import expression
from statemachines.workflow import Workflow


def definition(workflow: Workflow) -> sfn.IChainable:
    """Split → import all three datasets → the same recipe with and without metadata → compare → announce."""
    judged = {
        **evaluation.VARIANTS,
        "reference_variant": "without_metadata",
        "headline": "reference",
        "catalogue": expression("$split.catalogue"),
    }
    return (
        sfn.Chain.start(ends.begin(workflow))
        .next(data.split_data(workflow, needs_features=True))
        .next(data.dataset_group(workflow))
        .next(data.datasets(workflow))
        .next(models.train_and_recommend_variants(workflow))
        .next(evaluation.evaluate(workflow, judged))
        .next(ends.announce_and_end(workflow))
    )
