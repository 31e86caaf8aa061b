"""What runs leave for SQL: the same columns for every kind of evaluation, in files that say what metrics.json says."""

from __future__ import annotations

import csv
import json
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest

from lambdas.evaluate.metrics import COVERAGE, METRICS
from lambdas.evaluate.parquet_files import write_rows
from lambdas.evaluate.request import EvaluateRequest, Kind
from lambdas.evaluate.tables import write_tables
from lambdas.evaluate.task import results_of, write_report
from lambdas.shared.result_tables import (
    METRICS as METRICS_TABLE,
)
from lambdas.shared.result_tables import (
    METRICS_CSV,
    PER_USER,
    RUNS,
    SEGMENTS,
    TABLES,
    USER_METRICS,
    Column,
    ColumnType,
    ResultTable,
)

SETTINGS = {"cutoffs": [1, 2], "primary_cutoff": 2, "bootstrap_resamples": 100, "overlap_k": 4}
# Types of Parquet files, as pyarrow reads them, in Glue's words; the writer has its own table.
GLUE = {
    "string": "string",
    "bool": "boolean",
    "int32": "int",
    "int64": "bigint",
    "float": "float",
    "double": "double",
    "timestamp[ms]": "timestamp",
}


@pytest.fixture
def tables(run, event):
    """Measures the run's files and writes everything; returns metrics.json and by table the rows and the schema."""

    def write(kind=Kind.USERS, facts=None, **measuring):
        names = sorted(run.inputs.answers)
        members = {**event, "kind": kind.value, "evaluation": SETTINGS, "facts": facts or {}}
        members |= {name: f"s3://data/{name}" for name in ("catalogue", "user_causes", "causes", "replay")}
        if kind is not Kind.REPLAY and names != ["model"]:
            members["variants"] = [{"name": name, "recommendations": "s3://data/r/"} for name in names]
        request = EvaluateRequest.parse(members)
        measured = run.measure(kind, **SETTINGS, **measuring)
        report = run.folder / "report"
        write_report(report, results_of(request, measured))
        document = json.loads((report / "metrics.json").read_text())
        written = write_tables(run.folder / "tables", document) | {PER_USER: report / "per_user.parquet"}
        return document, {table.name: pyarrow.parquet.read_table(path) for table, path in written.items()}

    return write


def line(member, asked, items) -> str:
    return json.dumps({"input": {member: asked}, "output": {"recommendedItems": items}, "error": None})


def users(run):
    run.write_train([("ann", "a", 1), ("ann", "b", 2), ("bob", "b", 1)])
    run.write_holdout([("ann", "c", 9), ("bob", "a", 9)])
    run.write_answers([line("userId", "ann", ["b", "c"])])


def variants(run):
    users(run)
    for name in ("explore_0.0", "explore_0.5"):
        run.write_variant(name, [line("userId", "ann", ["c"]), line("userId", "bob", ["a"])])


def related_items(run):
    run.write_train([("ann", "a", 1), ("bob", "b", 1)])
    run.write_holdout([("ann", "b", 9), ("bob", "c", 9)])
    run.write_answers([line("itemId", "a", ["b", "c"]), line("itemId", "b", ["a"])])
    run.write_user_causes({"ann": "a", "bob": "b"})


def cold_items(run):
    run.write_train([("ann", "a", 1), ("bob", "b", 1)])
    run.write_holdout([("ann", "c", 9), ("bob", "c", 9)])
    run.write_answers([line("userId", "ann", ["c"]), line("userId", "bob", ["c"])])
    run.write_catalogue(ITEM_ID=["a", "b", "c"], GENRES=["x", "x|y", "y"], COLD=[False, False, True])


def replay(run):
    run.write_replay(
        [
            *((1, "ann", "bob", 0, ["x"], ["y", "z"]), (1, "ann", "bob", 4, ["y"], ["y", "z"])),
            *((7, "cid", "dan", 0, [], []), (7, "cid", "dan", 2, ["y"], [])),
        ]
    )


KINDS = [
    (Kind.USERS, users),
    (Kind.USERS, variants),
    (Kind.RELATED_ITEMS, related_items),
    (Kind.COLD_ITEMS, cold_items),
    (Kind.REPLAY, replay),
]


@pytest.mark.parametrize(("kind", "files"), KINDS, ids=[files.__name__ for _, files in KINDS])
def test_every_kind_of_evaluation_writes_the_columns_of_the_contract(tables, run, kind, files):
    files(run)
    _, found = tables(kind)
    for table in TABLES:
        fields = [(field.name, GLUE[str(field.type)]) for field in found[table.name].schema]
        assert fields == [(column.name, column.type.value) for column in table.columns]
    assert {row["run_id"] for name in ("runs", "metrics", "per_user") for row in found[name].to_pylist()} == {
        "r1"
    }
    with (run.folder / "report" / "metrics.csv").open(newline="") as file:
        assert next(csv.reader(file)) == [column.name for column in METRICS_CSV.columns]


def test_every_metric_of_a_user_has_a_column_and_no_other():
    assert set(USER_METRICS) == set(METRICS) - {COVERAGE.name}


def test_a_comment_and_a_name_are_what_glue_takes():
    for table in TABLES:
        names = [column.name for column in table.columns]
        assert len(set(names)) == len(names)
        assert not {"scenario", "run_date"} & set(names)
        for column in table.columns:
            assert 0 < len(column.comment) <= 255
            assert column.name.isidentifier()
            assert column.name == column.name.lower()


def test_a_user_has_a_row_for_every_list_and_cutoff(tables, run):
    users(run)
    document, found = tables()
    rows = found["per_user"].to_pylist()
    lists = {(row["source"], row["list"]) for row in document["values"]}
    assert len(lists) == 5
    assert [(row["source"], row["list"], row["k"], row["user_id"]) for row in rows[:4]] == [
        ("model", "without_seen", 1, "ann"),
        ("model", "without_seen", 1, "bob"),
        ("model", "without_seen", 2, "ann"),
        ("model", "without_seen", 2, "bob"),
    ]
    assert {(row["source"], row["list"], row["k"]) for row in rows} == {
        (*name, k) for name in lists for k in (1, 2)
    }
    assert len(rows) == len(lists) * 2 * 2
    ann, bob = rows[0], rows[1]
    assert (ann["train_interactions"], ann["history_group"], ann["held_out_items"]) == (2, "001-009", 1)
    # b is seen, so c stands first; bob has no answer.
    assert (ann["precision"], ann["ndcg"], ann["answered"]) == (1, 1, True)
    assert (bob["precision"], bob["ndcg"], bob["answered"]) == (0, 0, False)
    # An empty list has no share of anything; nobody measured genres, and there is no pair.
    assert bob["popular_share"] is None
    assert {row["genre_agreement"] for row in rows} == {row["pair"] for row in rows} == {None}
    assert {row["answered"] for row in rows if row["source"] == "popularity"} == {True}


def test_users_average_to_the_values(tables, community):
    document, found = tables()
    table = found["per_user"]
    for row in document["values"]:
        if row["metric"] == COVERAGE.name:
            continue
        mine = [table[name].to_numpy() == row[name] for name in ("source", "list", "k")]
        values = table[row["metric"]].to_numpy()[np.logical_and.reduce(mine)]
        assert np.count_nonzero(~np.isnan(values)) == row["users"]
        assert np.nanmean(values) == pytest.approx(row["value"], abs=1e-6)


def test_a_variant_tells_for_itself_whom_it_answered(tables, run):
    variants(run)
    run.write_variant("explore_0.5", [line("userId", "ann", ["c"])])
    _, found = tables()
    answered = {
        (row["source"], row["user_id"]): row["answered"]
        for row in found["per_user"].to_pylist()
        if row["source"].startswith("explore")
    }
    assert answered == {
        ("explore_0.0", "ann"): True,
        ("explore_0.0", "bob"): True,
        ("explore_0.5", "ann"): True,
        ("explore_0.5", "bob"): False,
    }


def test_a_pair_has_a_row_before_and_after_and_nulls_where_nothing_can_be_shared(tables, run):
    replay(run)
    document, found = tables(Kind.REPLAY)
    rows = found["per_user"].to_pylist()
    shown = [
        (row["source"], row["pair"], row["user_id"], row["other_user_id"], row["events"]) for row in rows
    ]
    assert shown == [
        ("replay", 1, "ann", "bob", 4),
        ("replay", 7, "cid", "dan", 2),
        ("no_events", 1, "ann", "bob", 4),
        ("no_events", 7, "cid", "dan", 2),
    ]
    assert [row["overlap"] for row in rows] == [1 / 4, None, 0, None]
    assert {row["k"] for row in rows} == {4}
    for name in ("train_interactions", "history_group", "held_out_items", "ndcg"):
        assert {row[name] for row in rows} == {None}
    (entry,) = found["runs"].to_pylist()
    assert (entry["source"], entry["baseline"], entry["metric"], entry["k"]) == (
        "replay",
        "no_events",
        "overlap",
        4,
    )
    assert entry["users"] == document["users"]["evaluated"] == 2
    assert found["segments"].num_rows == 0


def test_a_run_is_one_row_that_says_what_the_verdict_says(tables, community):
    document, found = tables(facts={"started_at": "2026-11-24T07:30:00.5+02:00"})
    (row,) = found["runs"].to_pylist()
    primary = document["primary"]
    (measured,) = (
        entry
        for entry in document["values"]
        if (entry["source"], entry["list"], entry["metric"], entry["k"])
        == ("model", "without_seen", "ndcg", 2)
    )
    assert row["verdict"] == document["verdict"]
    assert row["outcome"] == document["outcome"] == "better"
    assert row["evaluated_at"].isoformat(timespec="milliseconds") + "Z" == document["evaluated_at"]
    assert row["started_at"] == datetime(2026, 11, 24, 5, 30, 0, 500_000)  # noqa: DTZ001 (UTC without a zone)
    assert (row["metric"], row["k"], row["users"], row["kind"]) == ("ndcg", 2, 40, "users")
    assert (row["value"], row["low"], row["high"]) == (measured["value"], measured["low"], measured["high"])
    assert (row["difference"], row["difference_low"], row["difference_high"]) == (
        primary["difference"],
        primary["low"],
        primary["high"],
    )
    assert row["value"] - row["baseline_value"] == pytest.approx(row["difference"])
    assert row["difference"] / row["baseline_value"] == pytest.approx(row["relative_difference"])
    assert row["schema_version"] == document["schema_version"]


@pytest.mark.parametrize("facts", [{}, {"started_at": "yesterday"}, {"started_at": None}])
def test_a_start_that_nobody_told_is_null(tables, community, facts):
    _, found = tables(facts=facts)
    assert found["runs"]["started_at"].to_pylist() == [None]


def test_metrics_are_those_of_the_csv(tables, community):
    _, found = tables()
    with (community.folder / "report" / "metrics.csv").open(newline="") as file:
        cells = list(csv.DictReader(file))
    rows = found["metrics"].to_pylist()
    assert len(rows) == len(cells) > 100
    for row, cell in zip(rows, cells, strict=True):
        assert {name: "" if value is None else str(value) for name, value in row.items()} == {
            name: text for name, text in cell.items() if name != "scenario"
        }


def test_undefined_figures_are_null_and_one_user_has_no_interval(tables, run):
    run.write_train([("ann", "a", 1)])
    run.write_holdout([("ann", "b", 9)])
    run.write_answers([line("userId", "ann", ["b"])])
    _, found = tables()
    (row,) = found["runs"].to_pylist()
    assert (row["value"], row["users"], row["outcome"]) == (1, 1, "cannot_tell")
    assert [row[name] for name in ("low", "high", "difference_low", "relative_difference")] == [None] * 4
    assert found["per_user"].num_rows == 5 * 2


def test_a_run_without_users_has_a_row_of_nulls_and_empty_tables(tables, run):
    run.write_train([("ann", "a", 1)])
    run.write_holdout([("zoe", "b", 9)])
    run.write_answers([])
    _, found = tables()
    (row,) = found["runs"].to_pylist()
    assert (row["value"], row["baseline_value"], row["difference"], row["users"]) == (None, None, None, 0)
    assert found["per_user"].num_rows == 0
    assert found["segments"].num_rows == 0


def test_names_from_data_are_kept_as_they_are(tables, run):
    odd = ['a,"b"\n', "=1+1", "café 🎬", "null", " "]
    run.write_train([(user, "a", 1) for user in odd])
    run.write_holdout([(user, "b", 9) for user in odd])
    run.write_answers([line("userId", user, ["b"]) for user in odd])
    _, found = tables()
    assert set(found["per_user"]["user_id"].to_pylist()) == set(odd)


def test_segments_name_their_metric_and_use_no_word_of_sql(run, tables, community):
    document, _ = tables()
    row = {
        "value": 0.5,
        "low": None,
        "high": 0.75,
        "rival_value": 0.25,
        "difference": 0.25,
        "difference_low": 0.125,
        "difference_high": 0.375,
        "users": 12,
    }
    document["segments"] = [
        {"by": "history", "group": "001-009", "label": "1\u20139", **row},
        {"by": "popularity", "group": "rare", "label": "rare items", **row},
    ]
    written = write_tables(run.folder / "more", document)
    first, second = pyarrow.parquet.read_table(written[SEGMENTS]).to_pylist()
    assert first == {
        "run_id": "r1",
        "grouped_by": "history",
        "group_key": "001-009",
        "group_label": "1\u20139",
        "source": "model",
        "list": "without_seen",
        "baseline": "popularity_without_seen",
        "metric": "ndcg",
        "k": 2,
        "users": 12,
        "value": 0.5,
        "low": None,
        "high": 0.75,
        "baseline_value": 0.25,
        "difference": 0.25,
        "difference_low": 0.125,
        "difference_high": 0.375,
    }
    assert (second["group_key"], second["metric"], second["k"]) == ("rare", "recall", 2)


def test_the_cost_of_a_run_is_in_its_row(run, tables, community):
    document, _ = tables()
    document["cost"] = {"currency": "USD", "estimated": True, "charged": False, "items": [], "total": 1.25}
    (row,) = pyarrow.parquet.read_table(write_tables(run.folder / "more", document)[RUNS]).to_pylist()
    assert (row["cost_total"], row["currency"], row["charged"]) == (1.25, "USD", False)
    document["cost"]["items"] = [{"name": "training", "amount": None}]
    (row,) = pyarrow.parquet.read_table(write_tables(run.folder / "part", document)[RUNS]).to_pylist()
    assert (row["cost_total"], row["currency"], row["charged"]) == (None, "USD", False)
    document["cost"] = None
    (row,) = pyarrow.parquet.read_table(write_tables(run.folder / "none", document)[RUNS]).to_pylist()
    assert (row["cost_total"], row["currency"], row["charged"]) == (None, None, None)


def test_files_say_which_run_and_version_they_are_of_and_are_compressed(tables, community):
    document, _ = tables()
    file = pyarrow.parquet.ParquetFile(community.folder / "report" / "per_user.parquet")
    metadata = file.schema_arrow.metadata
    assert metadata[b"run_id"] == b"r1"
    assert metadata[b"scenario"] == b"hrnn"
    assert metadata[b"schema_version"] == document["schema_version"].encode()
    assert file.metadata.row_group(0).column(0).compression == "ZSTD"


def test_row_groups_are_bounded_and_hold_few_lists(tmp_path, monkeypatch):
    from lambdas.evaluate import parquet_files

    monkeypatch.setattr(parquet_files, "_LEAST_ROWS", 4)
    monkeypatch.setattr(parquet_files, "_MOST_ROWS", 6)
    table = ResultTable("t", "t", (Column("k", ColumnType.INT, "k"),))
    blocks = [{"k": pa.array([number] * rows, pa.int32())} for number, rows in enumerate((3, 3, 1, 8))]
    parquet_files.write_blocks(tmp_path / "t.parquet", table, blocks)
    metadata = pyarrow.parquet.ParquetFile(tmp_path / "t.parquet").metadata
    assert [metadata.row_group(place).num_rows for place in range(metadata.num_row_groups)] == [6, 6, 3]


def test_a_value_of_another_type_is_refused(tmp_path):
    with pytest.raises(pa.ArrowInvalid):
        write_rows(tmp_path / "t.parquet", METRICS_TABLE, [{"k": "ten"}])
