"""The diagnosis of the data (diagnosis.json, written by split_data) as figures and pictures.

Members that are missing are left out of the page: a report of an older or partial diagnosis still opens.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import dropwhile
from typing import TYPE_CHECKING, Any

from lambdas.reports.charts import Chart, Row, column_chart, share_chart
from lambdas.reports.estimates import Estimate
from lambdas.reports.numbers import integer_text, percent_text

if TYPE_CHECKING:
    from collections.abc import Mapping

_COUNTS = (
    ("rows_read", "rows read"),
    ("duplicates", "duplicates dropped"),
    ("interactions", "interactions"),
    ("users", "users"),
    ("items", "items"),
    ("train_interactions", "interactions to train on"),
    ("holdout_interactions", "interactions held out"),
    ("query_users", "users asked for and evaluated"),
    ("holdout_users_without_past", "held-out users without a past"),
    ("users_without_future", "users with nothing held out"),
)
# How the interactions were cut: members of `counts` beside that of all interactions.
_PARTS = (
    ("train_interactions", "trained on"),
    ("holdout_interactions", "held out"),
    ("unused_interactions", "neither"),
)


@dataclass(frozen=True, slots=True)
class DiagnosisView:
    """What the page shows of the data."""

    counts: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...]
    columns: tuple[Chart, ...]
    rows: tuple[Chart, ...]


def diagnosis_view(document: Mapping[str, Any]) -> DiagnosisView:
    """Figures and pictures of a diagnosis document."""
    counts = _part(document, "counts")
    rows = (_long_tail(document), _parts(counts), _repeats(document), _unseen(document))
    filled = (_filled(document, name) for name in ("items", "users"))
    return DiagnosisView(
        counts=tuple((label, integer_text(counts[key])) for key, label in _COUNTS if key in counts),
        warnings=tuple(str(warning.get("message", warning)) for warning in document.get("warnings") or ()),
        columns=tuple(chart for chart in (_events(document), _histories(document)) if chart),
        rows=tuple(chart for chart in (*rows, *filled) if chart),
    )


def _events(document: Mapping[str, Any]) -> Chart | None:
    bins = _part(document, "time").get("histogram")
    if not bins:
        return None
    first, last = bins[0]["from"], bins[-1]["to"]
    chart = column_chart(
        "events-over-time",
        ("Interactions over time", "date (UTC)", "interactions"),
        [entry["interactions"] for entry in bins],
        [f"{_day(entry['from'])}: {integer_text(entry['interactions'])}" for entry in bins],
        (_day(first), _day(last)),
        stops=_quarters(first, last, len(bins)),
    )
    cut = _part(document, "split").get("cut")
    if cut is None or not first <= cut <= last or first == last:
        return chart
    return chart.marked(round(len(bins) * (cut - first) / (last - first), 3), f"cut {_day(cut)}")


def _quarters(first: int, last: int, bins: int) -> list[tuple[float, str]]:
    """Dates at the ends of a histogram and between; none when it is too short for different ones."""
    named = [(bins * quarter / 4, _day(first + (last - first) * quarter // 4)) for quarter in range(5)]
    return named if len({day for _, day in named}) == len(named) else []


def _histories(document: Mapping[str, Any]) -> Chart | None:
    bins = list(
        dropwhile(lambda entry: not entry["users"], _part(document, "history").get("histogram") or ())
    )
    if not bins:
        return None
    ranges = [_range(entry["from"], entry["to"]) for entry in bins]
    return column_chart(
        "history-lengths",
        ("Length of users' histories", "interactions of a user (doubling)", "users"),
        [entry["users"] for entry in bins],
        [f"{label}: {integer_text(e['users'])} users" for label, e in zip(ranges, bins, strict=True)],
        (ranges[0], ranges[-1]),
        stops=[(place + 0.5, label) for place, label in enumerate(ranges)],
    )


def _long_tail(document: Mapping[str, Any]) -> Chart | None:
    tops = _part(document, "long_tail").get("top_items")
    if not tops:
        return None
    rows = [
        Row(
            f"top {percent_text(top['share_of_items'])} of items ({integer_text(top['items'])})",
            "data",
            Estimate(top["share_of_interactions"]),
        )
        for top in tops
    ]
    return share_chart("long-tail", "How long the tail is", "share of all interactions", rows)


def _parts(counts: Mapping[str, Any]) -> Chart | None:
    total = counts.get("interactions")
    if not total:
        return None
    shares = {
        f"{label} ({integer_text(counts[key])})": counts[key] / total
        for key, label in _PARTS
        if key in counts
    }
    return _shares("parts", "What became of the interactions", "share of all interactions", shares)


def _repeats(document: Mapping[str, Any]) -> Chart | None:
    known = _part(document, "repeats")
    shares = {
        "of all interactions": known.get("share_of_interactions"),
        "of the held-out ones, before the cut": known.get("share_of_holdout"),
    }
    title = "Repeats: the user had touched the item before"
    return _shares("repeats", title, "share of interactions", shares)


def _unseen(document: Mapping[str, Any]) -> Chart | None:
    known = _part(document, "future")
    shares = {
        _counted("with new items", known.get("new_items")): known.get("share_of_holdout_with_new_items"),
        _counted("of new users", known.get("new_users")): known.get("share_of_holdout_of_new_users"),
    }
    return _shares("unseen", "What training has never seen", "share of the held-out interactions", shares)


def _filled(document: Mapping[str, Any], dataset: str) -> Chart | None:
    """How complete the columns of the items or users are."""
    columns = _part(document, dataset).get("columns") or ()
    shares = {str(column["name"]): column.get("filled") for column in columns}
    return _shares(
        f"filled-{dataset}", f"How complete the {dataset} are", f"share of {dataset} with a value", shares
    )


def _shares(key: str, title: str, axis: str, shares: Mapping[str, float | None]) -> Chart | None:
    """Bars of the shares that are known; None when none is."""
    rows = [Row(label, "data", Estimate(share)) for label, share in shares.items() if share is not None]
    return share_chart(key, title, axis, rows) if rows else None


def _counted(what: str, count: int | None) -> str:
    return what if count is None else f"{what} ({integer_text(count)})"


def _part(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    return document.get(name) or {}


def _range(low: int, high: int) -> str:
    return integer_text(low) if low == high else f"{integer_text(low)}\u2013{integer_text(high)}"


def _day(seconds: int) -> str:
    try:
        return datetime.fromtimestamp(seconds, tz=UTC).strftime("%Y-%m-%d")
    except (OverflowError, OSError, ValueError):
        return str(seconds)  # a time that no calendar holds: the diagnosis warns of it
