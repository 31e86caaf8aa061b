"""Wildcards and ARNs, with cases by hand and against an independent matcher."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.iam.patterns import arn_like, literal, matches, plain, resource_matches

TEXT = st.text(alphabet="ab*?.[\n", max_size=8)


def matches_by_recursion(pattern: str, value: str) -> bool:
    """The definition of `*` and `?`, spelled out: the independent implementation."""
    if not pattern:
        return not value
    if pattern[0] == "*":
        return matches_by_recursion(pattern[1:], value) or (
            bool(value) and matches_by_recursion(pattern, value[1:])
        )
    return bool(value) and pattern[0] in {"?", value[0]} and matches_by_recursion(pattern[1:], value[1:])


@given(TEXT, TEXT)
def test_wildcards_mean_what_their_definition_says(pattern: str, value: str) -> None:
    assert matches(pattern, value) == matches_by_recursion(pattern, value)


@given(TEXT)
def test_literal_text_matches_itself_only(text: str) -> None:
    assert matches(literal(text), text)
    assert plain(literal(text)) == text
    assert not matches(literal(text), text + "a")


@given(
    st.lists(st.text(alphabet="ab", max_size=3), min_size=1, max_size=4), st.text(alphabet="ab", max_size=2)
)
def test_a_star_stands_for_whatever_is_between(parts: list[str], filling: str) -> None:
    value = parts[0] + "".join(filling + after for _, after in pairwise(parts))
    assert matches("*".join(parts), value)


@pytest.mark.parametrize(
    ("pattern", "value", "expected"),
    [
        ("s3:Get*", "S3:getobject", True),
        ("s3:GetObject", "s3:GetObjectVersion", False),
        ("*", "sns:Publish", True),
        ("s3:?etObject", "s3:GetObject", True),
        ("s3:?etObject", "s3:etObject", False),
    ],
)
def test_actions_are_compared_without_case(pattern: str, value: str, expected: bool) -> None:
    assert matches(pattern, value, ignore_case=True) is expected


@pytest.mark.parametrize(
    ("pattern", "arn", "expected"),
    [
        ("arn:aws:s3:::data/*", "arn:aws:s3:::data/raw/a.csv", True),
        ("arn:aws:s3:::data/*", "arn:aws:s3:::data", False),
        ("arn:aws:s3:::data/*", "arn:aws:s3:::DATA/a", False),
        ("arn:aws:s3:::data*", "arn:aws:s3:::database/a", True),
        ("arn:aws:lambda:*:1:function:f", "arn:aws:lambda:eu-west-1:1:function:f", True),
        ("arn:aws:lambda:*:function:f", "arn:aws:lambda:eu-west-1:1:function:f", False),
        ("arn:aws:lambda:*", "arn:aws:lambda:eu-west-1:1:function:f:live", True),
        ("arn:aws:sqs", "arn:aws:sqs:eu-west-1:1:q", True),
        ("arn:aws:logs:r:1:log-group:/g:*", "arn:aws:logs:r:1:log-group:/g:log-stream:s", True),
        ("arn:aws:logs:r:1:log-group:/g", "arn:aws:logs:r:1:log-group:/g:log-stream:s", False),
        ("*", "*", True),
        ("arn:aws:s3:::*", "*", False),
    ],
)
def test_resources_are_matched_field_by_field(pattern: str, arn: str, expected: bool) -> None:
    assert resource_matches(pattern, arn) is expected


@pytest.mark.parametrize(
    ("pattern", "value", "expected"),
    [
        ("arn:aws:personalize:r:1:*", "arn:aws:personalize:r:1:dataset-group/g", True),
        ("arn:aws:personalize:r:2:*", "arn:aws:personalize:r:1:dataset-group/g", False),
        ("arn:*:r:1:x", "arn:aws:personalize:r:1:x", False),
        ("*", "arn:aws:personalize:r:1:x", False),
        ("arn:aws:s3:::b", "b", False),
    ],
)
def test_arn_like_wants_arns_on_both_sides(pattern: str, value: str, expected: bool) -> None:
    assert arn_like(pattern, value) is expected
