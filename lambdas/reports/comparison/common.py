"""What two runs have in common, so that it can be compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambdas.reports.names import HIGHER_IS_BETTER

if TYPE_CHECKING:
    from lambdas.reports.comparison.run import ListKey, MetricKey, Run, Segment

# Kinds whose lists are judged by what users did next. The others mean something else by the same metric.
_JUDGED_BY_FUTURE = frozenset({"users", "related_items"})
# Baselines that tell how hard the data is: the first that both runs have is taken.
_YARDSTICKS = ("popularity_without_seen", "popular_genres", "random_held_out", "popularity", "no_events")


@dataclass(frozen=True, slots=True)
class Yardstick:
    """A baseline of both runs, by its list in either."""

    source: str
    then: ListKey
    now: ListKey


@dataclass(frozen=True, slots=True)
class Common:
    """Metrics of the lists that both verdicts are about, and a baseline.

    headline: what the outcome rests on: the later run's primary metric before the earlier one's before any other.
    judged_alike: whether a metric means the same in both runs.
    confidence: of the intervals of both runs; None where it is not the same.
    """

    then: Run
    now: Run
    metrics: tuple[MetricKey, ...]
    headline: MetricKey | None
    yardstick: Yardstick | None
    judged_alike: bool
    confidence: float | None

    @classmethod
    def of(cls, then: Run, now: Run) -> Common:
        """Look through both runs."""
        metrics = tuple(key for key in now.primary_values if key in then.primary_values)
        accuracy = [key for key in metrics if key[0] in HIGHER_IS_BETTER]
        preferred = ((now.metric, now.k), (then.metric, then.k), *accuracy)
        headline = next((key for key in preferred if key in metrics), None)
        return cls(
            then=then,
            now=now,
            metrics=metrics,
            headline=headline,
            yardstick=_yardstick(then, now, headline) if headline else None,
            judged_alike=then.kind == now.kind or {then.kind, now.kind} <= _JUDGED_BY_FUTURE,
            confidence=now.confidence if now.confidence == then.confidence else None,
        )

    @property
    def segments(self) -> list[tuple[Segment, Segment]]:
        """Groups of both runs, then and now; none when the verdicts, in whose metric they are told, differ in it."""
        if not (
            self.judged_alike
            and self.headline == (self.now.metric, self.now.k) == (self.then.metric, self.then.k)
        ):
            return []
        before = {(segment.by, segment.group): segment for segment in self.then.segments}
        keyed = [((segment.by, segment.group), segment) for segment in self.now.segments]
        return [(before[key], segment) for key, segment in keyed if key in before]

    def wanted(self, run: Run) -> dict[ListKey, list[MetricKey]]:
        """Whose users' values are needed: the primary list's, and the baseline's in the headline's metric."""
        lists = {run.primary: list(self.metrics)}
        if self.yardstick and self.headline:
            lists[self.yardstick.then if run is self.then else self.yardstick.now] = [self.headline]
        return lists


def _yardstick(then: Run, now: Run, headline: MetricKey) -> Yardstick | None:
    for source in _YARDSTICKS:
        before, after = _baseline_list(then, source, headline), _baseline_list(now, source, headline)
        if before and after:
            return Yardstick(source, before, after)
    return None


def _baseline_list(run: Run, source: str, headline: MetricKey) -> ListKey | None:
    """The list of a baseline that the run has a value of and a lead over."""
    key = run.list_of(source)
    known = key is not None and headline in run.values[key] and headline in run.leads.get(source, {})
    return key if known else None
