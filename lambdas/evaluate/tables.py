"""The results for people with a spreadsheet or SQL: metrics.csv, per_user.parquet and the tables made of them.

The tables are made from the finished metrics.json, so that they cannot say anything else. docs/sql.md is their
contract, lambdas/shared/result_tables.py their columns.
"""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from lambdas.evaluate.documents import SCHEMA_VERSION
from lambdas.evaluate.parquet_files import write_blocks, write_rows
from lambdas.evaluate.rows import difference_rows, value_rows
from lambdas.evaluate.user_table import user_blocks
from lambdas.shared.result_tables import METRICS, METRICS_CSV, PER_USER, RUNS, SEGMENTS, ResultTable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from lambdas.evaluate.comparison import Comparison
    from lambdas.evaluate.evaluation import Evaluation
    from lambdas.evaluate.replay import Replay
    from lambdas.evaluate.request import EvaluateRequest

Row = dict[str, Any]

# The groups of items, which are judged by recall: other metrics have no value for a part of a user's items.
BY_POPULARITY = "popularity"
# Where a table calls a member of metrics.json by another name, one that SQL has not reserved.
_OF_PRIMARY = {"difference_low": "low", "difference_high": "high"}
_OF_SEGMENT = {
    "grouped_by": "by",
    "group_key": "group",
    "group_label": "label",
    "baseline_value": "rival_value",
}


def write_metrics_csv(path: Path, request: EvaluateRequest, comparison: Comparison) -> None:
    """Long form, one value a row; an undefined value or interval is an empty cell."""
    common = {
        "scenario": request.scenario,
        "run_id": request.run_id,
        "confidence": comparison.settings.confidence,
    }
    columns = [column.name for column in METRICS_CSV.columns]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
        writer.writeheader()
        rows = _metric_rows(value_rows(comparison), difference_rows(comparison))
        writer.writerows({**common, **row} for row in rows)


def write_per_user_parquet(path: Path, request: EvaluateRequest, found: Evaluation | Replay) -> None:
    """One row for every user (in a replay for every pair), list and cut-off; undefined values are null."""
    metadata = {"schema_version": SCHEMA_VERSION, "scenario": request.scenario, "run_id": request.run_id}
    write_blocks(path, PER_USER, user_blocks(request.run_id, found), metadata)


def write_tables(folder: Path, document: Mapping[str, Any]) -> dict[ResultTable, Path]:
    """Write the files of the small tables into a new folder. document: the finished metrics.json."""
    folder.mkdir()
    contents: dict[ResultTable, Iterable[Row]] = {
        METRICS: _metric_rows(document["values"], document["differences"]),
        SEGMENTS: _segment_rows(document),
        RUNS: [_run_row(document)],
    }
    common = {"run_id": document["run_id"], "confidence": document["settings"]["confidence"]}
    written = {}
    for table, rows in contents.items():
        written[table] = folder / f"{table.name}{table.suffix}"
        write_rows(written[table], table, ({**row, **common} for row in rows))
    return written


def _metric_rows(values: Iterable[Row], differences: Iterable[Row]) -> Iterator[Row]:
    for row in values:
        yield {"kind": "value", **row}
    for row in differences:
        shared = {key: row[key] for key in ("source", "list", "baseline", "metric", "k", "users")}
        for kind, value, low, high in (
            ("difference", "difference", "low", "high"),
            ("relative_difference", "relative_difference", "relative_low", "relative_high"),
        ):
            yield {"kind": kind, **shared, "value": row[value], "low": row[low], "high": row[high]}


def _segment_rows(document: Mapping[str, Any]) -> Iterator[Row]:
    headline = _headline(document)
    for row in document["segments"]:
        yield {
            **{name: headline[name] for name in ("source", "list", "baseline", "k")},
            **row,
            **{name: row[member] for name, member in _OF_SEGMENT.items()},
            "metric": "recall" if row["by"] == BY_POPULARITY else headline["metric"],
        }


def _run_row(document: Mapping[str, Any]) -> Row:
    """The verdict and what it rests on; its interval is that of the primary list among the values."""
    headline, cost = _headline(document), document["cost"] or {}
    names = ("source", "list", "metric", "k")
    (measured,) = (row for row in document["values"] if all(row[name] == headline[name] for name in names))
    return {
        **{name: document[name] for name in ("kind", "outcome", "verdict", "schema_version")},
        **headline,
        **{name: headline[member] for name, member in _OF_PRIMARY.items()},
        **{name: measured[name] for name in ("value", "low", "high")},
        "evaluated_at": _utc(document["evaluated_at"]),
        "started_at": _utc(document["facts"].get("started_at")),
        "model": document["model"]["name"],
        "users": document["users"]["evaluated"],
        # A sum that leaves parts out would look like a cheap run.
        "cost_total": cost.get("total") if _is_whole(cost) else None,
        "currency": cost.get("currency"),
        "charged": cost.get("charged"),
    }


def _is_whole(cost: Mapping[str, Any]) -> bool:
    return all(item["amount"] is not None for item in cost.get("items", ()))


def _headline(document: Mapping[str, Any]) -> Row:
    """The primary comparison, its `ndcg@10` in two members."""
    metric, _, k = document["primary"]["metric"].partition("@")
    return {**document["primary"], "metric": metric, "k": int(k)}


def _utc(value: object) -> datetime | None:
    """A time as Step Functions tells it (ISO 8601), in UTC and without a zone; None for anything else."""
    try:
        told = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return told.astimezone(UTC).replace(tzinfo=None) if told.tzinfo else told
