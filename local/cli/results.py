"""The table of a run: the model's lists and the baselines, with intervals, from metrics.json (docs/metrics.md)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

from rich.markup import escape
from rich.table import Table

METRICS_FILE = "metrics.json"
REPORT_FILE = "report.html"
MODEL = "model"
SIDE_METRICS = ("precision", "recall", "hit_rate", "mrr")
_LIST_NAMES = {"as_returned": "as returned", "without_seen": "without seen"}
_SUPPORTED_VERSIONS = ("1", "2")

ValueKey: TypeAlias = tuple[str, str, str, int]
"""Source (model or baseline), list, metric, cut-off."""


class UnreadableReportError(Exception):
    """A report folder holds no metrics, or metrics of another version than this command line reads."""


def read_metrics(folder: Path) -> dict[str, Any]:
    """The metrics document of a report folder. Raises UnreadableReportError."""
    file = folder / METRICS_FILE
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UnreadableReportError(
            f"{folder} holds no {METRICS_FILE}: the run did not reach its end"
        ) from None
    except ValueError as error:
        raise UnreadableReportError(f"{file} is not JSON: {error}") from error
    version = str(document.get("schema_version"))
    if version.split(".", maxsplit=1)[0] not in _SUPPORTED_VERSIONS:
        readable = " and ".join(f"{major}.x" for major in _SUPPORTED_VERSIONS)
        raise UnreadableReportError(f"{file} has version {version}; this command line reads {readable}")
    return dict(document)


def results_table(document: Mapping[str, Any]) -> Table:
    """A row per list: the primary metric with its interval, and the model's lead over each baseline."""
    metric, k = _primary(document)
    confidence = document["settings"]["confidence"]
    values = _values(document)
    first = (document["primary"].get("source", MODEL), document["primary"]["list"])
    leads = {
        row["baseline"]: row
        for row in document["differences"]
        if (row.get("source", MODEL), row["list"], row["metric"], row["k"]) == (*first, metric, k)
    }
    owner = "model's lead" if first[0] == MODEL else "lead"
    table = _table("list", f"{_label(metric)}@{k} [{confidence:.0%}]", f"{owner} [{confidence:.0%}]")
    models = _models(document)
    # Two models are compared by the list that the verdict speaks of.
    unled = {(source, name) for source, name in _lists(values) if source in models and name != first[1]}
    for source, list_name in _lists(values):
        lead = leads.get(source) if (source, list_name) not in unled else None
        table.add_row(
            _row_name(source, list_name, models),
            _with_interval(values.get((source, list_name, metric, k)), "value"),
            _with_interval(lead, "difference", signed=True) if lead else "",
            style="bold" if (source, list_name) == first else "",
        )
    return table


def side_table(document: Mapping[str, Any]) -> Table | None:
    """The other metrics at the primary cut-off, without intervals; None when there are none."""
    primary, k = _primary(document)
    values = _values(document)
    metrics = [
        name for name in SIDE_METRICS if name != primary and any(key[2:] == (name, k) for key in values)
    ]
    if not metrics:
        return None
    table = _table("list", *(f"{_label(name)}@{k}" for name in metrics))
    for source, list_name in _lists(values):
        cells = (values.get((source, list_name, name, k), {}).get("value") for name in metrics)
        table.add_row(_row_name(source, list_name, _models(document)), *(_number(cell, 4) for cell in cells))
    return table


def stage_table(stages: list[Mapping[str, Any]]) -> Table:
    """How long each step took, in seconds of the state machine's clock."""
    table = _table("step", "seconds")
    for stage in stages:
        table.add_row(str(stage["stage"]), f"{stage['seconds']:,.1f}")
    return table


def _table(first: str, *others: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(escape(first), no_wrap=True)
    for header in others:
        table.add_column(escape(header), no_wrap=True, justify="right")
    return table


def _primary(document: Mapping[str, Any]) -> tuple[str, int]:
    """Metric and cut-off of the verdict, from `ndcg@10`."""
    metric, _, cutoff = document["primary"]["metric"].partition("@")
    return metric, int(cutoff)


def _values(document: Mapping[str, Any]) -> dict[ValueKey, Mapping[str, Any]]:
    return {(row["source"], row["list"], row["metric"], row["k"]): row for row in document["values"]}


def _lists(values: Mapping[ValueKey, Any]) -> list[tuple[str, str]]:
    """Source and list of every row, in the order of the document."""
    return list(dict.fromkeys((source, list_name) for source, list_name, _, _ in values))


def _models(document: Mapping[str, Any]) -> set[str]:
    """The sources that are models, each with two lists; the others are baselines."""
    return {MODEL, *(variant["name"] for variant in document.get("variants") or ())}


def _row_name(source: str, list_name: str, models: set[str]) -> str:
    name = source.replace("_", " ")
    return f"{name}, {_LIST_NAMES.get(list_name, list_name)}" if source in models else name


def _label(metric: str) -> str:
    short = {"ndcg": "NDCG", "map": "MAP", "mrr": "MRR"}
    return short.get(metric, metric.replace("_", " "))


def _with_interval(row: Mapping[str, Any] | None, member: str, *, signed: bool = False) -> str:
    """`0.155 [0.149, 0.160]`, without brackets when there is no interval: three lists fit into 80 columns."""
    if row is None:
        return _number(None, 3)
    text = _number(row[member], 3, signed=signed)
    if row["low"] is None or row["high"] is None:
        return text
    low, high = _number(row["low"], 3, signed=signed), _number(row["high"], 3, signed=signed)
    return escape(f"{text} [{low}, {high}]")


def _number(value: float | None, digits: int, *, signed: bool = False) -> str:
    if value is None:
        return "undefined"
    return f"{value:+.{digits}f}" if signed else f"{value:.{digits}f}"
