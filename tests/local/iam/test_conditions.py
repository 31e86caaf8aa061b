"""Condition operators: a table computed by hand from the IAM user guide."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local.iam.conditions import Unknown, evaluate
from local.iam.context import RequestContext
from local.iam.policies import parse_policy
from local.iam.variables import VARIABLES_SINCE

CONTEXT = RequestContext(
    values={
        "aws:requestedregion": ("us-east-1",),
        "aws:securetransport": ("true",),
        "aws:sourcearn": ("arn:aws:sns:us-east-1:1:topic",),
        "aws:principalaccount": ("1",),
        "aws:principaltag/team": ("a*",),
        "aws:tagkeys": ("stage", "owner"),
        "s3:tlsversion": ("1.3",),
        "s3:prefix": ("home/a*/x",),
    },
    absent=frozenset({"aws:sourcevpc", "aws:principaltag/", "s3:max-keys"}),
)


def judged(condition: dict[str, dict[str, Any]], version: str = VARIABLES_SINCE) -> bool | Unknown:
    """Through the parser, as a policy spells it."""
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition}
    policy = parse_policy("p", json.dumps({"Version": version, "Statement": statement}), "identity")
    return evaluate(policy.statements[0].conditions, CONTEXT, policy.version)


@pytest.mark.parametrize(
    ("operator", "key", "wanted", "expected"),
    [
        ("StringEquals", "aws:RequestedRegion", "us-east-1", True),
        ("StringEquals", "AWS:requestedregion", ["eu-west-1", "us-east-1"], True),
        ("StringEquals", "aws:RequestedRegion", "US-EAST-1", False),
        ("StringEquals", "aws:RequestedRegion", "us-*", False),
        ("StringEqualsIgnoreCase", "aws:RequestedRegion", "US-EAST-1", True),
        ("StringNotEquals", "aws:RequestedRegion", ["eu-west-1", "us-east-1"], False),
        ("StringNotEquals", "aws:RequestedRegion", "eu-west-1", True),
        ("StringNotEqualsIgnoreCase", "aws:RequestedRegion", "US-EAST-1", False),
        ("StringLike", "aws:RequestedRegion", "us-*-?", True),
        ("StringLike", "aws:RequestedRegion", "us-?", False),
        ("StringNotLike", "aws:RequestedRegion", "eu-*", True),
        ("ArnLike", "aws:SourceArn", "arn:aws:sns:*:1:*", True),
        ("ArnEquals", "aws:SourceArn", "arn:aws:sns:us-east-1:1:topic", True),
        ("ArnNotLike", "aws:SourceArn", "arn:aws:sqs:*:1:*", True),
        ("ArnNotEquals", "aws:SourceArn", "arn:aws:sns:us-east-1:1:topic", False),
        ("Bool", "aws:SecureTransport", "false", False),
        ("Bool", "aws:SecureTransport", True, True),
        ("NumericLessThan", "s3:TlsVersion", 1.2, False),
        ("NumericGreaterThanEquals", "s3:TlsVersion", "1.3", True),
        ("NumericEquals", "s3:TlsVersion", "one", False),
        ("NumericNotEquals", "s3:TlsVersion", "1.3", False),
    ],
)
def test_a_present_key_is_compared(operator: str, key: str, wanted: Any, expected: bool) -> None:
    assert judged({operator: {key: wanted}}) is expected


@pytest.mark.parametrize(
    ("operator", "expected"),
    [
        ("StringEquals", False),
        ("StringLike", False),
        ("StringNotEquals", True),
        ("ArnNotLike", True),
        ("Bool", False),
        ("NumericLessThan", False),
        ("StringEqualsIfExists", True),
        ("BoolIfExists", True),
        ("StringNotEqualsIfExists", True),
        ("ForAllValues:StringEquals", True),
        ("ForAnyValue:StringEquals", False),
    ],
)
def test_an_absent_key_has_the_meaning_that_aws_gives_it(operator: str, expected: bool) -> None:
    assert judged({operator: {"aws:SourceVpc": "vpc-1"}}) is expected


@pytest.mark.parametrize(
    ("key", "wanted", "expected"),
    [
        ("aws:SourceVpc", "true", True),
        ("aws:SourceVpc", "false", False),
        ("aws:SourceArn", "true", False),
        ("aws:SourceArn", False, True),
    ],
)
def test_null_asks_whether_a_key_is_absent(key: str, wanted: Any, expected: bool) -> None:
    assert judged({"Null": {key: wanted}}) is expected


@pytest.mark.parametrize(
    ("operator", "wanted", "expected"),
    [
        ("ForAllValues:StringEquals", ["stage", "owner", "x"], True),
        ("ForAllValues:StringEquals", ["stage"], False),
        ("ForAnyValue:StringEquals", ["owner"], True),
        ("ForAnyValue:StringEquals", ["x"], False),
        ("ForAllValues:StringNotEquals", ["x"], True),
        ("ForAllValues:StringNotEquals", ["stage"], False),
        ("ForAnyValue:StringNotEquals", ["stage"], True),
    ],
)
def test_qualifiers_speak_of_all_or_any_value(operator: str, wanted: list[str], expected: bool) -> None:
    assert judged({operator: {"aws:TagKeys": wanted}}) is expected


def test_every_condition_must_hold() -> None:
    region = {"aws:RequestedRegion": "us-east-1"}
    assert judged({"StringEquals": region, "Bool": {"aws:SecureTransport": "true"}}) is True
    assert judged({"StringEquals": {**region, "aws:PrincipalAccount": "2"}}) is False


@pytest.mark.parametrize(
    ("condition", "named"),
    [
        ({"StringEquals": {"aws:SourceIp": "x"}}, "condition key aws:SourceIp"),
        ({"StringEqualsIfExists": {"aws:SourceIp": "x"}}, "condition key aws:SourceIp"),
        ({"Null": {"ec2:Vpc": "true"}}, "condition key ec2:Vpc"),
        ({"DateLessThan": {"aws:RequestedRegion": "2030-01-01"}}, "condition operator DateLessThan"),
        (
            {"ForSomeValues:StringEquals": {"aws:TagKeys": "x"}},
            "condition operator ForSomeValues:StringEquals",
        ),
        ({"StringEquals": {"aws:PrincipalAccount": "${aws:SourceVpc}"}}, "policy variable ${aws:SourceVpc}"),
        ({"StringEquals": {"aws:PrincipalAccount": "${aws:TagKeys}"}}, "policy variable ${aws:TagKeys}"),
    ],
)
def test_what_the_engine_does_not_know_is_unknown_and_named(condition: dict[str, Any], named: str) -> None:
    outcome = judged(condition)
    assert isinstance(outcome, Unknown)
    assert named in outcome.reason


def test_a_condition_that_fails_decides_over_one_that_is_unknown() -> None:
    assert judged({"StringEquals": {"aws:SourceIp": "x", "aws:PrincipalAccount": "2"}}) is False


def test_variables_are_replaced_and_their_stars_are_literal() -> None:
    in_home = {"StringLike": {"s3:prefix": "home/${aws:PrincipalTag/team}/*"}}
    assert judged(in_home) is True
    other = CONTEXT.with_values({"s3:prefix": ("home/abc/x",)})
    conditions = {"StringLike": {"s3:prefix": ("home/${aws:PrincipalTag/team}/*",)}}
    assert evaluate(conditions, other, VARIABLES_SINCE) is False
    assert judged(in_home, version="2008-10-17") is False
    assert judged({"StringEquals": {"aws:PrincipalAccount": "${aws:PrincipalTag/none, '1'}"}}) is True
    assert judged({"StringLike": {"s3:prefix": "home/a${*}/${?}"}}) is False
    assert judged({"StringEquals": {"s3:prefix": "home/a${*}/x"}}) is True
