"""What items and users tell about the interactions, and what training can use of them."""

from __future__ import annotations

import json

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from lambdas.split_data.coverage import ColumnFacts, Coverage, feature_problems
from lambdas.split_data.entities import RawTable, read_entities
from lambdas.split_data.files import RawFile
from lambdas.split_data.problems import warning_documents
from lambdas.split_data.schema import columns_of

HEADER = "ITEM_ID,TITLE,GENRES,YEAR,PLOT\n"


def coverage_of(items, **events) -> Coverage:
    """Coverage of interactions with so many events of each item."""
    return Coverage.of(items, pd.Index(list(events), dtype="str"), pd.Series(events).to_numpy())


def test_who_fits_whom_is_counted(read_items):
    items = read_items(f"{HEADER}a,One,,1990,\nb,Two,,,\nc,Three,,,\nc,Three,,,\n")
    document = coverage_of(items, a=3, x=5, y=6).document()
    del document["columns"]
    assert document == {
        "rows": 3,
        "duplicates": 1,
        "without_interactions": 2,
        "missing": 2,
        "missing_interactions": 11,
    }


def test_columns_are_described_by_what_training_can_do_with_them(read_items):
    items = read_items(f"{HEADER}a,One,Drama|War,1990,\nb,Two,War|,,\nc,Three,,1990,x\nd,Four,Drama,,y\n")
    assert coverage_of(items, a=1).columns == (
        ColumnFacts("TITLE", "plain", 1.0, 4, trains=False),
        ColumnFacts("GENRES", "categorical", 0.75, 2, trains=True),
        ColumnFacts("YEAR", "number", 0.5, 1, trains=True),
        # Prose that half of the rows lack is not used by the service.
        ColumnFacts("PLOT", "textual", 0.5, 2, trains=False),
    )


def test_a_diagnosis_of_items_is_a_json_document(read_items):
    document = coverage_of(read_items(f"{HEADER}a,One,,1990,\n"), a=1).document()
    assert json.loads(json.dumps(document, allow_nan=False)) == document


def test_an_empty_text_of_parquet_is_no_value(tmp_path, item_fields):
    pq.write_table(pa.table({"ITEM_ID": ["a", "b"], "GENRES": ["", "War"]}), tmp_path / "x")
    columns = columns_of({"fields": [item_fields[0], item_fields[2]]}, "items")
    items = read_entities(RawTable("items", [RawFile(tmp_path / "x", "x")], columns, "The items"))
    assert coverage_of(items, a=1).columns[0].filled == 0.5


def told(coverage) -> dict[str, tuple[int, str]]:
    return {
        entry["code"]: (entry["count"], entry["message"]) for entry in warning_documents(coverage.warnings())
    }


def test_what_should_be_known_is_told(read_items):
    items = read_items(f"{HEADER}a,One,War,1990,\nb,Two,War,,\nb,Two,War,,\n")
    found = told(coverage_of(items, a=3, x=5))
    assert {code: count for code, (count, _) in found.items()} == {
        "items_duplicates": 1,
        "items_without_interactions": 1,
        "items_missing": 1,
        "items_sparse_columns": 2,
    }
    assert found["items_sparse_columns"][1].endswith("in less than 70% of the rows: YEAR, PLOT.")


def test_users_whom_nobody_has_seen_are_a_warning_that_points_to_the_ids(read_items):
    fields = [{"name": "USER_ID", "type": "string"}, {"name": "AGE", "type": "int"}]
    users = read_items("USER_ID,AGE\n01,30\n02,40\n", fields=fields, dataset="users")
    found = told(Coverage.of(users, pd.Index(["1", "2"], dtype="str"), pd.Series([5, 5]).to_numpy()))
    count, message = found["users_without_interactions"]
    assert count == 2
    assert "not one of 2 does: check that both datasets spell ids alike" in message
    assert found["users_missing"][0] == 2


def test_too_many_categories_are_told(read_items):
    rows = "".join(f"i{number},x,g{number},1990,p\n" for number in range(1001))
    assert told(coverage_of(read_items(HEADER + rows), i1=1))["items_many_categories"][0] == 1


def features(coverage) -> list[str]:
    return [str(problem) for problem in feature_problems(coverage)]


def test_items_with_a_feature_are_enough(read_items):
    assert features(coverage_of(read_items(f"{HEADER}a,One,War,,\n"), a=1)) == []


def test_items_without_a_usable_feature_are_refused_with_the_reason_of_each_column(read_items):
    rows = "".join(f"i{number},One,,,{'x' if number < 8 else ''}\n" for number in range(10))
    problems = features(coverage_of(read_items(HEADER + rows), i1=1))
    assert len(problems) == 1
    assert (
        "there is no feature that training can use: TITLE (a text that is not categorical), "
        "GENRES (no row has a value), YEAR (no row has a value), PLOT (80% of the rows have a value, and prose "
        'needs 85%). Give items a column with categories joined by | ("categorical": true in the schema), a '
        'number, or a description ("textual": true).'
    ) in problems[0]


def test_times_and_booleans_are_no_features(read_items, item_fields):
    fields = [
        item_fields[0],
        {"name": "CREATION_TIMESTAMP", "type": "long"},
        {"name": "NEW", "type": "boolean"},
    ]
    items = read_items("ITEM_ID,CREATION_TIMESTAMP,NEW\na,1,true\n", fields=fields)
    assert "CREATION_TIMESTAMP (a time), NEW (a boolean)" in features(coverage_of(items, a=1))[0]


def test_features_of_items_that_nobody_touched_are_of_no_use(read_items):
    items = read_items(f"{HEADER}a,One,War,,\n")
    problems = features(coverage_of(items, b=1))
    assert len(problems) == 1
    assert "not one of the 1 items occurs in the interactions" in problems[0]


def test_a_scenario_that_needs_features_needs_items():
    assert "there is no items dataset" in features(None)[0]
