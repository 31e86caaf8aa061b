"""The `sims` scenario: which items go with this item, and does that predict what comes next?"""

from __future__ import annotations

from aws_cdk import aws_stepfunctions as sfn

from config.models import SimsSettings
from statemachines import data, ends, evaluation, models
from statemachines.jsonata import expression
from statemachines.workflow import Workflow


def definition(workflow: Workflow) -> sfn.IChainable:
    """Split → import → train each variant → related items of every cause → evaluate → announce.

    A user's cause is the last item before the cut; the items of the report's table are asked for, too.
    """
    scenario = workflow.scenario
    if not isinstance(scenario, SimsSettings):
        raise TypeError(f"sims cannot be built from {type(scenario).__name__}")
    queries = {"kind": "items", "causes": scenario.causes.model_dump(mode="json")}
    judged = {
        **evaluation.VARIANTS,
        "reference_variant": "default" if scenario.search.enabled else None,
        "user_causes": expression("$split.user_causes"),
        "causes": expression("$split.causes"),
        **({"catalogue": expression("$split.catalogue")} if scenario.data.items else {}),
    }
    return (
        sfn.Chain.start(ends.begin(workflow))
        .next(data.split_data(workflow, queries=queries))
        .next(data.dataset_group(workflow))
        .next(data.datasets(workflow))
        .next(models.train_and_recommend_variants(workflow))
        .next(evaluation.evaluate(workflow, judged, kind="related_items"))
        .next(ends.announce_and_end(workflow))
    )
