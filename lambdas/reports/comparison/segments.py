"""For whom a run is better or worse than another: groups of users and items that both runs have."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lambdas.reports.comparison.changes import SegmentChange
from lambdas.reports.estimates import MINIMUM_USERS, Estimate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lambdas.reports.comparison.common import Common
    from lambdas.reports.comparison.results import Results
    from lambdas.reports.comparison.run import Segment


def segment_changes(common: Common, results: Results) -> Iterator[SegmentChange]:
    """The groups of both runs, in the later run's order.

    Groups of users by length of history are paired where users are: over those who are in the group in both runs.
    Below MINIMUM_USERS a difference has no interval.
    """
    for then, now in common.segments:
        change = _change(results, then, now)
        few = change.users < MINIMUM_USERS
        yield replace(change, difference=Estimate(change.difference.value)) if few else change


def _change(results: Results, then: Segment, now: Segment) -> SegmentChange:
    paired = results.group(now)
    if paired:
        return SegmentChange(then, now, paired.difference.absolute, paired.users, paired=True)
    difference = results.independent(then.value, now.value).absolute
    return SegmentChange(then, now, difference, min(then.users, now.users), paired=False)
