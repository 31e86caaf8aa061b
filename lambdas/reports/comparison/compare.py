"""Comparing two runs from the files of their reports."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lambdas.reports.comparison.changes import Comparison, MetricChange, Outcome
from lambdas.reports.comparison.common import Common
from lambdas.reports.comparison.counts import count_changes
from lambdas.reports.comparison.pairing import pair_users
from lambdas.reports.comparison.results import Results
from lambdas.reports.comparison.run import read_run
from lambdas.reports.comparison.segments import segment_changes
from lambdas.reports.comparison.settings import setting_changes
from lambdas.reports.comparison.user_values import users_in
from lambdas.reports.comparison.wording import notices, readings, sentence
from lambdas.reports.estimates import MINIMUM_USERS
from lambdas.reports.names import HIGHER_IS_BETTER

if TYPE_CHECKING:
    from pathlib import Path

    from lambdas.reports.comparison.run import Run
    from lambdas.reports.comparison.user_values import UserReader


def compare_folders(then: Path, now: Path) -> Comparison:
    """What changed from the run of one report folder to that of another. Raises UnreadableRunError."""
    before, after = read_run(then), read_run(now)
    return compare(before, after, (users_in(then, before), users_in(now, after)))


def compare(then: Run, now: Run, readers: tuple[UserReader, UserReader]) -> Comparison:
    """What changed from one run to another. readers: of the users' values of both.

    Whatever is wrong with users' values becomes the reason why users are not compared with themselves.
    """
    common = Common.of(then, now)
    users, basis = pair_users(common, readers)
    results = Results(common, users)
    metrics = results.metrics
    headline = next((change for change in metrics if change.key == common.headline), None)
    found = Comparison(
        then=then,
        now=now,
        judged_alike=common.judged_alike,
        basis=basis,
        outcome=outcome_of(headline) if common.judged_alike else Outcome.CANNOT_TELL,
        sentence="",
        headline=headline,
        metrics=metrics,
        baseline=results.baseline,
        lead=results.lead,
        settings=setting_changes(then, now),
        counts=count_changes(then, now),
        segments=tuple(segment_changes(common, results)),
    )
    return replace(
        found, sentence=sentence(found), readings=tuple(readings(found)), notices=tuple(notices(found))
    )


def outcome_of(headline: MetricChange | None) -> Outcome:
    """Where the interval of the difference lies; nothing is claimed without one, or on few users."""
    if headline is None or headline.metric not in HIGHER_IS_BETTER:
        return Outcome.CANNOT_TELL
    if headline.identical:
        return Outcome.SAME
    difference = headline.difference.absolute
    if headline.users < MINIMUM_USERS or difference.low is None or difference.high is None:
        return Outcome.CANNOT_TELL
    if difference.low > 0:
        return Outcome.BETTER
    return Outcome.WORSE if difference.high < 0 else Outcome.CANNOT_TELL
