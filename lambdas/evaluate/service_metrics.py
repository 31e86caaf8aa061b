"""The figures Personalize itself reports for a solution version, from its own internal hold-out."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lambdas.evaluate.request import Variant


def solution_metrics(personalize: Any, solution_version_arn: str) -> dict[str, float]:
    """Metrics by the service's names, in its order (GetSolutionMetrics). Client errors pass through."""
    answer = personalize.get_solution_metrics(solutionVersionArn=solution_version_arn)
    return {str(name): float(value) for name, value in answer["metrics"].items()}


def metrics_of_variants(personalize: Any, variants: Iterable[Variant]) -> dict[str, dict[str, float]]:
    """The figures of every variant that has a solution version; one that several share is asked for once."""

    @cache
    def asked(arn: str) -> dict[str, float]:
        return solution_metrics(personalize, arn)

    return {
        variant.name: asked(variant.solution_version_arn)
        for variant in variants
        if variant.solution_version_arn
    }
