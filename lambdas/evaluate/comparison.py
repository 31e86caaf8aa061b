"""What every kind of evaluation comes to: values of lists, and differences between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambdas.evaluate.metrics import METRICS
from lambdas.reports.names import metric_label

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lambdas.evaluate.examples import Example
    from lambdas.evaluate.lists import ListName
    from lambdas.evaluate.segments import Segment
    from lambdas.evaluate.settings import EvaluationSettings
    from lambdas.reports.estimates import Difference, Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Measured lists, side by side.

    lists: the variants' lists, two each, then the baselines'.
    values, users: for every (list, metric, k) the mean with its interval, and over how many users it is.
    differences: for every (variant's list, other list, metric, k); the other is a baseline, or the reference
        variant's list of the same treatment.
    primary, rival: the two lists that the verdict compares, in `metric` at `cutoff`.
    segments: that comparison by groups of users and items. examples: a few users' lists. A replay has neither.
    """

    settings: EvaluationSettings
    lists: tuple[ListName, ...]
    values: Mapping[tuple[ListName, str, int], Estimate]
    users: Mapping[tuple[ListName, str, int], int]
    differences: Mapping[tuple[ListName, ListName, str, int], Difference]
    primary: ListName
    rival: ListName
    metric: str
    cutoff: int
    segments: tuple[Segment, ...] = ()
    examples: tuple[Example, ...] = ()

    @property
    def baselines(self) -> tuple[ListName, ...]:
        """The baselines' lists, in the order of the settings."""
        return tuple(name for name in self.lists if name.is_baseline)

    @property
    def model_lists(self) -> tuple[ListName, ...]:
        """The variants' lists, in the order of the event."""
        return tuple(name for name in self.lists if not name.is_baseline)

    @property
    def variants(self) -> tuple[str, ...]:
        """The variants' names, in the order of the event."""
        return tuple(dict.fromkeys(name.source for name in self.model_lists))

    @property
    def metrics(self) -> tuple[str, ...]:
        """The metrics that were measured, in the order in which reports tell them."""
        measured = {metric for _, metric, _ in self.values}
        return tuple(name for name in METRICS if name in measured)

    def others(self, name: ListName) -> tuple[ListName, ...]:
        """The lists that a variant's list was compared with, the baselines first."""
        compared = {other for one, other, _, _ in self.differences if one == name}
        return tuple(sorted(compared, key=lambda other: (not other.is_baseline, self.lists.index(other))))

    def cutoffs_of(self, metric: str) -> tuple[int, ...]:
        """The cut-offs at which a metric was measured, ascending."""
        return tuple(sorted({k for _, name, k in self.values if name == metric}))

    def label(self, metric: str, k: int) -> str:
        """How a metric is written for people: `NDCG@10`, and `cold-item NDCG@10` where all relevant items are cold."""
        return metric_label(metric, k, self.settings.kind.value)
