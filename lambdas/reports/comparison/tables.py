"""The tables of a comparison."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from lambdas.reports.charts import interval_text, side
from lambdas.reports.comparison.counts import COUNT_LABELS, MOMENTS, CountChange
from lambdas.reports.comparison.wording import noun_of
from lambdas.reports.names import HIGHER_IS_BETTER, metric_label
from lambdas.reports.numbers import DASH, grouped, integer_text, signed_percent, signed_value, value_text
from lambdas.reports.tables import Cell, Table

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lambdas.reports.comparison.changes import Comparison, MetricChange, SegmentChange
    from lambdas.reports.comparison.run import Run
    from lambdas.reports.estimates import Estimate

_SECONDS_A_DAY = 86_400


def runs_table(found: Comparison) -> Table:
    """What the two runs are."""
    described = [_described(run) for run in (found.then, found.now)]
    rows = [(name, (Cell(then), Cell(now))) for (name, then), (_, now) in zip(*described, strict=True)]
    return Table("The two runs", ("then", "now"), tuple(rows), corner="")


def _described(run: Run) -> list[tuple[str, str]]:
    return [
        ("run", run.run_id),
        ("scenario", run.scenario),
        ("started", _moment(run.started)),
        ("verdict", run.verdict),
        ("model", run.model),
        ("solution version", ", ".join(run.versions) or DASH),
        ("version of its files", run.version),
    ]


def metrics_table(found: Comparison) -> Table:
    """Every common metric: then, now, and the difference; in colour where more is better."""
    noun = noun_of(found.now)
    rows = tuple(
        (
            metric_label(change.metric, change.k, found.now.kind),
            (
                _figure(change.then, value_text),
                _figure(change.now, value_text),
                _difference(change, change.difference.absolute, signed_value),
                _difference(change, change.difference.relative, signed_percent),
                Cell(integer_text(change.users)),
            ),
        )
        for change in found.metrics
    )
    cutoffs = {change.k for change in found.metrics}
    whole = len(rows) == len(cutoffs) * len({change.metric for change in found.metrics})
    return Table(
        "Metrics of both runs",
        ("then", "now", "difference", "relative", f"{noun}s"),
        rows,
        group=len(cutoffs) if whole and rows else 1,
    )


def settings_table(found: Comparison) -> Table:
    """The settings that changed."""
    rows = ((change.path, (Cell(change.then), Cell(change.now))) for change in found.settings)
    return Table("Settings that changed", ("then", "now"), tuple(rows), corner="setting")


def counts_table(found: Comparison) -> Table:
    """How much of everything there was and is."""
    rows = tuple((COUNT_LABELS[count.name], count_cells(count)) for count in found.counts)
    return Table(
        "What the runs were trained and judged on", ("then", "now", "change", "relative"), rows, corner="data"
    )


def count_cells(count: CountChange) -> tuple[Cell, Cell, Cell, Cell]:
    """Then, now, and the change in numbers and per cent."""
    if count.name in MOMENTS:
        days = None if count.change is None else count.change / _SECONDS_A_DAY
        change = DASH if days is None else f"{days:+.1f} days" if days else "same"
        return Cell(_day(count.then)), Cell(_day(count.now)), Cell(change), Cell("")
    change = DASH if count.change is None else _signed(count.change)
    relative = signed_percent(count.relative) if count.changed else ""
    return _number(count.then), _number(count.now), Cell(change), Cell(relative)


def segments_table(caption: str, segments: Sequence[SegmentChange]) -> Table:
    """Groups of users or items: how many, the metric and the lead over the rival then and now, and the difference."""
    rows = tuple(
        (
            segment.now.label,
            (
                Cell(integer_text(segment.then.users)),
                Cell(integer_text(segment.now.users)),
                _figure(segment.then.value, value_text),
                _figure(segment.now.value, value_text),
                _sided(segment.difference, signed_value),
                _sided(segment.then.lead, signed_value),
                _sided(segment.now.lead, signed_value),
            ),
        )
        for segment in segments
    )
    heads = ("users then", "now", "value then", "now", "difference", "lead then", "now")
    return Table(caption, heads, rows, corner="group")


def _difference(change: MetricChange, estimate: Estimate, text: Callable[[float | None], str]) -> Cell:
    coloured = change.metric in HIGHER_IS_BETTER and not change.identical
    return _sided(estimate, text) if coloured else _figure(estimate, text)


def _sided(estimate: Estimate, text: Callable[[float | None], str]) -> Cell:
    kind = side(estimate) if estimate.low is not None else ""
    return Cell(text(estimate.value), interval_text(estimate, text), kind)


def _figure(estimate: Estimate, text: Callable[[float | None], str]) -> Cell:
    return Cell(text(estimate.value), interval_text(estimate, text))


def _number(count: float | None) -> Cell:
    if count is None:
        return Cell(DASH)
    return Cell(grouped(count, 0) if count == int(count) else f"{count:g}")


def _signed(change: float) -> str:
    if not change:
        return "same"
    text = grouped(abs(change), 0) if change == int(change) else f"{abs(change):g}"
    return f"+{text}" if change > 0 else f"\N{MINUS SIGN}{text}"


def _day(seconds: float | None) -> str:
    if seconds is None:
        return DASH
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M")
    except (ValueError, OverflowError, OSError):
        return f"{seconds:g}"  # no time that a calendar has: told as it is


def _moment(time: str | None) -> str:
    return time[:16].replace("T", " ") + " UTC" if time else DASH
