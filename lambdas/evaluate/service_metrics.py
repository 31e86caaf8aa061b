"""The figures Personalize itself reports for a solution version, from its own internal hold-out."""

from __future__ import annotations

from typing import Any


def solution_metrics(personalize: Any, solution_version_arn: str) -> dict[str, float]:
    """Metrics by the service's names, in its order (GetSolutionMetrics). Client errors pass through."""
    answer = personalize.get_solution_metrics(solutionVersionArn=solution_version_arn)
    return {str(name): float(value) for name, value in answer["metrics"].items()}
