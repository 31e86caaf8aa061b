"""A run as a row of the table of all runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambdas.reports.charts import interval_text, side
from lambdas.reports.names import metric_label, source_label
from lambdas.reports.numbers import (
    DASH,
    THIN,
    count_text,
    grouped,
    integer_text,
    percent_text,
    signed_percent,
    signed_value,
    value_text,
)
from lambdas.reports.run_folder import COMPARISON_PAGE, REPORT_PAGE
from lambdas.reports.runs import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lambdas.reports.estimates import Difference, Estimate
    from lambdas.reports.runs import FailedAttempt, RunEntry, RunResult

# Reasons hold whatever a service said; the run's own folder has all of it.
_LONGEST_WORDS = 400
_STATES = {
    "better": "better",
    "not_better": "not better",
    "cannot_tell": "cannot tell",
    Status.FAILED: "failed",
    Status.UNFINISHED: "unfinished",
    Status.UNREADABLE: "unreadable",
}
SHARE_METRICS = frozenset({"overlap"})
"""Metrics that people read as shares."""


@dataclass(frozen=True, slots=True)
class Figures:
    """The main figures of a run as text.

    lead_kind: on which side of zero its interval lies. users_unit: `pairs` in a replay, else empty. currency: of the
    cost, empty where that is not known.
    """

    metric: str
    value: str
    value_interval: str
    against: str
    baseline: str
    baseline_interval: str
    lead: str
    lead_interval: str
    lead_kind: str
    users: str
    users_unit: str
    cost: str
    currency: str


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run. state: its outcome or status, by which rows are filtered; told: that in words.

    words: what is to be said instead of figures, empty where there are some. remarks: what is to be said besides.
    """

    scenario: str
    run_id: str
    folder: str
    ended: str
    state: str
    told: str
    figures: Figures | None
    words: tuple[str, ...]
    remarks: tuple[str, ...]
    report: str
    comparison: str


def run_row(entry: RunEntry) -> RunRow:
    """The row of a run."""
    state = state_of(entry)
    shown = entry.result if entry.status is Status.SUCCEEDED else None
    return RunRow(
        scenario=entry.scenario,
        run_id=entry.run_id,
        folder=entry.folder,
        ended=moment_text(entry.ended_at),
        state=state,
        told=state_label(state),
        figures=figures_of(shown) if shown else None,
        words=() if shown else tuple(_words(entry)),
        remarks=tuple(_remarks(entry)) if shown else (),
        report=_link(entry, REPORT_PAGE),
        comparison=_link(entry, COMPARISON_PAGE),
    )


def state_of(entry: RunEntry) -> str:
    """The outcome of a run that succeeded, else its status."""
    succeeded = entry.status is Status.SUCCEEDED and entry.result
    return succeeded.outcome if succeeded else entry.status.value


def state_label(state: str) -> str:
    """An outcome or status in words; an outcome of a later version by its own name."""
    return _STATES.get(state, state.replace("_", " "))


def figures_of(result: RunResult) -> Figures:
    """What a result says in figures."""
    primary, cost = result.primary, result.cost
    text = percent_text if primary.metric in SHARE_METRICS else value_text
    lead, lead_text = shown_difference(primary.difference)
    return Figures(
        metric=metric_label(primary.metric, primary.k, result.kind),
        value=text(primary.value.value),
        value_interval=interval_text(primary.value, text),
        against=source_label(primary.baseline),
        baseline=text(primary.baseline_value.value),
        baseline_interval=interval_text(primary.baseline_value, text),
        lead=lead_text(lead.value),
        lead_interval=interval_text(lead, lead_text),
        lead_kind=side(primary.difference.absolute),
        users=integer_text(result.users),
        users_unit="pairs" if result.kind == "replay" else "",
        cost=_amount(cost.total) if cost else DASH,
        currency=cost.currency if cost else "",
    )


def shown_difference(difference: Difference) -> tuple[Estimate, Callable[[float | None], str]]:
    """The relative difference and how it is written; the absolute one where there is no relative one."""
    relative, absolute = difference.relative, difference.absolute
    if relative.value is not None and (relative.low is not None or absolute.low is None):
        return relative, signed_percent
    return absolute, signed_value


def moment_text(time: str) -> str:
    """`2026-01-31 12:00` of a time in ISO 8601."""
    return time[:16].replace("T", " ")


def failure_text(failure: FailedAttempt) -> str:
    """Where an attempt failed, and why."""
    if not failure.stage:
        return "It failed, and why cannot be read."
    return clipped(f"Failed at {failure.stage}: {failure.reason or failure.error}")


def clipped(text: str) -> str:
    """The beginning of a long text."""
    return text if len(text) <= _LONGEST_WORDS else f"{text[:_LONGEST_WORDS].rstrip()} …"


def _amount(total: float) -> str:
    """A sum of money to the hundredth, and `< 0.01` for what is less but not nothing."""
    return f"<{THIN}0.01" if 0 < total < 0.005 else grouped(total, 2)


def _words(entry: RunEntry) -> Iterator[str]:
    """What is to be said of a run that has no result, or failed after it."""
    if entry.status is Status.FAILED:
        failure = entry.failures[0]
        yield failure_text(failure)
        if failure.advice:
            yield f"What to do: {clipped(failure.advice)}"
        if entry.result:
            yield f"The result of an earlier attempt stands: {entry.result.verdict}"
    yield from map(clipped, entry.notes)


def _remarks(entry: RunEntry) -> Iterator[str]:
    """What is to be said of a run besides its figures."""
    if entry.failures:
        yield f"after {count_text(len(entry.failures), 'failed attempt')}"
    yield from map(clipped, entry.notes)


def _link(entry: RunEntry, page: str) -> str:
    """The page's address as seen from the index, empty when there is no such page."""
    return f"{entry.folder}{page}" if page in entry.pages else ""
