"""Raw files to one frame: what is kept as it is, and what is refused with its place."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lambdas.shared.errors import DataError
from lambdas.split_data.files import RawFile
from lambdas.split_data.reading import read_table

HEADER = "USER_ID,ITEM_ID,TIMESTAMP\n"
WIDE = "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE,DEVICE,DURATION,SIGNED_IN\n"


def read(columns, *files) -> pd.DataFrame:
    return read_table(files, columns, "The interactions")


def refused(columns, *files) -> str:
    with pytest.raises(DataError) as caught:
        read(columns, *files)
    return str(caught.value)


def test_ids_stay_the_text_they_are(raw, columns):
    rows = '007,"a,b",1\n7,"say ""hi""",2\nZoë,日本,3\n 7,back\\slash,4\n'
    frame = read(columns, raw(HEADER + rows))
    assert frame["USER_ID"].tolist() == ["007", "7", "Zoë", " 7"]
    assert frame["ITEM_ID"].tolist() == ["a,b", 'say "hi"', "日本", "back\\slash"]
    assert frame["TIMESTAMP"].tolist() == [1, 2, 3, 4]


def test_categories_are_sorted_so_that_codes_compare_as_texts(raw, columns):
    frame = read(columns, raw(HEADER + "b,i,1\na,i,2\n10,i,3\n9,i,4\n"))
    assert frame["USER_ID"].cat.categories.tolist() == ["10", "9", "a", "b"]
    assert frame["USER_ID"].cat.codes.tolist() == [3, 2, 0, 1]


def test_several_files_with_columns_in_any_order_are_one_table(raw, columns):
    first = raw(HEADER + "a,i,1\n", "one.csv")
    second = raw("TIMESTAMP,USER_ID,ITEM_ID\r\n2,b,j\r\n", "two.csv")
    third = RawFile(first.path.with_name("three.parquet"), "three")
    pq.write_table(pa.table({"USER_ID": [7], "ITEM_ID": ["k"], "TIMESTAMP": [3]}), third.path)
    frame = read(columns, first, second, third)
    assert list(frame.itertuples(index=False, name=None)) == [("a", "i", 1), ("b", "j", 2), ("7", "k", 3)]


def test_a_byte_order_mark_and_a_header_in_quotes_are_no_part_of_the_names(raw, columns):
    frame = read(columns, raw('\ufeff"USER_ID","ITEM_ID","TIMESTAMP"\na,i,1\n'))
    assert frame["USER_ID"].tolist() == ["a"]


def test_columns_of_every_type_come_with_their_gaps(raw, wide_columns):
    frame = read(wide_columns, raw(WIDE + "u,i,1,view,0.5,phone,12,true\nu,i,2,view,,,,\n"))
    assert frame["EVENT_VALUE"].dtype == np.float32
    assert np.isnan(frame["EVENT_VALUE"].iloc[1])
    assert frame["DURATION"].tolist() == [12, pd.NA]
    assert frame["SIGNED_IN"].tolist() == [True, pd.NA]
    assert frame["DEVICE"].cat.codes.tolist() == [0, -1]


def test_parquet_with_dictionaries_and_missing_texts_reads_as_csv_does(tmp_path, wide_columns):
    table = pa.table(
        {
            "USER_ID": pa.array(["u", "v"]).dictionary_encode(),
            "ITEM_ID": pa.array(["i", "j"], pa.large_string()),
            "TIMESTAMP": pa.array([1, 2], pa.int32()),
            "EVENT_TYPE": ["view", "buy"],
            "EVENT_VALUE": [0.5, None],
            "DEVICE": ["phone", None],
            "DURATION": [None, 3],
            "SIGNED_IN": [False, None],
        }
    )
    pq.write_table(table, tmp_path / "x")
    frame = read(wide_columns, RawFile(tmp_path / "x", "x"))
    assert frame["USER_ID"].tolist() == ["u", "v"]
    assert frame["TIMESTAMP"].dtype == np.int64
    assert frame["DURATION"].tolist() == [pd.NA, 3]


def test_an_empty_file_is_named(raw, columns):
    message = refused(columns, raw(HEADER + "a,i,1\n", "good.csv"), raw("", "part-1.csv"))
    assert "s3://raw/part-1.csv: the file is empty" in message
    assert "good.csv" not in message


def test_a_header_without_rows_is_no_data(raw, columns):
    assert "there is no row" in refused(columns, raw(HEADER))


def test_every_problem_of_every_header_is_told_at_once(raw, columns):
    message = refused(
        columns,
        raw("user_id,ITEM_ID,TIMESTAMP\n", "a.csv"),
        raw("USER_ID,ITEM_ID,RATING,RATING\n", "b.csv"),
    )
    assert "(4 problems)" in message
    assert "a.csv, column USER_ID: the column is missing. Rename the column 'user_id'" in message
    assert "b.csv, column TIMESTAMP: the column is missing. Add it" in message
    assert "b.csv, column 'RATING': the column is not in the schema" in message
    assert "b.csv, column 'RATING': it occurs 2 times" in message


def test_a_file_that_is_neither_csv_nor_parquet_is_refused(raw, columns):
    assert "neither Parquet nor CSV in UTF-8" in refused(
        columns, raw(b"\x1f\x8b\x08\x00\xff\xfe", "x.csv.gz")
    )


def test_faults_are_told_with_line_and_column_and_without_the_value(raw, columns):
    message = refused(
        columns,
        raw(HEADER + "a,i,yesterday\nb,,2\n\nc,i,3\nd,i,noon\n", "one.csv"),
        raw(HEADER + "a,i,1600000000\na,i,1600000000123\n", "two.csv"),
    )
    assert "one.csv, line 2, column TIMESTAMP: the value is not a whole number (2 lines in all)." in message
    assert "one.csv, line 3, column ITEM_ID: the value is missing." in message
    assert (
        "two.csv, line 3, column TIMESTAMP: the time looks like milliseconds. Divide it by 1,000" in message
    )
    assert "(3 problems)" in message
    assert not any(secret in message for secret in ("yesterday", "noon", "1600000000123"))


def test_parquet_that_would_need_guessing_is_refused_by_its_types(tmp_path, columns):
    times = pa.array([1], pa.timestamp("us"))
    pq.write_table(pa.table({"USER_ID": [1.0], "ITEM_ID": ["i"], "TIMESTAMP": times}), tmp_path / "x")
    message = refused(columns, RawFile(tmp_path / "x", "x.parquet"))
    assert "x.parquet, column USER_ID: its Parquet type is double, the schema's string" in message
    assert "x.parquet, column TIMESTAMP: its Parquet type is timestamp[us], the schema's long" in message


def test_faulty_rows_of_parquet_are_told_by_their_row(tmp_path, columns):
    table = pa.table({"USER_ID": ["u", None, ""], "ITEM_ID": ["i"] * 3, "TIMESTAMP": [1, 2, 10**15]})
    pq.write_table(table, tmp_path / "x")
    message = refused(columns, RawFile(tmp_path / "x", "x.parquet"))
    assert "x.parquet, row 2, column USER_ID: the value is missing (2 rows in all)" in message
    assert "x.parquet, row 3, column TIMESTAMP: the time looks like microseconds" in message


def test_only_so_many_problems_are_told(raw, columns):
    files = [raw("", f"{number}.csv") for number in range(25)]
    message = refused(columns, *files)
    assert "(25 problems)" in message
    assert message.endswith("… and 5 more.")
