"""Everything that is known about a run once it is measured: what reports and documents are made from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lambdas.evaluate.catalogue import Catalogue
    from lambdas.evaluate.evaluation import Evaluation
    from lambdas.evaluate.replay import Replay
    from lambdas.evaluate.request import EvaluateRequest
    from lambdas.evaluate.verdict import Verdict


@dataclass(frozen=True, slots=True)
class RunResults:
    """A measured run.

    service_metrics: by variant the service's own figures by its names; a variant that has no solution version is
        left out.
    diagnosis: the document that split_data wrote, None when the run has none.
    catalogue: titles to tell items by, None when the run has none.
    """

    request: EvaluateRequest
    evaluation: Evaluation | Replay
    verdict: Verdict
    service_metrics: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    diagnosis: Mapping[str, Any] | None = None
    catalogue: Catalogue | None = None

    @property
    def first_service_metrics(self) -> Mapping[str, float] | None:
        """The figures of the variant that the verdict is about; None when it was not asked for."""
        return self.service_metrics.get(self.request.variants[0].name)
