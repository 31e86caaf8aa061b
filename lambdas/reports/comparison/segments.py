"""For whom a run is better or worse than another: groups of users and items that both runs have."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lambdas.reports.comparison.changes import SegmentChange
from lambdas.reports.comparison.differences import independent_difference, paired_changes
from lambdas.reports.comparison.results import draws_of
from lambdas.reports.estimates import Estimate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from lambdas.reports.comparison.common import Common
    from lambdas.reports.comparison.differences import CommonUsers
    from lambdas.reports.comparison.run import Segment

BY_HISTORY = "history"


def segment_changes(common: Common, users: CommonUsers | None) -> Iterator[SegmentChange]:
    """The groups of both runs, in the later run's order; none when the verdicts are about different metrics.

    Groups of users by length of history are paired where users are: over those who are in the group in both runs.
    """
    if not (common.same_headline and common.judged_alike):
        return
    before = {(segment.by, segment.group): segment for segment in common.then.segments}
    for segment in common.now.segments:
        if (segment.by, segment.group) in before:
            earlier = before[segment.by, segment.group]
            yield _paired(common, users, earlier, segment) or _independent(common, earlier, segment)


def _paired(common: Common, users: CommonUsers | None, then: Segment, now: Segment) -> SegmentChange | None:
    key = common.headline
    if users is None or key is None or now.by != BY_HISTORY or users.histories is None:
        return None
    values = users.values((common.then.primary, key), (common.now.primary, key))
    bounds = _bounds(now.group)
    if values is None or bounds is None:
        return None
    inside = np.logical_and(*(_within(histories, bounds) for histories in users.histories))
    (change,) = paired_changes([(values[0][inside], values[1][inside])], draws_of(common.now))
    return SegmentChange(then, now, change.difference.absolute, change.users, paired=True)


def _independent(common: Common, then: Segment, now: Segment) -> SegmentChange:
    before, after = then.value, now.value
    if common.confidence is None:
        before, after = Estimate(before.value), Estimate(after.value)
    difference = independent_difference(before, after).absolute
    return SegmentChange(then, now, difference, min(then.users, now.users), paired=False)


def _bounds(group: str) -> tuple[int, int | None] | None:
    """`010-019` or `500+`: the training interactions of the group's users."""
    low, _, high = group.partition("-")
    if group.endswith("+") and group[:-1].isdigit():
        return int(group[:-1]), None
    return (int(low), int(high)) if low.isdigit() and high.isdigit() else None


def _within(histories: NDArray[np.int64], bounds: tuple[int, int | None]) -> NDArray[np.bool_]:
    low, high = bounds
    return (histories >= low) & (histories <= (high if high is not None else np.iinfo(np.int64).max))
