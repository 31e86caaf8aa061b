"""Names: unique, short enough, and always the same for the same work."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from lambdas.shared.naming import MAX_LENGTH, content_key, resource_name, with_suffix

PATTERN = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9\-_]*")
PART = st.from_regex(r"[a-z][a-z0-9_]{0,30}", fullmatch=True)


def test_parts_are_joined_and_underscores_become_hyphens():
    assert resource_name("pp", "dev", "put_events", "solution") == "pp-dev-put-events-solution"


def test_an_empty_part_gives_the_prefix_that_policies_are_scoped_by():
    assert resource_name("pp", "dev", "") == "pp-dev-"


@given(PART, PART, st.lists(PART, max_size=5))
def test_any_name_fits_the_services_pattern_and_length(prefix, stage, parts):
    name = resource_name(prefix, stage, *parts)
    assert len(name) <= MAX_LENGTH
    assert PATTERN.fullmatch(name)
    assert name == resource_name(prefix, stage, *parts)


@given(st.text(max_size=20), st.text(max_size=20))
def test_different_runs_get_different_names(one, other):
    base = resource_name("pp", "dev", "hrnn", "import")
    assert (with_suffix(base, unique=one) == with_suffix(base, unique=other)) is (one == other)


def test_long_names_that_differ_only_in_what_is_cut_stay_different():
    names = {resource_name("pp", "dev", "a" * 70 + tail) for tail in "xyz"}
    assert len(names) == 3
    assert all(len(name) == MAX_LENGTH for name in names)


@given(st.from_regex(r"[a-z][a-z0-9-]{0,80}", fullmatch=True), st.text())
def test_a_suffix_never_makes_a_name_too_long(name, unique):
    assert len(with_suffix(name, unique=unique)) <= MAX_LENGTH


def test_content_is_the_same_whatever_the_order_of_its_keys():
    assert content_key({"a": 1, "b": {"c": 2, "d": 3}}) == content_key({"b": {"d": 3, "c": 2}, "a": 1})
    assert content_key({"a": 1}) != content_key({"a": "1"})
