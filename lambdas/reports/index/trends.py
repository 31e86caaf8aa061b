"""How the main figures of a scenario have moved from run to run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.reports.index.rows import SHARE_METRICS, failure_text, moment_text
from lambdas.reports.names import metric_label, source_label
from lambdas.reports.numbers import percent_text, signed_percent, value_text
from lambdas.reports.plots import Moment, trend_chart
from lambdas.reports.runs import Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lambdas.reports.charts import Chart
    from lambdas.reports.runs import MainComparison, RunEntry, RunResult

LONGEST_TREND = 60
"""More points than this cannot be told apart on a phone."""


def comparable(entries: Sequence[RunEntry]) -> list[tuple[RunEntry, RunResult]]:
    """The runs whose main comparison is that of the newest result, the oldest first.

    Figures of another metric, cut-off, list or rival would make a curve of unlike things.
    """
    results = [(entry, entry.result) for entry in entries if entry.result]
    if not results:
        return []
    wanted = _identity(results[0][1])
    return [(entry, result) for entry, result in reversed(results) if _identity(result) == wanted]


def trend_charts(scenario: str, entries: Sequence[RunEntry]) -> Iterator[Chart]:
    """The main metric against its rival, and the lead, over the latest comparable runs; none with fewer than two.

    entries: of one scenario, the newest first.
    """
    points = comparable(entries)[-LONGEST_TREND:]
    if len(points) < 2:
        return
    newest = points[-1][1]
    primary, begin = newest.primary, points[0][0].ended_at
    failures = [
        (entry.ended_at, f"run {entry.run_id}: {failure_text(entry.failures[0])}")
        for entry in reversed(entries)
        if entry.status is Status.FAILED and not entry.result and entry.ended_at >= begin
    ]
    shares = primary.metric in SHARE_METRICS
    name = metric_label(primary.metric, primary.k, newest.kind)
    mine, rival = source_label(primary.source), source_label(primary.baseline)
    yield trend_chart(
        f"trend-{scenario}",
        (f"{name} of the latest {len(points)} runs", name),
        {
            (mine, "primary"): [
                Moment(entry.ended_at, _label(entry), result.primary.value) for entry, result in points
            ],
            (rival, "rival"): [
                Moment(entry.ended_at, _label(entry), result.primary.baseline_value)
                for entry, result in points
            ],
        },
        percent_text if shares else value_text,
        shares=shares,
        failures=failures,
    )
    leads = [
        Moment(entry.ended_at, _label(entry), result.primary.difference.relative) for entry, result in points
    ]
    if any(moment.estimate.value is not None for moment in leads):
        yield trend_chart(
            f"lead-{scenario}",
            ("Gain by events" if newest.kind == "replay" else f"Lead over {rival}", "relative difference"),
            {("gain" if newest.kind == "replay" else "lead", "primary"): leads},
            signed_percent,
            shares=True,
        )


def _identity(result: RunResult) -> tuple[str, str, int, str, str]:
    primary: MainComparison = result.primary
    return result.kind, primary.metric, primary.k, primary.source, primary.baseline


def _label(entry: RunEntry) -> str:
    return f"run {entry.run_id}, {moment_text(entry.ended_at)}"
