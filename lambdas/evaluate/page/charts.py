"""Geometry of the pictures: what stands where, in per cent of the width, for templates that draw it as SVG."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lambdas.evaluate.numbers import MINUS, THIN, integer_text, percent_text, value_text
from lambdas.evaluate.page.scales import Scale, Tick

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lambdas.evaluate.bootstrap import Estimate


@dataclass(frozen=True, slots=True)
class Mark:
    """One row of a chart: its label, its value in words, and where value and interval lie (None: undefined)."""

    label: str
    kind: str
    text: str
    interval_text: str
    x: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class RowChart:
    """Rows over one axis: bars that begin at zero, or points with intervals around a line at zero."""

    key: str
    title: str
    axis_title: str
    description: str
    marks: tuple[Mark, ...]
    ticks: tuple[Tick, ...]
    zero: float


@dataclass(frozen=True, slots=True)
class Column:
    """A bar that stands up: left edge and width in per cent, height as a share of the highest, words."""

    x: float
    width: float
    height: float
    text: str


@dataclass(frozen=True, slots=True)
class ColumnChart:
    """A histogram: columns, labels under both ends, the top of the upright axis, and a mark across if any."""

    key: str
    title: str
    x_title: str
    y_title: str
    description: str
    columns: tuple[Column, ...]
    first_label: str
    last_label: str
    top_label: str
    marker: float | None = None
    marker_text: str = ""

    def marked(self, x: float, text: str) -> ColumnChart:
        """The same chart with a line across it at `x` per cent of the width."""
        return replace(self, marker=x, marker_text=text)


@dataclass(frozen=True, slots=True)
class Row:
    """What a row chart is made of: a label, a kind (its colour) and an estimate."""

    label: str
    kind: str
    estimate: Estimate


@dataclass(frozen=True, slots=True)
class Numbers:
    """How a chart writes its values and the ticks of its axis."""

    value: Callable[[float | None], str]
    tick: Callable[[float], str]


def value_chart(key: str, title: str, axis_title: str, rows: Sequence[Row]) -> RowChart:
    """Bars of a metric's values, one row per list."""
    return _row_chart(key, title, axis_title, rows, Numbers(value_text, tick_value))


def lift_chart(key: str, title: str, axis_title: str, rows: Sequence[Row]) -> RowChart:
    """Relative differences around zero, one row per metric; the kind tells on which side the interval lies."""
    sided = [Row(row.label, side(row.estimate), row.estimate) for row in rows]
    return _row_chart(key, title, axis_title, sided, Numbers(_signed_percent, tick_percent))


def share_chart(key: str, title: str, axis_title: str, rows: Sequence[Row]) -> RowChart:
    """Bars of shares between nothing and all."""
    return _row_chart(key, title, axis_title, rows, Numbers(percent_text, tick_percent))


def side(estimate: Estimate) -> str:
    """above, below or across zero: where the interval lies; `unknown` without one."""
    if estimate.low is None or estimate.high is None:
        return "unknown"
    if estimate.low > 0:
        return "above"
    return "below" if estimate.high < 0 else "across"


def column_chart(
    key: str,
    titles: tuple[str, str, str],
    heights: Sequence[int],
    texts: Sequence[str],
    ends: tuple[str, str],
) -> ColumnChart:
    """A histogram of equally wide columns. titles: of the chart, the x axis, the y axis."""
    highest = max(heights, default=0)
    width = 100 / max(len(heights), 1)
    columns = tuple(
        Column(round(width * place, 3), round(width, 3), height / highest if highest else 0.0, text)
        for place, (height, text) in enumerate(zip(heights, texts, strict=True))
    )
    description = f"{len(columns)} bars from {ends[0]} to {ends[1]}; the highest is {integer_text(highest)}."
    return ColumnChart(key, *titles, description, columns, ends[0], ends[1], integer_text(highest))


def _row_chart(
    key: str,
    title: str,
    axis_title: str,
    rows: Sequence[Row],
    numbers: Numbers,
) -> RowChart:
    shown = [row.estimate for row in rows]
    values = [value for e in shown for value in (e.value, e.low, e.high) if value is not None]
    scale = Scale.around(values)
    marks = tuple(_mark(row, scale, numbers.value) for row in rows)
    description = "; ".join(f"{mark.label}: {mark.text} {mark.interval_text}".strip() for mark in marks) + "."
    return RowChart(key, title, axis_title, description, marks, scale.ticks(numbers.tick), scale.x(0.0))


def _mark(row: Row, scale: Scale, text: Callable[[float | None], str]) -> Mark:
    estimate = row.estimate

    def place(value: float | None) -> float | None:
        return None if value is None else scale.x(value)

    return Mark(
        label=row.label,
        kind=row.kind,
        text=text(estimate.value),
        interval_text=interval_text(estimate, text),
        x=place(estimate.value),
        low=place(estimate.low),
        high=place(estimate.high),
    )


def interval_text(estimate: Estimate, text: Callable[[float | None], str]) -> str:
    """`(0.1440 to 0.1664)`, or nothing without an interval."""
    if estimate.low is None or estimate.high is None:
        return ""
    return f"({text(estimate.low)} to {text(estimate.high)})"


def _signed_percent(value: float | None) -> str:
    return percent_text(value, signed=True)


def tick_value(value: float) -> str:
    """A tick of an axis, without needless digits."""
    return f"{value:.10f}".rstrip("0").rstrip(".") or "0"


def tick_percent(value: float) -> str:
    """A tick of an axis of shares."""
    percent = tick_value(abs(value) * 100)
    return f"{MINUS if value < 0 else ''}{percent}{THIN}%"
