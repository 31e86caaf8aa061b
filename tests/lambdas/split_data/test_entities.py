"""Items and users: what is read, and what is refused."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lambdas.shared.errors import DataError, RequestError
from lambdas.split_data.entities import RawTable, read_entities
from lambdas.split_data.files import RawFile
from lambdas.split_data.schema import columns_of
from lambdas.split_data.writing import write_csv, write_parquet

HEADER = "ITEM_ID,TITLE,GENRES,YEAR,PLOT\n"


def refused(read, *contents, **options) -> str:
    with pytest.raises(DataError) as caught:
        read(*contents, **options)
    return str(caught.value)


def written(items, path) -> str:
    write_csv(items.frame, items.rows, items.columns, path)
    return path.read_text(encoding="utf-8")


def test_items_come_in_the_order_of_their_ids_whatever_the_files(read_items, tmp_path):
    rows = ["b,Two,,1990,\n", "10,One,Drama|War,,Long ago\n", "9,Three,Drama,2000,\n"]
    once = written(read_items(HEADER + "".join(rows)), tmp_path / "once")
    assert once == HEADER + rows[1] + rows[2] + rows[0]
    again = written(read_items(HEADER + rows[2], HEADER + rows[0] + rows[1]), tmp_path / "again")
    assert again == once


@pytest.mark.parametrize(
    ("title", "quoted"),
    [
        ("<b>Bold</b> & <script>", "<b>Bold</b> & <script>"),
        ("Good, the Bad", '"Good, the Bad"'),
        ('"Quoted"', r'"\"Quoted\""'),
        ("Up 🎈 to ☁️", "Up 🎈 to ☁️"),
        ("back\\slash", r'"back\\slash"'),
    ],
)
def test_titles_of_any_kind_survive(read_items, tmp_path, title, quoted):
    inner = title.replace('"', '""')
    items = read_items(f'{HEADER}1,"{inner}",Drama,1990,\n')
    assert written(items, tmp_path / "items.csv") == f"{HEADER}1,{quoted},Drama,1990,\n"
    write_parquet(items.frame, items.rows, items.columns, tmp_path / "items.parquet", plain_texts=True)
    table = pq.read_table(tmp_path / "items.parquet")
    assert table["TITLE"].to_pylist() == [title]


def test_a_catalogue_has_plain_texts_and_numbers_with_their_gaps(read_items, tmp_path):
    items = read_items(f"{HEADER}a,One,,1990,\nb,Two,War,,x\n").with_cold(pd.Index(["b"]))
    write_parquet(items.frame, items.rows, items.columns, tmp_path / "x", plain_texts=True)
    table = pq.read_table(tmp_path / "x")
    assert [str(field.type) for field in table.schema] == [
        "string",
        "string",
        "string",
        "int32",
        "string",
        "bool",
    ]
    assert table["YEAR"].to_pylist() == [1990, None]
    assert table["GENRES"].to_pylist() == [None, "War"]
    assert table["COLD"].to_pylist() == [False, True]


def test_the_column_cold_comes_last_as_true_or_false(read_items, tmp_path):
    items = read_items(f"{HEADER}a,One,,1990,\nb,Two,War,,x\n").with_cold(pd.Index(["b", "not here"]))
    assert written(items, tmp_path / "x") == (
        "ITEM_ID,TITLE,GENRES,YEAR,PLOT,COLD\na,One,,1990,,false\nb,Two,War,,x,true\n"
    )


def test_rows_equal_in_every_column_are_one(read_items):
    items = read_items(f"{HEADER}a,One,,1990,\nb,Two,,,\n", f"{HEADER}a,One,,1990,\nb,Two,,,\n")
    assert items.ids.tolist() == ["a", "b"]
    assert items.duplicates == 2


def test_an_id_with_different_rows_is_named_by_both_places_and_without_its_value(read_items):
    message = refused(
        read_items,
        f"{HEADER}secret,One,,1990,\n\nb,Two,,,\n",
        f"{HEADER}c,x,,,\nsecret,One,,1991,\nb,Too,,,\n",
    )
    assert (
        "s3://raw/1.csv, line 3, column ITEM_ID: the id stands in s3://raw/0.csv, line 2 too, and the rows "
        "differ (2 ids occur so). Keep one row for each id" in message
    )
    assert "secret" not in message


def test_an_id_with_different_rows_of_parquet_is_named_by_its_row(tmp_path):
    table = pa.table({"ITEM_ID": [7, 8, 7], "PRICE": [1.0, 2.0, 3.0]})
    pq.write_table(table, tmp_path / "x")
    columns = columns_of(
        {"fields": [{"name": "ITEM_ID", "type": "string"}, {"name": "PRICE", "type": "float"}]}, "items"
    )
    with pytest.raises(DataError, match=r"x\.parquet, row 3, column ITEM_ID: .* x\.parquet, row 1 too"):
        read_entities(RawTable("items", [RawFile(tmp_path / "x", "x.parquet")], columns, "The items"))


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (",One,,,\n", "line 2, column ITEM_ID: the value is missing"),
        ("a,,,,\n", "line 2, column TITLE: the value is missing"),
        (f"{'x' * 257},One,,,\n", "column ITEM_ID: the value is longer than 256 characters"),
        (f"a,One,{'Drama|' * 167},,\n", "column GENRES: the value is longer than 1000 characters"),
        ("a,One,,soon,\n", "column YEAR: the value is not a whole number. Correct it"),
        ('a,"One\nTwo",,,\n', "column TITLE: the value has a line break inside"),
        ("a,One,,\n", "the line has another number of values than the header"),
    ],
)
def test_a_wrong_row_is_refused_with_its_place(read_items, row, words):
    assert words in refused(read_items, HEADER + row)


def test_texts_of_the_longest_that_the_service_takes_pass(read_items):
    assert len(read_items(f"{HEADER}{'x' * 256},{'t' * 1000},{'g' * 1000},,{'p' * 5000}\n").ids) == 1


def test_a_header_that_is_not_the_schemas_is_refused(read_items):
    message = refused(read_items, "ITEM_ID,Title,GENRES,YEAR,PLOT,PRICE\na,One,,,,1\n")
    assert "column TITLE: the column is missing. Rename the column 'Title'" in message
    assert "column 'PRICE': the column is not in the schema" in message


@pytest.mark.parametrize("number", ["inf", "-Infinity", "1e39"])
def test_numbers_without_end_are_refused(read_items, number):
    fields = [{"name": "ITEM_ID", "type": "string"}, {"name": "PRICE", "type": ["null", "float"]}]
    message = refused(read_items, f"ITEM_ID,PRICE\na,1\nb,{number}\n", fields=fields)
    assert "line 3, column PRICE: the number is infinite or too large" in message


def test_no_number_is_none_where_there_must_be_one(read_items):
    fields = [{"name": "ITEM_ID", "type": "string"}, {"name": "PRICE", "type": "double"}]
    assert "column PRICE: the value is missing" in refused(
        read_items, "ITEM_ID,PRICE\na,nan\n", fields=fields
    )


def test_times_of_items_are_checked_as_those_of_events(read_items):
    fields = [{"name": "ITEM_ID", "type": "string"}, {"name": "CREATION_TIMESTAMP", "type": "long"}]
    content = "ITEM_ID,CREATION_TIMESTAMP\na,1600000000000\n"
    assert "column CREATION_TIMESTAMP: the time looks like milliseconds" in refused(
        read_items, content, fields=fields
    )


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (
            [{"name": "GENRES", "type": "string"}],
            "the items must have the field ITEM_ID of type string, and has none",
        ),
        ([{"name": "ITEM_ID", "type": "string"}], "the field ITEM_ID alone, and Personalize needs one more"),
        (
            [{"name": "ITEM_ID", "type": "string"}, {"name": "TAGS", "type": "array"}],
            "'TAGS' of the items' schema has the type 'array'",
        ),
    ],
)
def test_a_schema_that_the_service_would_refuse_is_refused(fields, words):
    with pytest.raises(RequestError, match=words):
        columns_of({"fields": fields}, "items")
