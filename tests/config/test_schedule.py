from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.checks.schedule import expression_problem, time_zone_problem


@pytest.mark.parametrize(
    "expression",
    [
        "cron(0 3 ? * SUN *)",
        "cron(0/15 * * * ? *)",
        "cron(15 10 ? * 6L 2026-2030)",
        "cron(0 8 1 * ? *)",
        "cron(0 8 L * ? *)",
        "cron(0 8 15W * ? *)",
        "cron(0 8 ? JAN,jul 2#1 *)",
        "cron(0 8 ? * FRI-MON *)",
        "cron(0,30 8-18/2 ? * MON-FRI *)",
        "rate(1 day)",
        "rate(12 hours)",
        "at(2030-12-31T23:00:00)",
    ],
)
def test_expressions_of_the_scheduler(expression):
    assert expression_problem(expression) is None


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("0 3 * * *", "write cron(..), rate(..) or at(..)"),
        ("cron(0 3 * * SUN)", "six fields"),
        ("cron(0 3 * * SUN *)", "exactly one of day of month and day of week must be `?`"),
        ("cron(0 3 ? * ? *)", "exactly one"),
        ("cron(60 3 ? * SUN *)", "'60' in the field minutes (it takes 0-59)"),
        ("cron(0 24 ? * SUN *)", "the field hours"),
        ("cron(0 3 32 * ? *)", "the field day of month"),
        ("cron(0 3 ? FOO SUN *)", "the field month (it takes 1-12 or JAN-DEC)"),
        ("cron(0 3 ? * 2#6 *)", "the field day of week"),
        ("cron(0 3 ? * SUN 1969)", "the field year"),
        ("cron(0/0 3 ? * SUN *)", "the field minutes"),
        ("cron(30-10 3 ? * SUN *)", "the field minutes"),
        ("rate(0 days)", "rate(7 days)"),
        ("rate(7 weeks)", "rate(7 days)"),
        ("at(2030-02-30T00:00:00)", "write a date and time"),
    ],
)
def test_what_the_scheduler_refuses(expression, words):
    assert words in (expression_problem(expression) or "")


@given(st.text(max_size=40))
def test_any_text_is_judged_without_an_error(text):
    assert expression_problem(text) is not None
    expression_problem(f"cron({text})")


@pytest.mark.parametrize("name", ["UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires"])
def test_time_zones(name):
    assert time_zone_problem(name) is None


def test_without_a_time_zone_database_only_the_shape_counts(monkeypatch):
    monkeypatch.setattr("config.checks.schedule.available_timezones", set)
    assert time_zone_problem("Europe/Berln") is None
    assert time_zone_problem("Europe Berlin") == "'Europe Berlin' is not an IANA time zone"
