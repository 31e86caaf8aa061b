"""The figures of two runs, and how they differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lambdas.reports.comparison.changes import LeadChange, MetricChange
from lambdas.reports.comparison.differences import Draws, independent_difference, paired_changes
from lambdas.reports.comparison.histories import BY_HISTORY, in_group
from lambdas.reports.comparison.run import MetricKey
from lambdas.reports.comparison.user_values import FloatArray
from lambdas.reports.estimates import Difference, Estimate

if TYPE_CHECKING:
    from lambdas.reports.comparison.common import Common, Yardstick
    from lambdas.reports.comparison.differences import CommonUsers, PairedChange
    from lambdas.reports.comparison.run import Run, Segment, Value

_BASELINE, _LEAD = "baseline", "lead"

_Figure = MetricKey | tuple[str, str] | str
"""A metric of the primary list; a group by what it is grouped by and its name; baseline or lead."""
_Pairs = dict[_Figure, tuple[FloatArray, FloatArray]]


class Results:
    """All figures that both runs have, compared.

    users: those that are compared with themselves; without them differences are of independent figures.
    """

    def __init__(self, common: Common, users: CommonUsers | None) -> None:
        """Draw the users once for all figures."""
        self._common = common
        pairs = _pairs(common, users) if users is not None else {}
        changes = paired_changes(list(pairs.values()), draws_of(common.now))
        self._paired: dict[_Figure, PairedChange] = dict(zip(pairs, changes, strict=True))

    @property
    def metrics(self) -> tuple[MetricChange, ...]:
        """The metrics of the lists that the verdicts are about."""
        then, now = self._common.then.primary_values, self._common.now.primary_values
        return tuple(
            self._change(key, then[key], now[key], self._paired.get(key)) for key in self._common.metrics
        )

    @property
    def baseline(self) -> MetricChange | None:
        """How the yardstick changed in the headline's metric; None when the runs have none in common."""
        yardstick, key = self._common.yardstick, self._common.headline
        if yardstick is None or key is None:
            return None
        before = self._common.then.values[yardstick.then][key]
        after = self._common.now.values[yardstick.now][key]
        return self._change(key, before, after, self._paired.get(_BASELINE))

    @property
    def lead(self) -> LeadChange | None:
        """How the lead over the yardstick changed in the headline's metric."""
        yardstick, key = self._common.yardstick, self._common.headline
        if yardstick is None or key is None:
            return None
        before, after = (run.leads[yardstick.source][key] for run in (self._common.then, self._common.now))
        paired = self._paired.get(_LEAD)
        difference = paired.difference if paired else self.independent(before.absolute, after.absolute)
        return LeadChange(yardstick.source, before, after, difference.absolute)

    def group(self, segment: Segment) -> PairedChange | None:
        """How a group of users changed; None where they are not compared with themselves."""
        return self._paired.get((segment.by, segment.group))

    def _change(
        self, key: MetricKey, before: Value, after: Value, paired: PairedChange | None
    ) -> MetricChange:
        if paired is not None:
            return MetricChange(
                *key, before.estimate, after.estimate, paired.difference, paired.users, paired.identical
            )
        difference = self.independent(before.estimate, after.estimate)
        return MetricChange(*key, before.estimate, after.estimate, difference, min(before.users, after.users))

    def independent(self, then: Estimate, now: Estimate) -> Difference:
        """The difference of figures of different users; without an interval where those are of different confidence."""
        if self._common.confidence is None:
            then, now = Estimate(then.value), Estimate(now.value)
        return independent_difference(then, now)


def draws_of(run: Run) -> Draws:
    """How the settings of a run say that users are resampled."""
    return Draws(run.resamples, run.seed, run.confidence)


def _pairs(common: Common, users: CommonUsers) -> _Pairs:
    """Everybody's values then and now of all that users have values of."""
    pairs: _Pairs = {}
    for key in common.metrics:
        values = users.values((common.then.primary, key), (common.now.primary, key))
        if values is not None:
            pairs[key] = values
    if common.headline in pairs:
        mine = pairs[common.headline]
        pairs |= _groups(common, users, mine)
        if common.yardstick:
            pairs |= _against(common.yardstick, common.headline, users, mine)
    return pairs


def _against(
    yardstick: Yardstick, key: MetricKey, users: CommonUsers, mine: tuple[FloatArray, FloatArray]
) -> _Pairs:
    scores = users.values((yardstick.then, key), (yardstick.now, key))
    if scores is None:
        return {}
    return {_BASELINE: scores, _LEAD: (mine[0] - scores[0], mine[1] - scores[1])}


def _groups(common: Common, users: CommonUsers, mine: tuple[FloatArray, FloatArray]) -> _Pairs:
    """The headline's values of every group of users, undefined for the others: all groups share the draws."""
    pairs: _Pairs = {}
    for _, segment in common.segments:
        inside = in_group(users, segment.group) if segment.by == BY_HISTORY else None
        if inside is not None:
            then, now = (np.where(inside, values, np.nan) for values in mine)
            pairs[segment.by, segment.group] = then, now
    return pairs
