"""The diagnosis of the data (diagnosis.json, written by split_data) as figures and pictures.

Members that are missing are left out of the page: a report of an older or partial diagnosis still opens.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import dropwhile
from typing import TYPE_CHECKING, Any

from lambdas.evaluate.bootstrap import Estimate
from lambdas.evaluate.numbers import integer_text, percent_text
from lambdas.evaluate.page.charts import ColumnChart, Row, RowChart, column_chart, share_chart

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
_SHARES = (
    ("repeats", "share_of_interactions", "interactions that repeat an earlier one of the same user and item"),
    ("repeats", "share_of_holdout", "held-out interactions with an item of the user's own past"),
    ("future", "share_of_holdout_with_new_items", "held-out interactions with items that training lacks"),
    ("future", "share_of_holdout_of_new_users", "held-out interactions of users that training lacks"),
)


@dataclass(frozen=True, slots=True)
class DiagnosisView:
    """What the page shows of the data."""

    counts: tuple[tuple[str, str], ...]
    shares: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...]
    columns: tuple[ColumnChart, ...]
    rows: tuple[RowChart, ...]


def diagnosis_view(document: Mapping[str, Any]) -> DiagnosisView:
    """Figures and pictures of a diagnosis document."""
    counts = _part(document, "counts")
    shares = [(label, _part(document, part).get(key)) for part, key, label in _SHARES]
    return DiagnosisView(
        counts=tuple((label, integer_text(counts[key])) for key, label in _COUNTS if key in counts),
        shares=tuple((label, percent_text(value)) for label, value in shares if value is not None),
        warnings=tuple(str(warning.get("message", warning)) for warning in document.get("warnings") or ()),
        columns=tuple(chart for chart in (_events(document), _histories(document)) if chart),
        rows=tuple(chart for chart in (_long_tail(document),) if chart),
    )


def _events(document: Mapping[str, Any]) -> ColumnChart | None:
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
    )
    cut = _part(document, "split").get("cut")
    if cut is None or last <= first:
        return chart
    return chart.marked(round(100 * (cut - first) / (last - first), 3), f"cut {_day(cut)}")


def _histories(document: Mapping[str, Any]) -> ColumnChart | None:
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
    )


def _long_tail(document: Mapping[str, Any]) -> RowChart | None:
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


def _part(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    return document.get(name) or {}


def _range(low: int, high: int) -> str:
    return integer_text(low) if low == high else f"{integer_text(low)}\u2013{integer_text(high)}"


def _day(seconds: int) -> str:
    try:
        return datetime.fromtimestamp(seconds, tz=UTC).strftime("%Y-%m-%d")
    except (OverflowError, OSError, ValueError):
        return str(seconds)  # a time that no calendar holds: the diagnosis warns of it
