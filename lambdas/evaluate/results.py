"""Everything that is known about a run once it is measured: what reports and documents are made from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lambdas.evaluate.run_date import this_moment, today

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lambdas.evaluate.catalogue import Catalogue
    from lambdas.evaluate.cost import Cost
    from lambdas.evaluate.evaluation import Evaluation
    from lambdas.evaluate.previous import Previous
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
    run_date: UTC date of the run's first evaluation, as 2026-11-24; today for a run that was not evaluated before.
    cost: what the run cost at the service, estimated; None when no prices are known.
    evaluated_at: UTC time of the run's first evaluation, as 2026-11-24T07:41:06.123Z.
    previous: what has changed since the run before; None when there is none.
    """

    request: EvaluateRequest
    evaluation: Evaluation | Replay
    verdict: Verdict
    service_metrics: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    diagnosis: Mapping[str, Any] | None = None
    catalogue: Catalogue | None = None
    run_date: str = field(default_factory=today)
    cost: Cost | None = None
    evaluated_at: str = field(default_factory=this_moment)
    previous: Previous | None = None

    @property
    def first_service_metrics(self) -> Mapping[str, float] | None:
        """The figures of the variant that the verdict is about; None when it was not asked for."""
        return self.service_metrics.get(self.request.variants[0].name)
