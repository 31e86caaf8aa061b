"""Intrinsic functions: values by hand, what they refer to, and what they refuse."""

from __future__ import annotations

from typing import Any

import pytest

from local.deploy.errors import DeploymentError
from local.deploy.intrinsics import Resolver, references


class Template:
    """Fixed meanings of names."""

    def ref(self, name: str) -> Any:
        return {"AWS::Region": "eu-west-1", "Bucket": "b-1", "Zones": ["x", "y"]}[name]

    def attribute(self, logical_id: str, name: str) -> Any:
        return {("Bucket", "Arn"): "arn:aws:s3:::b-1", ("Fn", "Out.Put"): 7}[logical_id, name]

    def exported(self, name: str) -> Any:
        return {"app:Name": "n"}[name]

    def condition(self, name: str) -> bool:
        return {"Yes": True, "No": False}[name]

    def mapped(self, mapping: str, top: str, second: str) -> Any:
        return {("M", "eu-west-1", "k"): "v"}[mapping, top, second]


RESOLVER = Resolver(Template(), "app/Thing (AWS::A::Thing)")
BUCKET_ARN = {"Fn::GetAtt": ["Bucket", "Arn"]}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("text", "text"),
        (3, 3),
        ({"Ref": "Bucket"}, "b-1"),
        ({"Fn::GetAtt": "Bucket.Arn"}, "arn:aws:s3:::b-1"),
        ({"Fn::GetAtt": ["Fn", "Out.Put"]}, 7),
        (
            {"Fn::Join": ["", [BUCKET_ARN, "/", {"Ref": "AWS::Region"}, 1, True]]},
            "arn:aws:s3:::b-1/eu-west-11true",
        ),
        ({"Fn::Join": [",", {"Ref": "Zones"}]}, "x,y"),
        (
            {"Fn::Sub": "${Bucket}-${AWS::Region}-${Bucket.Arn}-${!Literal}"},
            "b-1-eu-west-1-arn:aws:s3:::b-1-${Literal}",
        ),
        ({"Fn::Sub": ["${A}/${Bucket}", {"A": BUCKET_ARN}]}, "arn:aws:s3:::b-1/b-1"),
        ({"Fn::Select": [2, {"Fn::Split": [":", BUCKET_ARN]}]}, "s3"),
        ({"Fn::Select": ["1", ["a", {"Ref": "Bucket"}]]}, "b-1"),
        ({"Fn::If": ["Yes", {"Ref": "Bucket"}, "other"]}, "b-1"),
        ({"Fn::If": ["No", {"Ref": "Absent"}, "other"]}, "other"),
        ({"Fn::ImportValue": {"Fn::Sub": "app:Name"}}, "n"),
        ({"Fn::FindInMap": ["M", {"Ref": "AWS::Region"}, "k"]}, "v"),
        ({"Fn::Base64": "a"}, "YQ=="),
        ({"Fn::And": [{"Condition": "Yes"}, {"Fn::Not": [{"Condition": "No"}]}]}, True),
        ({"Fn::Or": [{"Condition": "No"}, {"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]}]}, False),
        ({"A": {"B": [{"Ref": "Bucket"}]}}, {"A": {"B": ["b-1"]}}),
        ({"A": {"Ref": "AWS::NoValue"}, "B": ["x", {"Ref": "AWS::NoValue"}]}, {"B": ["x"]}),
        ({"A": {"Fn::If": ["No", 1, {"Ref": "AWS::NoValue"}]}, "B": 2}, {"B": 2}),
    ],
)
def test_functions_are_replaced_by_their_values(value: Any, expected: Any) -> None:
    assert RESOLVER.resolve(value) == expected


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (
            {"A": [{"Fn::Cidr": ["10.0.0.0/8", 2]}]},
            r"app/Thing \(AWS::A::Thing\) A\[0\]: the intrinsic function Fn::Cidr",
        ),
        ({"A": {"Fn::Transform": {}}}, "Fn::Transform is not supported"),
        ({"A": {"Ref": "Nobody"}}, "A: Ref 'Nobody'"),
        ({"A": {"Fn::GetAtt": ["Bucket", "Colour"]}}, "Fn::GetAtt"),
        ({"A": {"Fn::ImportValue": "other"}}, "Fn::ImportValue 'other'"),
        ({"A": {"Fn::Join": ["", [["list"]]]}}, "wrong arguments"),
        ({"A": {"Fn::Join": ["x"]}}, "wrong arguments"),
        ({"A": {"Fn::Select": [9, ["a"]]}}, "Fn::Select"),
    ],
)
def test_what_cannot_be_resolved_is_an_error_with_its_place(value: Any, said: str) -> None:
    with pytest.raises(DeploymentError, match=said):
        RESOLVER.resolve(value)


def test_references_are_found_wherever_they_stand() -> None:
    value = {
        "A": {"Ref": "One"},
        "B": [{"Fn::Join": ["", ["x", {"Fn::GetAtt": ["Two", "Arn"]}]]}],
        "C": {"Fn::Sub": ["${Three.Arn}${Four}${!Not}${V}", {"V": {"Ref": "Five"}}]},
        "D": {"Fn::If": ["Cond", {"Ref": "Six"}, {"Fn::GetAtt": "Seven.Arn"}]},
    }
    assert set(references(value)) == {"One", "Two", "Three", "Four", "V", "Five", "Six", "Seven"}
