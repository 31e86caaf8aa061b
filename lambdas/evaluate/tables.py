"""metrics.csv and per_user.parquet: the results for people with a spreadsheet or SQL."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet

from lambdas.evaluate.documents import SCHEMA_VERSION
from lambdas.evaluate.evaluation import Evaluation
from lambdas.evaluate.replay_documents import pair_columns
from lambdas.evaluate.rows import difference_rows, value_rows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lambdas.evaluate.comparison import Comparison
    from lambdas.evaluate.replay import Replay
    from lambdas.evaluate.request import EvaluateRequest

COLUMNS = (
    "scenario",
    "run_id",
    "kind",
    "source",
    "list",
    "baseline",
    "metric",
    "k",
    "value",
    "low",
    "high",
    "confidence",
    "users",
)


def write_metrics_csv(path: Path, request: EvaluateRequest, comparison: Comparison) -> None:
    """Long form, one value a row; an undefined value or interval is an empty cell."""
    common = {
        "scenario": request.scenario,
        "run_id": request.run_id,
        "confidence": comparison.settings.confidence,
    }
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows({**common, **row} for row in _rows(comparison))


def _rows(comparison: Comparison) -> Iterator[dict[str, Any]]:
    for row in value_rows(comparison):
        yield {"kind": "value", **row}
    for row in difference_rows(comparison):
        shared = {key: row[key] for key in ("source", "list", "baseline", "metric", "k", "users")}
        for kind, value, low, high in (
            ("difference", "difference", "low", "high"),
            ("relative_difference", "relative_difference", "relative_low", "relative_high"),
        ):
            yield {"kind": kind, **shared, "value": row[value], "low": row[low], "high": row[high]}


def write_per_user_parquet(path: Path, request: EvaluateRequest, found: Evaluation | Replay) -> None:
    """One row per evaluated user, ascending by id, or per pair of a replay; undefined values are null."""
    columns = _user_columns(found) if isinstance(found, Evaluation) else pair_columns(found)
    table = pa.table(columns).replace_schema_metadata(
        {"schema_version": SCHEMA_VERSION, "scenario": request.scenario, "run_id": request.run_id}
    )
    pyarrow.parquet.write_table(table, path, compression="zstd")


def _user_columns(evaluation: Evaluation) -> dict[str, pa.Array]:
    data = evaluation.data
    columns: dict[str, pa.Array] = {
        "user_id": data.users,
        "train_interactions": pa.array(data.history.astype(np.int64)),
        "held_out_items": pa.array(data.truth.sizes),
        "answered": pa.array(evaluation.recommendations.answered),
    }
    for variant, found in evaluation.answers.items():
        if variant != evaluation.primary.source:
            columns[f"{variant}_answered"] = pa.array(found.answered)
    for name in evaluation.lists:
        for position, (metric, k) in enumerate(evaluation.columns):
            values = evaluation.per_user[name][:, position]
            # float32: seven digits of a value between 0 and 1, half the file.
            columns[f"{name.column}_{metric}_at_{k}"] = pa.array(
                values.astype(np.float32), mask=np.isnan(values)
            )
    return columns
