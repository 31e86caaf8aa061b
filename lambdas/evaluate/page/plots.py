"""Geometry of curves and of rows of dots, like that of charts.py: places in per cent of the width."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from lambdas.evaluate.page.charts import interval_text, tick_percent, tick_value
from lambdas.evaluate.page.scales import Scale, Tick

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from lambdas.evaluate.bootstrap import Estimate

# A curve keeps free of the edges: words of the upright axis stand at the left one.
_LEFT, _RIGHT = 9.0, 96.0


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """A point of a curve: place in per cent, heights as shares of the whole from the top, and its words."""

    x: float
    y: float
    low: float | None
    high: float | None
    text: str
    detail: str


@dataclass(frozen=True, slots=True)
class Series:
    """A curve: what it is called, its colour, and its defined points."""

    name: str
    kind: str
    points: tuple[CurvePoint, ...]

    @property
    def segments(self) -> Iterator[tuple[CurvePoint, CurvePoint]]:
        """Neighbouring points, between which a line is drawn."""
        return pairwise(self.points)


@dataclass(frozen=True, slots=True)
class CurveChart:
    """Curves over one axis. rules: level lines across, each with its height and words."""

    key: str
    title: str
    x_title: str
    description: str
    series: tuple[Series, ...]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[tuple[float, str], ...]
    rules: tuple[tuple[float, str], ...] = ()

    @property
    def legend(self) -> tuple[tuple[str, str], ...]:
        """Names and colours of the curves."""
        return tuple((one.name, one.kind) for one in self.series)


@dataclass(frozen=True, slots=True)
class Axis:
    """The level axis of a curve: where every value stands between 0 and 1, with its label, and what it is."""

    title: str
    stops: tuple[tuple[float, str], ...]


@dataclass(frozen=True, slots=True)
class Dot:
    """One of several values of a row."""

    kind: str
    x: float
    text: str


@dataclass(frozen=True, slots=True)
class DotRow:
    """A row: its label, and its dots from left to right."""

    label: str
    text: str
    dots: tuple[Dot, ...]


@dataclass(frozen=True, slots=True)
class DotChart:
    """Rows with a dot for each of several things, told apart by colour."""

    key: str
    title: str
    axis_title: str
    description: str
    legend: tuple[tuple[str, str], ...]
    rows: tuple[DotRow, ...]
    ticks: tuple[Tick, ...]


def curve_chart(
    key: str,
    title: str,
    axis: Axis,
    curves: Mapping[tuple[str, str], Sequence[Estimate]],
    text: Callable[[float | None], str],
    *,
    shares: bool = False,
    rules: Sequence[tuple[str, Estimate]] = (),
) -> CurveChart:
    """Curves by (name, kind), one estimate for every stop of the axis; undefined ones are left out.

    shares: whether the upright axis is written in per cent. rules: level lines by name.
    """
    known = [*(e for curve in curves.values() for e in curve), *(e for _, e in rules)]
    values = [value for e in known for value in (e.value, e.low, e.high) if value is not None]
    scale = Scale.around(values, intervals=4)

    def height(value: float) -> float:
        return round(1 - scale.x(value) / 100, 5)

    series = tuple(
        Series(name, kind, tuple(_points(axis, curve, height, text)))
        for (name, kind), curve in curves.items()
    )
    told = [
        f"{one.name}: " + ", ".join(f"{point.detail} {point.text}" for point in one.points) for one in series
    ]
    return CurveChart(
        key=key,
        title=title,
        x_title=axis.title,
        description="; ".join(told) + ".",
        series=series,
        x_ticks=tuple(Tick(_inset(place), label, "middle", False) for place, label in axis.stops),
        y_ticks=tuple(
            (1 - tick.x / 100, tick.text) for tick in scale.ticks(tick_percent if shares else tick_value)
        ),
        rules=tuple((height(e.value), f"{name} {text(e.value)}") for name, e in rules if e.value is not None),
    )


def dot_chart(
    key: str,
    titles: tuple[str, str],
    legend: Sequence[tuple[str, str]],
    rows: Sequence[tuple[str, Sequence[float | None]]],
    text: Callable[[float | None], str],
) -> DotChart:
    """titles: of the chart and of the axis. legend: (name, kind) of every dot. rows: label and values."""
    scale = Scale.around([value for _, values in rows for value in values if value is not None])
    drawn = []
    for label, values in rows:
        dots = [
            Dot(kind, scale.x(value), f"{name} {text(value)}")
            for (name, kind), value in zip(legend, values, strict=True)
            if value is not None
        ]
        shown = " · ".join(text(value) for value in values)
        drawn.append(DotRow(label, shown, tuple(dots)))
    description = "; ".join(f"{row.label}: " + ", ".join(dot.text for dot in row.dots) for row in drawn)
    return DotChart(key, *titles, f"{description}.", tuple(legend), tuple(drawn), scale.ticks(tick_percent))


def even_axis(title: str, labels: Sequence[str]) -> Axis:
    """Stops at even distances, whatever they stand for."""
    last = max(len(labels) - 1, 1)
    return Axis(title, tuple((place / last, label) for place, label in enumerate(labels)))


def linear_axis(title: str, values: Sequence[float], text: Callable[[float], str]) -> Axis:
    """Stops where the values lie between the smallest and the largest."""
    low, width = min(values), (max(values) - min(values)) or 1.0
    return Axis(title, tuple(((value - low) / width, text(value)) for value in values))


def _points(
    axis: Axis,
    curve: Sequence[Estimate],
    height: Callable[[float], float],
    text: Callable[[float | None], str],
) -> Iterator[CurvePoint]:
    for (place, label), estimate in zip(axis.stops, curve, strict=True):
        if estimate.value is not None:
            yield CurvePoint(
                x=_inset(place),
                y=height(estimate.value),
                low=None if estimate.low is None else height(estimate.low),
                high=None if estimate.high is None else height(estimate.high),
                text=f"{text(estimate.value)} {interval_text(estimate, text)}".strip(),
                detail=label,
            )


def _inset(place: float) -> float:
    return round(_LEFT + place * (_RIGHT - _LEFT), 3)
