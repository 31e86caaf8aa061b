"""The files that a run goes on with, read back by other readers than ours."""

from __future__ import annotations

import csv
import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lambdas.split_data import writing
from lambdas.split_data.reading import read_table
from lambdas.split_data.writing import csv_text, write_csv, write_parquet, write_queries

IDS = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\x00"), min_size=1, max_size=8)


def frame_of(users, items) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "USER_ID": pd.Categorical(users, ordered=True),
            "ITEM_ID": pd.Categorical(items, ordered=True),
            "TIMESTAMP": np.arange(len(users)),
        }
    )


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("plain", "plain"),
        ("007", "007"),
        ("a,b", '"a,b"'),
        ('say "hi"', r'"say \"hi\""'),
        ("back\\slash", r'"back\\slash"'),
        (" edge", '" edge"'),
        ("日本", "日本"),
    ],
)
def test_text_is_quoted_with_backslashes_only_where_it_must_be(text, written):
    assert csv_text(text) == written


def test_csv_has_an_unquoted_header_and_the_rows_asked_for_in_their_order(columns, tmp_path):
    frame = frame_of(["a", "b", "c"], ["x", 'y"', "z"])
    write_csv(frame, np.array([2, 0, 1]), columns, tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text() == 'USER_ID,ITEM_ID,TIMESTAMP\nc,z,2\na,x,0\nb,"y\\"",1\n'


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(IDS, IDS), min_size=1, max_size=20))
def test_any_id_survives_the_way_through_csv(columns, tmp_path, pairs):
    users, items = zip(*pairs, strict=True)
    write_csv(frame_of(users, items), np.arange(len(pairs)), columns, tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.reader(lines, escapechar="\\", doublequote=False))[1:]
    assert [(user, item) for user, item, _ in rows] == pairs


def test_rows_beyond_one_batch_stay_in_order(columns, tmp_path, monkeypatch):
    monkeypatch.setattr(writing, "_ROWS_AT_ONCE", 3)
    frame = frame_of([f"u{number % 4}" for number in range(20)], ["i"] * 20)
    write_csv(frame, np.arange(20)[::-1].copy(), columns, tmp_path / "out.csv")
    assert pd.read_csv(tmp_path / "out.csv")["TIMESTAMP"].tolist() == list(range(19, -1, -1))


def test_gaps_and_numbers_are_written_as_they_were_read(raw, wide_columns, tmp_path):
    content = (
        "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE,DEVICE,DURATION,SIGNED_IN\n"
        "u,i,1,view,0.1,phone,12,true\nu,j,2,view,,,,\n"
    )
    frame = read_table([raw(content)], wide_columns, "The interactions")
    write_csv(frame, np.arange(2), wide_columns, tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text() == content


def test_parquet_has_the_columns_and_rows_of_the_schema(raw, wide_columns, tmp_path):
    header = "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE,DEVICE,DURATION,SIGNED_IN\n"
    frame = read_table([raw(header + "u,i,1,view,,,,\nv,j,2,buy,2.5,tv,3,false\n")], wide_columns, "x")
    write_parquet(frame, np.array([1, 0]), wide_columns, tmp_path / "out.parquet")
    back = pd.read_parquet(tmp_path / "out.parquet")
    assert back["USER_ID"].tolist() == ["v", "u"]
    assert back["TIMESTAMP"].tolist() == [2, 1]
    assert back["EVENT_VALUE"].tolist()[0] == 2.5
    assert back["EVENT_VALUE"].isna().tolist() == [False, True]
    assert back["DURATION"].isna().tolist() == [False, True]


def test_queries_are_one_json_object_a_line(tmp_path):
    write_queries("userId", ["007", 'say "hi"', "Zoë"], tmp_path / "users.jsonl")
    lines = (tmp_path / "users.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == [
        {"userId": "007"},
        {"userId": 'say "hi"'},
        {"userId": "Zoë"},
    ]
