"""The `hrnn` scenario: does a model of each user's history beat popularity on this data?"""

from __future__ import annotations

from aws_cdk import aws_stepfunctions as sfn

from statemachines import data, ends, evaluation, models
from statemachines.jsonata import expression
from statemachines.workflow import Workflow


def definition(workflow: Workflow) -> sfn.IChainable:
    """Split → import → train → recommend to every held-out user → evaluate → announce."""
    titles = (
        {"catalogue": expression("$split.catalogue")} if workflow.scenario.data.present().get("items") else {}
    )
    return (
        sfn.Chain.start(ends.begin(workflow))
        .next(data.split_data(workflow))
        .next(data.dataset_group(workflow))
        .next(data.datasets(workflow))
        .next(models.train(workflow))
        .next(models.recommend(workflow))
        .next(evaluation.evaluate(workflow, {**evaluation.ONE_MODEL, **titles}))
        .next(ends.announce_and_end(workflow))
    )
