"""What a comparison of two runs comes to, as values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from lambdas.reports.estimates import UNDEFINED, Difference, Estimate

if TYPE_CHECKING:
    from lambdas.reports.comparison.counts import CountChange
    from lambdas.reports.comparison.run import MetricKey, Run, Segment
    from lambdas.reports.comparison.settings import SettingChange


class Outcome(StrEnum):
    """Where the interval of the difference lies: above zero, below, across. same: nobody's value differs."""

    BETTER = "better"
    WORSE = "worse"
    SAME = "same"
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True, slots=True)
class Basis:
    """How differences were made.

    users: how many both runs have; None when the users' values could not be read.
    paired: every user is compared with themself. reason: why not, in words; empty when paired.
    confidence: of the intervals; None where there are none, because the runs' own are of different confidence.
    """

    paired: bool
    users: int | None
    reason: str
    confidence: float | None


@dataclass(frozen=True, slots=True)
class MetricChange:
    """A metric of both runs' primary lists, or of a baseline's.

    then, now: over all users of either run. difference: paired over `users` of both runs, or independent.
    users: those for whom the difference is defined; when independent, those of the smaller run.
    identical: nobody's value differs.
    """

    metric: str
    k: int
    then: Estimate
    now: Estimate
    difference: Difference
    users: int
    identical: bool = False

    @property
    def key(self) -> MetricKey:
        """Metric and cut-off."""
        return self.metric, self.k


@dataclass(frozen=True, slots=True)
class LeadChange:
    """How far the primary list is ahead of a baseline in both runs, and by how much that has changed (absolute)."""

    baseline: str
    then: Difference
    now: Difference
    change: Estimate


@dataclass(frozen=True, slots=True)
class SegmentChange:
    """A group that both runs have, and the difference of its value.

    users: over whom the difference is; when it is not paired, those of the smaller run.
    """

    then: Segment
    now: Segment
    difference: Estimate
    users: int
    paired: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs, side by side.

    judged_alike: whether a metric means the same in both runs.
    headline: the metric that the outcome rests on; None when the runs have no metric in common.
    metrics: all that both have, of the lists that the verdicts are about.
    baseline: the headline's metric of a baseline that both have, which tells whether the data got harder.
    lead: how far ahead of that baseline the lists are.
    readings: what the figures mean together. notices: what to know before trusting them. Both in sentences.
    """

    then: Run
    now: Run
    judged_alike: bool
    basis: Basis
    outcome: Outcome
    sentence: str
    headline: MetricChange | None
    metrics: tuple[MetricChange, ...]
    baseline: MetricChange | None
    lead: LeadChange | None
    settings: tuple[SettingChange, ...]
    counts: tuple[CountChange, ...]
    segments: tuple[SegmentChange, ...]
    readings: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()

    @property
    def changed_counts(self) -> tuple[CountChange, ...]:
        """What of the data is not what it was."""
        return tuple(count for count in self.counts if count.changed)

    def as_document(self) -> dict[str, Any]:
        """The comparison as JSON values: the member `previous` of metrics.json."""
        headline = self.headline
        difference = headline.difference.absolute if headline else UNDEFINED
        relative = headline.difference.relative if headline else UNDEFINED
        return {
            "run_id": self.then.run_id,
            "sentence": self.sentence,
            "outcome": self.outcome.value,
            "metric": headline.metric if headline else None,
            "k": headline.k if headline else None,
            "value": headline.then.value if headline else None,
            "difference": difference.value,
            "low": difference.low,
            "high": difference.high,
            "relative_difference": relative.value,
            "relative_low": relative.low,
            "relative_high": relative.high,
            "paired": self.basis.paired,
            "users": headline.users if headline else 0,
            "settings_changed": [change.path for change in self.settings],
            "data_changed": [change.name for change in self.changed_counts],
        }
