"""The slow walk finds what the fast reading refuses, and nothing else."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lambdas.shared.errors import DataError
from lambdas.split_data.locating import locate
from lambdas.split_data.reading import read_table

WIDE = ["USER_ID", "ITEM_ID", "TIMESTAMP", "EVENT_TYPE", "EVENT_VALUE", "DEVICE", "DURATION", "SIGNED_IN"]
GOOD = ["u", "i", "1600000000", "view", "0.5", "phone", "12", "true"]


def csv_of(header, *rows) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    return text.getvalue()


def with_value(column, value) -> list[str]:
    return [value if name == column else good for name, good in zip(WIDE, GOOD, strict=True)]


@pytest.mark.parametrize(
    ("column", "value", "fault"),
    [
        ("USER_ID", "", "the value is missing"),
        ("EVENT_TYPE", "", "the value is missing"),
        ("TIMESTAMP", "1.6e9", "the value is not a whole number. Write Unix time in seconds"),
        ("TIMESTAMP", "2020-01-01", "the value is not a whole number. Write Unix time in seconds"),
        ("TIMESTAMP", "1600000000000", "the time looks like milliseconds. Divide it by 1,000:"),
        ("TIMESTAMP", "1600000000000000", "the time looks like microseconds. Divide it by 1,000,000:"),
        ("TIMESTAMP", "1600000000000000000", "the time looks like nanoseconds. Divide it by 1,000,000,000:"),
        ("EVENT_VALUE", "high", "the value is not a number"),
        ("DURATION", "3000000000", "the number does not fit int"),
        ("DURATION", "3.5", "the value is not a whole number. Correct it"),
        ("SIGNED_IN", "yes", "the value is not a boolean"),
        ("USER_ID", "x" * 257, "the value is longer than 256 characters"),
        ("DEVICE", "x" * 1001, "the value is longer than 1000 characters"),
        ("DEVICE", "two\nlines", "the value has a line break inside"),
    ],
)
def test_a_wrong_value_is_found_at_its_line(raw, wide_columns, column, value, fault):
    problems = locate(raw(csv_of(WIDE, GOOD, with_value(column, value), GOOD)), wide_columns)
    assert len(problems) == 1
    assert str(problems[0]).startswith(f"s3://raw/events.csv, line 3, column {column}: {fault}")


def test_lines_are_counted_past_blank_ones_and_breaks_inside_values(raw, wide_columns):
    content = (
        csv_of(WIDE, GOOD, with_value("DEVICE", "a\nb\nc")) + "\n\n" + csv_of(with_value("TIMESTAMP", "x"))
    )
    problems = locate(raw(content), wide_columns)
    assert [problem.where.split(", ")[1] for problem in problems] == ["line 3", "line 8"]


def test_a_line_with_too_few_values_is_found(raw, columns):
    problems = locate(raw("USER_ID,ITEM_ID,TIMESTAMP\na,i,1\nb,2\na,b,c,4\n"), columns)
    assert [problem.where for problem in problems] == ["s3://raw/events.csv, line 3"]
    assert "another number of values than the header (2 lines in all)" in problems[0].what


def test_text_that_is_not_utf8_is_found(raw, columns):
    problems = locate(raw(b"USER_ID,ITEM_ID,TIMESTAMP\na,i,1\nZo\xeb,i,2\n"), columns)
    assert [str(problem) for problem in problems] == [
        "s3://raw/events.csv, line 3, column USER_ID: the text is not UTF-8. Write the file as UTF-8."
    ]


VALUE = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12),
    st.from_regex(r"[ \t]?[+-]?[0-9]{0,12}(\.[0-9]{0,3})?([eE][+-]?[0-9]{1,2})?[ \t]?", fullmatch=True),
    st.sampled_from(
        ["true", "TRUE", "True", "1", "nan", "inf", "-Infinity", "NULL", "N/A", "0x10", "1_000", "٣"]
    ),
    st.integers(-(2**65), 2**65).map(str),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(st.sampled_from(WIDE), VALUE)
def test_a_value_is_refused_exactly_when_its_place_can_be_told(raw, wide_columns, column, value):
    file = raw(csv_of(WIDE, GOOD, with_value(column, value), GOOD))
    problems = locate(file, wide_columns)
    refused = False
    try:
        read_table([file], wide_columns, "The interactions")
    except DataError:
        refused = True
    # Arrow reads hexadecimal numbers, which the slow walk need not forgive.
    hexadecimal = value.strip().lower().startswith(("0x", "-0x"))
    assert refused == bool(problems) or (hexadecimal and not refused)
