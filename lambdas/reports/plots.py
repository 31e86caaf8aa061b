"""Curves, rows of dots and trends, as data like those of charts.py."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lambdas.reports.charts import Chart, NumberFormat, estimate_members, interval_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from lambdas.reports.estimates import Estimate


@dataclass(frozen=True, slots=True)
class Axis:
    """The level axis of a curve: where every stop stands, and its label, and what it is."""

    title: str
    stops: tuple[tuple[float, str], ...]


@dataclass(frozen=True, slots=True)
class Moment:
    """A point of a trend: when (ISO 8601, UTC), what is told when it is pointed at, and its figure."""

    time: str
    label: str
    estimate: Estimate


def curve_chart(
    key: str,
    title: str,
    axis: Axis,
    curves: Mapping[tuple[str, str], Sequence[Estimate]],
    text: Callable[[float | None], str],
    *,
    shares: bool = False,
    rules: Sequence[tuple[str, Estimate]] = (),
) -> Chart:
    """Curves by (name, role), one estimate for every stop of the axis; undefined ones are left out.

    shares: whether the upright axis is written in per cent. rules: level lines by name.
    data: {x, format, stops: [{at, label}], series: [{name, kind, points: [{at, label, value, low, high, text}]}],
    rules: [{value, text}]}
    """
    series: list[dict[str, Any]] = [
        {"name": name, "kind": kind, "points": list(_points(axis, curve, text))}
        for (name, kind), curve in curves.items()
    ]
    level = [
        {"value": e.value, "text": f"{name} {text(e.value)}"} for name, e in rules if e.value is not None
    ]
    told = [
        f"{one['name']}: " + ", ".join(f"at {point['label']} {point['text']}" for point in one["points"])
        for one in series
    ]
    told += [f"level line: {rule['text']}" for rule in level]
    return Chart(
        key,
        "curve",
        title,
        f"By {axis.title}. " + "; ".join(told) + ".",
        {
            "x": axis.title,
            "format": _format(shares=shares),
            "stops": [{"at": at, "label": label} for at, label in axis.stops],
            "series": series,
            "rules": level,
        },
        legend=tuple(curves),
    )


def dot_chart(
    key: str,
    titles: tuple[str, str],
    legend: Sequence[tuple[str, str]],
    rows: Sequence[tuple[str, Sequence[float | None]]],
    text: Callable[[float | None], str],
) -> Chart:
    """Rows with a dot for each of several shares. titles: of the chart and the axis. legend: (name, role) of every dot.

    data: {axis, format, rows: [{label, text, dots: [{kind, value, text}]}]}
    """
    drawn: list[dict[str, Any]] = [
        {
            "label": label,
            "text": " · ".join(text(value) for value in values),
            "dots": [
                {"kind": kind, "value": value, "text": f"{name} {text(value)}"}
                for (name, kind), value in zip(legend, values, strict=True)
                if value is not None
            ],
        }
        for label, values in rows
    ]
    description = "; ".join(
        f"{row['label']}: " + ", ".join(dot["text"] for dot in row["dots"]) for row in drawn
    )
    title, axis = titles
    data = {"axis": axis, "format": "percent", "rows": drawn}
    return Chart(key, "dots", title, f"{description}.", data, legend=tuple(legend))


def trend_chart(
    key: str,
    titles: tuple[str, str],
    series: Mapping[tuple[str, str], Sequence[Moment]],
    text: Callable[[float | None], str],
    *,
    shares: bool = False,
    failures: Sequence[tuple[str, str]] = (),
) -> Chart:
    """Figures over time by (name, role), with intervals. titles: of the chart and of the upright axis.

    failures: time and words of what gave no figure: marks below the curves. Moments without a value are left out.
    data: {y, format, series: [{name, kind, points: [{time, label, value, low, high, text}]}],
    failures: [{time, text}]}
    """
    drawn: list[dict[str, Any]] = [
        {
            "name": name,
            "kind": kind,
            "points": [
                {
                    "time": moment.time,
                    "label": moment.label,
                    **estimate_members(moment.estimate),
                    "text": f"{text(moment.estimate.value)} {interval_text(moment.estimate, text)}".strip(),
                }
                for moment in moments
                if moment.estimate.value is not None
            ],
        }
        for (name, kind), moments in series.items()
    ]
    told = [_span(one["name"], one["points"]) for one in drawn]
    if failures:
        told.append(f"{len(failures)} without a figure")
    title, y_title = titles
    data = {
        "y": y_title,
        "format": _format(shares=shares),
        "series": drawn,
        "failures": [{"time": time, "text": words} for time, words in failures],
    }
    return Chart(key, "trend", title, "; ".join(told) + ".", data, legend=tuple(series))


def even_axis(title: str, labels: Sequence[str]) -> Axis:
    """Stops at even distances, whatever they stand for."""
    return Axis(title, tuple((float(place), label) for place, label in enumerate(labels)))


def linear_axis(title: str, values: Sequence[float], text: Callable[[float], str]) -> Axis:
    """Stops where the values lie."""
    return Axis(title, tuple((value, text(value)) for value in values))


def tick_value(value: float) -> str:
    """A tick of an axis, without needless digits."""
    return f"{value:.10f}".rstrip("0").rstrip(".") or "0"


def _points(
    axis: Axis, curve: Sequence[Estimate], text: Callable[[float | None], str]
) -> Iterator[dict[str, Any]]:
    for (at, label), estimate in zip(axis.stops, curve, strict=True):
        if estimate.value is not None:
            words = f"{text(estimate.value)} {interval_text(estimate, text)}".strip()
            yield {"at": at, "label": label, **estimate_members(estimate), "text": words}


def _span(name: str, points: Sequence[Mapping[str, Any]]) -> str:
    """A curve over time in words: where it begins and where it ends."""
    if not points:
        return f"{name}: no figure"
    first, last = points[0], points[-1]
    return f"{name}: {len(points)} figures, from {first['text']} ({first['label']}) to {last['text']} ({last['label']})"


def _format(*, shares: bool) -> NumberFormat:
    return "percent" if shares else "value"
