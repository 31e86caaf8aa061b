"""How much of the service a run used, from its facts, its files and what the service tells of its solution versions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lambdas.evaluate.cost import Training, Usage
from lambdas.evaluate.evaluation import Evaluation
from lambdas.shared.storage import S3Client, list_objects

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lambdas.evaluate.replay import Replay
    from lambdas.evaluate.request import EvaluateRequest

_V2 = "-v2"
_CAMPAIGN_STAGE = "campaign"


def usage_of_run(
    request: EvaluateRequest,
    found: Evaluation | Replay,
    diagnosis: Mapping[str, Any] | None,
    s3: S3Client,
    personalize: Any,
) -> Usage:
    """What a run used. Errors of the services pass through."""
    common: dict[str, Any] = {
        "imported_bytes": _imported_bytes(request, s3),
        "trainings": _trainings(request, personalize),
        "interactions": _interactions(found, diagnosis),
        "v2": _is_v2(_recipe(request)),
    }
    if isinstance(found, Evaluation):
        return Usage(**common, batch_records=sum(answers.tally.records for answers in found.answers.values()))
    pairs = found.source.pairs
    return Usage(
        **common,
        batch_records=0,
        campaign_hours=_campaign_hours(request.facts),
        # Every row is an answer for A; B is asked once.
        requests=found.source.rows + len(pairs) + found.source.incomplete_pairs,
        streamed_events=sum(pair.all_events for pair in pairs),
    )


def _imported_bytes(request: EvaluateRequest, s3: S3Client) -> int | None:
    """Size of what was imported; None when the facts do not tell which datasets were."""
    datasets = request.facts.get("imported")
    if not datasets:
        return None
    prefixes = [request.locations.train / f"{name}/" for name in datasets]
    return sum(entry.size for prefix in prefixes for entry in list_objects(s3, prefix))


def _trainings(request: EvaluateRequest, personalize: Any) -> tuple[Training, ...]:
    """Every solution version once, however many variants share it; one that nobody knows when none is named."""
    arns = dict.fromkeys(variant.solution_version_arn for variant in request.variants)
    return tuple(
        Training(v2=_is_v2(_recipe(request)), hours=None) if arn is None else _training(personalize, arn)
        for arn in arns
    )


def _training(personalize: Any, arn: str) -> Training:
    version = personalize.describe_solution_version(solutionVersionArn=arn)["solutionVersion"]
    hours = version.get("trainingHours")
    return Training(v2=_is_v2(version.get("recipeArn", "")), hours=None if hours is None else float(hours))


def _interactions(found: Evaluation | Replay, diagnosis: Mapping[str, Any] | None) -> int | None:
    """Training interactions, from the diagnosis where the files at hand do not tell."""
    if isinstance(found, Evaluation):
        return int(found.data.counts.sum())
    counted = ((diagnosis or {}).get("counts") or {}).get("train_interactions")
    return None if counted is None else int(counted)


def _campaign_hours(facts: Mapping[str, Any]) -> float | None:
    """Provisioned transactions per second times the hours of the stages that came after the campaign was there.

    The service bills until the campaign is gone; how long its deletion took is not among the facts.
    """
    stages = [
        (str(entry.get("stage")), float(entry.get("seconds") or 0)) for entry in facts.get("stages") or ()
    ]
    names = [name for name, _ in stages]
    campaign = facts.get("campaign")
    if campaign is None or _CAMPAIGN_STAGE not in names:
        return None
    after = stages[names.index(_CAMPAIGN_STAGE) + 1 :]
    hours = sum(seconds for _, seconds in after) / 3600
    return float(campaign.get("minProvisionedTPS", 1)) * hours


def _recipe(request: EvaluateRequest) -> str:
    first = request.variants[0].facts.get("recipe_arn") or request.facts.get("recipe_arn")
    return str(first or "")


def _is_v2(recipe_arn: str) -> bool:
    return recipe_arn.endswith(_V2)
