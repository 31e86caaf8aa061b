"""The `hrnn` scenario: does a model of each user's history beat popularity on this data?"""

from __future__ import annotations

from aws_cdk import aws_stepfunctions as sfn

from statemachines import steps
from statemachines.workflow import Workflow


def definition(workflow: Workflow) -> sfn.IChainable:
    """Split → import → train → recommend to every held-out user → evaluate → announce."""
    return (
        sfn.Chain.start(steps.begin(workflow))
        .next(steps.split_data(workflow))
        .next(steps.dataset_group(workflow))
        .next(steps.interactions_dataset(workflow))
        .next(steps.train(workflow))
        .next(steps.recommend(workflow))
        .next(steps.evaluate(workflow))
        .next(steps.announce_and_end(workflow))
    )
