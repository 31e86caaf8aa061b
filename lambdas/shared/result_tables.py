"""The tables that runs leave for SQL: the one place that spells their names, columns, types and keys.

`evaluate` writes them, the pipelines stack describes them to Athena, the command line asks them on a laptop.
docs/sql.md is the contract for their readers.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

VERSION = "v2"
"""The major version of the contract; part of every key. A column that goes or changes its meaning raises it."""

PREFIX = "tables/"


class ColumnType(StrEnum):
    """A type in the words of Glue (Hive)."""

    STRING = "string"
    BOOLEAN = "boolean"
    INT = "int"
    BIGINT = "bigint"
    FLOAT = "float"
    DOUBLE = "double"
    TIMESTAMP = "timestamp"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, its type, and what it holds, in at most 255 characters."""

    name: str
    type: ColumnType
    comment: str


@dataclass(frozen=True, slots=True)
class ResultTable:
    """A table whose rows every run adds as one file. The partition columns stand in the key alone."""

    name: str
    comment: str
    columns: tuple[Column, ...]
    suffix: str = ".parquet"

    @property
    def prefix(self) -> str:
        """Where the files of all runs are."""
        return f"{PREFIX}{self.name}/{VERSION}/"

    def folder(self, scenario: str, run_date: str) -> str:
        """Where the files of one partition are."""
        return f"{self.prefix}scenario={scenario}/run_date={run_date}/"

    def key(self, scenario: str, run_date: str, run_id: str) -> str:
        """The file of a run. Its name is the run's: written again, it replaces itself and nothing else."""
        return f"{self.folder(scenario, run_date)}{run_id}{self.suffix}"


def _columns(**described: tuple[ColumnType, str]) -> tuple[Column, ...]:
    return tuple(Column(name, kind, comment) for name, (kind, comment) in described.items())


_T = ColumnType

PARTITIONS = _columns(
    scenario=(_T.STRING, "hrnn, sims, metadata, coldstart or put_events"),
    run_date=(_T.STRING, "UTC date of the run's first evaluation, as 2026-11-24"),
)

FIRST_RUN_DATE = "2025-01-01"
"""Where Athena begins to look for partitions: no run has written tables before."""

RUNS = ResultTable(
    "runs",
    "One row per run: the verdict and the comparison that it is about",
    _columns(
        run_id=(_T.STRING, "Which run"),
        evaluated_at=(
            _T.TIMESTAMP,
            "UTC time of the run's first evaluation; in its order runs follow each other",
        ),
        started_at=(
            _T.TIMESTAMP,
            "UTC start of the execution that evaluated it last; null where nobody told it",
        ),
        kind=(_T.STRING, "users, related_items, cold_items or replay"),
        model=(_T.STRING, "Short name of the recipe"),
        outcome=(_T.STRING, "better, not_better or cannot_tell"),
        verdict=(_T.STRING, "The verdict in a sentence"),
        source=(_T.STRING, "Whose lists are judged: model, a variant, or replay"),
        list=(_T.STRING, "as_returned or without_seen; that of the baseline too"),
        metric=(_T.STRING, "The metric of the verdict"),
        k=(_T.INT, "Its cut-off"),
        value=(_T.DOUBLE, "Mean of the metric over the users"),
        low=(_T.DOUBLE, "Lower end of the interval of value"),
        high=(_T.DOUBLE, "Upper end of the interval of value"),
        baseline=(_T.STRING, "What it is compared with: a baseline or the reference variant"),
        baseline_value=(_T.DOUBLE, "Mean of the metric over the same users for the baseline"),
        difference=(_T.DOUBLE, "value minus baseline_value"),
        difference_low=(_T.DOUBLE, "Lower end of the interval of difference"),
        difference_high=(_T.DOUBLE, "Upper end of the interval of difference"),
        relative_difference=(_T.DOUBLE, "difference as a fraction of baseline_value"),
        relative_low=(_T.DOUBLE, "Lower end of the interval of relative_difference"),
        relative_high=(_T.DOUBLE, "Upper end of the interval of relative_difference"),
        confidence=(_T.DOUBLE, "Coverage of the intervals"),
        users=(_T.BIGINT, "Users evaluated; in a replay pairs"),
        cost_total=(
            _T.DOUBLE,
            "Estimated cost of the run by the unit prices in the settings; null where a part is not known",
        ),
        currency=(_T.STRING, "Of cost_total"),
        charged=(
            _T.BOOLEAN,
            "Whether somebody is billed: false where the service was emulated; null without cost",
        ),
        schema_version=(_T.STRING, "Version of the metrics.json that the row was made from"),
    ),
)

METRICS = ResultTable(
    "metrics",
    "One row per value or difference: metrics.csv",
    _columns(
        run_id=(_T.STRING, "Which run"),
        kind=(_T.STRING, "value, difference or relative_difference"),
        source=(_T.STRING, "model, a variant or a baseline; for differences whose list is ahead or behind"),
        list=(_T.STRING, "as_returned or without_seen; for differences that of the source"),
        baseline=(_T.STRING, "For differences a baseline or the reference variant, else null"),
        metric=(_T.STRING, "Name of the metric"),
        k=(_T.INT, "Its cut-off"),
        value=(_T.DOUBLE, "Null where undefined"),
        low=(_T.DOUBLE, "Lower end of the interval; null without one"),
        high=(_T.DOUBLE, "Upper end of the interval; null without one"),
        confidence=(_T.DOUBLE, "Coverage of the interval"),
        users=(_T.BIGINT, "Over how many users; for differences the smaller of the two"),
    ),
)

SEGMENTS = ResultTable(
    "segments",
    "One row per group of users or of held-out items: the verdict's two lists within it; none for replays",
    _columns(
        run_id=(_T.STRING, "Which run"),
        grouped_by=(_T.STRING, "history (users by training interactions) or popularity (held-out items)"),
        group_key=(_T.STRING, "001-009, 010-019, …, 500+; or popular, middling, rare, new"),
        group_label=(_T.STRING, "The group for people"),
        source=(_T.STRING, "Whose list, as in runs"),
        list=(_T.STRING, "Which list, as in runs"),
        baseline=(_T.STRING, "What it is compared with, as in runs"),
        metric=(
            _T.STRING,
            "By history the metric of the verdict; by popularity recall of the items in the group",
        ),
        k=(_T.INT, "Its cut-off"),
        users=(_T.BIGINT, "Users in the group; by popularity users with held-out items in it"),
        value=(_T.DOUBLE, "Mean of the model's list"),
        low=(_T.DOUBLE, "Lower end of the interval of value"),
        high=(_T.DOUBLE, "Upper end of the interval of value"),
        baseline_value=(_T.DOUBLE, "Mean of the list that it is compared with"),
        difference=(_T.DOUBLE, "value minus baseline_value"),
        difference_low=(_T.DOUBLE, "Lower end of the interval of difference"),
        difference_high=(_T.DOUBLE, "Upper end of the interval of difference"),
    ),
)

USER_METRICS = (
    *("ndcg", "precision", "recall", "hit_rate", "map", "mrr", "ndcg_of_hits", "popular_share"),
    *("genre_agreement", "overlap", "rbo"),
)
"""The metrics that have a value for every user."""

PER_USER = ResultTable(
    "per_user",
    "One row per user (in a replay per pair), list and cut-off: per_user.parquet",
    (
        *_columns(
            run_id=(_T.STRING, "Which run"),
            user_id=(_T.STRING, "The user; in a replay user A"),
            other_user_id=(_T.STRING, "In a replay user B, else null"),
            pair=(_T.INT, "In a replay the number of the pair, else null"),
            events=(_T.INT, "In a replay the number of B's events, else null"),
            train_interactions=(
                _T.BIGINT,
                "Length of the training history, repeats included; null in a replay",
            ),
            history_group=(_T.STRING, "Its group: 001-009, 010-019, …, 200-499, 500+; null in a replay"),
            held_out_items=(_T.BIGINT, "Distinct held-out items; null in a replay"),
            answered=(_T.BOOLEAN, "Whether the source has a usable answer for the user; true for baselines"),
            source=(_T.STRING, "Whose list: model, a variant or a baseline; in a replay replay or no_events"),
            list=(_T.STRING, "as_returned or without_seen"),
            k=(_T.INT, "The cut-off"),
        ),
        *(
            Column(name, _T.FLOAT, "The user's value; null where undefined or not measured")
            for name in USER_METRICS
        ),
    ),
)

TABLES = (RUNS, METRICS, SEGMENTS, PER_USER)
"""What can be asked in SQL."""

METRICS_CSV = ResultTable(
    "metrics_csv",
    "metrics.csv in the same layout, for what reads no Parquet",
    (PARTITIONS[0], *METRICS.columns),
    suffix=".csv",
)
