from __future__ import annotations

import pytest

from lambdas.reports.numbers import (
    count_text,
    decimal_text,
    duration_text,
    integer_text,
    percent_text,
    value_text,
)


@pytest.mark.parametrize(
    ("value", "signed", "text"),
    [
        (0.15466, False, "0.1547"),
        (0.15466, True, "+0.1547"),
        (-0.2, False, "\u22120.2000"),
        (-0.00001, True, "0.0000"),
        (0.0, True, "0.0000"),
        (None, False, "\u2013"),
    ],
)
def test_values(value, signed, text):
    assert value_text(value, signed=signed) == text


@pytest.mark.parametrize(
    ("value", "signed", "text"),
    [
        (0.94, False, "94\u202f%"),
        (0.0754, False, "7.5\u202f%"),
        (0.05, False, "5\u202f%"),
        (0.0996, False, "10\u202f%"),
        (-0.07, True, "\u22127\u202f%"),
        (47.2, True, "+4\u202f720\u202f%"),
        (0.0, True, "0\u202f%"),
        (None, True, "\u2013"),
    ],
)
def test_percentages(value, signed, text):
    assert percent_text(value, signed=signed) == text


def test_counts():
    assert integer_text(25000095) == "25\u202f000\u202f095"
    assert count_text(1, "user") == "1 user"
    assert count_text(1000, "user") == "1\u202f000 users"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.42, "0.4\u202fs"),
        (9.97, "10\u202fs"),
        (59.6, "1\u202fmin 0\u202fs"),
        (185, "3\u202fmin 5\u202fs"),
        (7800, "2\u202fh 10\u202fmin"),
    ],
)
def test_durations(seconds, text):
    assert duration_text(seconds) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "\u2013"),
        (3, "3"),
        (3.04, "3"),
        (3.44, "3.4"),
        (9.97, "10"),
        (57.3, "57"),
        (1234.5, "1\u202f234"),
    ],
)
def test_numbers_of_things_have_a_decimal_below_ten(value, text):
    assert decimal_text(value) == text
