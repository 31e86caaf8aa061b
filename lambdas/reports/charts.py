"""Pictures as data: what is drawn, with every number and every word. The scripts of page/ draw them with a library.

A chart's `data` is a JSON document whose shape its builder below tells. `kind` of a row or series is its role, by
which the page chooses the colour: primary, second, rival, baseline, data; or the side of an interval.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from lambdas.reports.estimates import Estimate
from lambdas.reports.numbers import (
    DASH,
    duration_text,
    integer_text,
    percent_text,
    signed_percent,
    signed_value,
    value_text,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ChartKind = Literal["bars", "points", "columns", "curve", "dots", "trend"]
NumberFormat = Literal["value", "percent", "seconds"]
"""How the ticks of an axis of numbers are written: as they are, in per cent, or as durations."""


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture.

    key: unique on its page. description: all that the picture tells, in words, for those who do not see it.
    legend: names and roles of what colours tell apart, empty where there is nothing to tell apart.
    """

    key: str
    kind: ChartKind
    title: str
    description: str
    data: Mapping[str, Any]
    legend: tuple[tuple[str, str], ...] = ()

    def marked(self, place: float, text: str) -> Chart:
        """A histogram with a line across it, at `place` columns from its left end."""
        return replace(self, data={**self.data, "marker": {"at": place, "text": text}})


@dataclass(frozen=True, slots=True)
class Row:
    """What a chart of rows is made of: a label, a role, and an estimate."""

    label: str
    kind: str
    estimate: Estimate


def value_chart(key: str, title: str, axis_title: str, rows: Sequence[Row]) -> Chart:
    """Bars of a metric's values from zero, one row per list, with their intervals."""
    return _rows("bars", key, (title, axis_title), rows, ("value", value_text))


def lift_chart(
    key: str, title: str, axis_title: str, rows: Sequence[Row], *, more_is_better: bool = True
) -> Chart:
    """Relative differences around zero as points with intervals; the role tells on which side the interval lies.

    more_is_better: else no side is good or bad, and all have the role of data.
    """
    sided = _sided(rows, more_is_better=more_is_better)
    return _rows("points", key, (title, axis_title), sided, ("percent", signed_percent))


def share_chart(key: str, title: str, axis_title: str, rows: Sequence[Row]) -> Chart:
    """Bars of shares on an axis from nothing to all, so that a small share looks small. data: also {whole: true}"""
    chart = _rows("bars", key, (title, axis_title), rows, ("percent", percent_text))
    return replace(chart, data={**chart.data, "whole": True})


def difference_chart(
    key: str, title: str, axis_title: str, rows: Sequence[Row], *, more_is_better: bool = True
) -> Chart:
    """Absolute differences around zero, as `lift_chart`."""
    sided = _sided(rows, more_is_better=more_is_better)
    return _rows("points", key, (title, axis_title), sided, ("value", signed_value))


def duration_chart(key: str, title: str, axis_title: str, durations: Sequence[tuple[str, float]]) -> Chart:
    """Bars of durations in seconds by name."""
    rows = [Row(name, "data", Estimate(seconds)) for name, seconds in durations]
    return _rows("bars", key, (title, axis_title), rows, ("seconds", _seconds_text))


def column_chart(
    key: str,
    titles: tuple[str, str, str],
    heights: Sequence[int],
    texts: Sequence[str],
    ends: tuple[str, str],
    *,
    stops: Sequence[tuple[float, str]] = (),
) -> Chart:
    """A histogram of equally wide columns. titles: of the chart, the x axis, the y axis. ends: labels of both ends.

    stops: labels instead of those of the ends, each with its place in columns from the left end; those between the
    first and the last are left out where they have no room.
    data: {x, y, stops: [{at, label}], rows: [{height, text}], marker: {at, text} or null}
    """
    title, x_title, y_title = titles
    highest = integer_text(max(heights, default=0))
    rows = [{"height": height, "text": text} for height, text in zip(heights, texts, strict=True)]
    return Chart(
        key,
        "columns",
        title,
        f"{len(rows)} bars from {ends[0]} to {ends[1]}; the highest is {highest}.",
        {
            "x": x_title,
            "y": y_title,
            "stops": [
                {"at": at, "label": label} for at, label in stops or ((0, ends[0]), (len(rows), ends[1]))
            ],
            "rows": rows,
            "marker": None,
        },
    )


def side(estimate: Estimate) -> str:
    """above, below or across zero: where the interval lies; `unknown` without one."""
    if estimate.low is None or estimate.high is None:
        return "unknown"
    if estimate.low > 0:
        return "above"
    return "below" if estimate.high < 0 else "across"


def interval_text(estimate: Estimate, text: Callable[[float | None], str]) -> str:
    """`(0.1440 to 0.1664)`, or nothing without an interval."""
    if estimate.low is None or estimate.high is None:
        return ""
    return f"({text(estimate.low)} to {text(estimate.high)})"


def _sided(rows: Sequence[Row], *, more_is_better: bool) -> list[Row]:
    return [Row(row.label, side(row.estimate) if more_is_better else "data", row.estimate) for row in rows]


def _rows(
    kind: ChartKind,
    key: str,
    titles: tuple[str, str],
    rows: Sequence[Row],
    numbers: tuple[NumberFormat, Callable[[float | None], str]],
) -> Chart:
    """data: {axis, format, rows: [{label, kind, value, low, high, text, interval}]}"""
    title, axis = titles
    number_format, text = numbers
    drawn = [
        {
            "label": row.label,
            "kind": row.kind,
            **estimate_members(row.estimate),
            "text": text(row.estimate.value),
            "interval": interval_text(row.estimate, text),
        }
        for row in rows
    ]
    description = "; ".join(f"{row['label']}: {row['text']} {row['interval']}".strip() for row in drawn)
    return Chart(key, kind, title, f"{description}.", {"axis": axis, "format": number_format, "rows": drawn})


def estimate_members(estimate: Estimate) -> dict[str, float | None]:
    """Value and ends of the interval, as a chart's data hold them: as exact as a picture can be."""
    return {
        "value": _drawn(estimate.value),
        "low": _drawn(estimate.low),
        "high": _drawn(estimate.high),
    }


def _drawn(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.6g}")


def _seconds_text(seconds: float | None) -> str:
    return DASH if seconds is None else duration_text(seconds)
