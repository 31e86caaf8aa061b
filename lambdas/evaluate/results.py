"""Everything that is known about a run once it is measured: what reports and documents are made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lambdas.evaluate.evaluation import Evaluation
    from lambdas.evaluate.request import EvaluateRequest
    from lambdas.evaluate.verdict import Verdict


@dataclass(frozen=True, slots=True)
class RunResults:
    """A measured run.

    service_metrics: the service's own figures by its names, None when it was not asked.
    diagnosis: the document that split_data wrote, None when the run has none.
    """

    request: EvaluateRequest
    evaluation: Evaluation
    verdict: Verdict
    service_metrics: Mapping[str, float] | None = None
    diagnosis: Mapping[str, Any] | None = None
