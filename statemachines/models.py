"""From imported datasets to recommendations: one model, or several on the same split."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aws_cdk import aws_stepfunctions as sfn

from config.models import Variant
from lambdas.shared.naming import content_key
from statemachines.failure import caught_from_inside
from statemachines.jsonata import expression
from statemachines.resource import ResourceStep, create_and_wait
from statemachines.workflow import Workflow

# The service limits describe calls to one a second per account: two loops that look every few minutes stay far below.
MODELS_AT_A_TIME = 2


def train(workflow: Workflow) -> sfn.Chain:
    """The solution, whose name holds the hash of its settings, and the run's own version of it."""
    return _trained(workflow, dict(workflow.scenario.solution), None, workflow.name("version"))


def recommend(workflow: Workflow) -> sfn.Chain:
    """Recommendations for every query, by one batch job."""
    return _recommended(
        workflow,
        dict(workflow.scenario.batch_inference),
        None,
        name=workflow.name("batch"),
        output=expression("$split.recommendations"),
    )


def train_and_recommend_variants(
    workflow: Workflow, batch_inference: Mapping[str, Any] | None = None
) -> sfn.Chain:
    """Every variant's recommendations in the variable `variants`; what differs is trained, each once.

    `batch_inference` holds members that every batch job gets besides its variant's own.
    """
    variants = workflow.scenario.trained_variants()
    one_model = len({content_key(variant.solution) for variant in variants.values()}) == 1
    inner = workflow.inside("variant")
    variant = inner.variables["variant"]
    take = sfn.Pass.jsonata(
        workflow.scope,
        "Take variant",
        assign={
            inner.variables.name("variant"): expression("$states.input"),
            inner.variables.name("stages"): [],
        },
        outputs={},
    )
    chain: sfn.Chain = sfn.Chain.start(take)
    if not one_model:
        version = expression(f"'{workflow.name('version')}-' & {variant}.slug")
        chain = chain.next(_trained(inner, {}, expression(f"{variant}.solution"), version))
    version_arn = "$solutionVersionArn" if one_model else inner.variables["solutionVersionArn"]
    output = f"$split.recommendations & {variant}.name & '/'"
    chain = chain.next(
        _recommended(
            inner,
            dict(batch_inference or {}),
            expression(f"{variant}.batch_inference"),
            name=expression(f"'{workflow.name('batch')}-' & {variant}.slug"),
            output=expression(output),
            version_arn=version_arn,
        )
    )
    tell = sfn.Pass.jsonata(
        workflow.scope,
        "Variant recommended",
        outputs={
            "name": expression(f"{variant}.name"),
            "recommendations": expression(output),
            "solution_version_arn": expression(version_arn),
            "facts": {
                "solution": expression(f"{variant}.solution"),
                "batch_inference": expression(f"{variant}.batch_inference"),
                "batch_inference_job_arn": expression(inner.variables["batchInferenceJobArn"]),
            },
            "stages": expression(inner.variables["stages"]),
        },
    )
    chain = chain.next(tell)
    each = _map(workflow, variants)
    each.item_processor(chain)
    each.add_catch(
        workflow.failure, errors=["States.ALL"], assign=caught_from_inside("variants", workflow.variables)
    )
    return sfn.Chain.start(train(workflow)).next(each) if one_model else sfn.Chain.start(each)


def _map(workflow: Workflow, variants: Mapping[str, Variant]) -> sfn.Map:
    items = [
        {
            "name": name,
            "slug": name.replace("_", "-").replace(".", "-"),
            "solution": dict(variant.solution),
            "batch_inference": dict(variant.batch_inference),
        }
        for name, variant in variants.items()
    ]
    labelled = (
        "$states.result.($name := name; stages.{'stage': stage & ' (' & $name & ')', 'seconds': seconds})"
    )
    return sfn.Map.jsonata(
        workflow.scope,
        "For each variant",
        items=sfn.ProvideItems.json_array(items),
        max_concurrency=MODELS_AT_A_TIME,
        assign={
            # In brackets: a sequence of one would become its element.
            "variants": expression("[$states.result.$sift(function($v, $k) { $k != 'stages' })]"),
            "stages": expression(f"$append($stages, {labelled})"),
        },
        outputs={},
    )


def _trained(
    workflow: Workflow, solution: dict[str, Any], settings: str | None, version_name: str
) -> sfn.Chain:
    group = {"datasetGroupArn": expression("$datasetGroupArn")}
    wanted = ResourceStep(
        "solution",
        "solution",
        workflow.name("solution"),
        "solutionArn",
        {**group, **solution},
        settings=settings,
        # A solution never sees columns that came after it: with another schema it must be another solution.
        rests_on=tuple(expression(f"${name}SchemaArn") for name in workflow.scenario.imported),
    )
    version = ResourceStep(
        "solution_version",
        "solution version",
        version_name,
        "solutionVersionArn",
        {
            "solutionArn": expression(workflow.variables["solutionArn"]),
            **workflow.scenario.solution_version,
        },
    )
    return sfn.Chain.start(create_and_wait(workflow, wanted)).next(create_and_wait(workflow, version))


def _recommended(
    workflow: Workflow,
    batch_inference: dict[str, Any],
    settings: str | None,
    *,
    name: str,
    output: str,
    version_arn: str = "$solutionVersionArn",
) -> sfn.Chain:
    encryption = workflow.encryption()
    request = {
        "solutionVersionArn": expression(version_arn),
        "jobInput": {"s3DataSource": {"path": expression("$split.queries"), **encryption}},
        "jobOutput": {"s3DataDestination": {"path": output, **encryption}},
        "roleArn": workflow.surroundings.service_role_arn,
        **batch_inference,
    }
    step = ResourceStep(
        "batch_inference_job", "batch inference", name, "batchInferenceJobArn", request, settings=settings
    )
    return create_and_wait(workflow, step)
