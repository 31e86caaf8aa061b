"""What is read of a resource's properties is remembered, at every depth."""

from __future__ import annotations

import pytest

from local.deploy.errors import DeploymentError
from local.deploy.properties import Block, api_tags

WHERE = "app/Thing (AWS::A::Thing)"


def test_unread_properties_are_named_with_their_paths() -> None:
    block = Block(
        {"Name": "n", "Size": 1, "Inner": {"A": 1, "B": 2}, "Rules": [{"C": 1}, {"C": 2, "D": 3}]}, WHERE
    )
    assert sorted(block.unread()) == ["Inner", "Name", "Rules", "Size"]
    block.required("Name")
    inner = block.block("Inner")
    assert inner is not None
    inner.optional("A")
    for rule in block.blocks("Rules"):
        rule.optional("C")
    assert sorted(block.unread()) == ["Inner.B", "Rules[1].D", "Size"]


def test_a_document_is_read_as_a_whole() -> None:
    block = Block({"Policy": {"Statement": [{"Effect": "Allow"}]}}, WHERE)
    assert block.document("Policy") == {"Statement": [{"Effect": "Allow"}]}
    assert block.unread() == []


def test_an_object_cannot_be_read_as_a_plain_value() -> None:
    for value in ({"a": 1}, [{"a": 1}], [["a"]]):
        with pytest.raises(DeploymentError, match=r"app/Thing \(AWS::A::Thing\) Name: is an object"):
            Block({"Name": value}, WHERE).optional("Name")
    assert Block({"Names": ["a", "b"]}, WHERE).optional("Names") == ["a", "b"]


def test_missing_and_wrong_properties_are_errors_with_their_path() -> None:
    block = Block({"Inner": {}, "Text": "x", "List": "x"}, WHERE)
    inner = block.block("Inner")
    assert inner is not None
    with pytest.raises(DeploymentError, match=r"Inner\.Key: is missing"):
        inner.required("Key")
    with pytest.raises(DeploymentError, match="Text: must be an object"):
        block.block("Text")
    with pytest.raises(DeploymentError, match="List: must be a list"):
        list(block.blocks("List"))
    assert block.block("Absent") is None
    assert list(block.blocks("Absent")) == []


def test_what_is_ignored_on_purpose_is_listed_with_its_reason() -> None:
    block = Block({"Inner": {"A": 1}, "B": 2}, WHERE)
    inner = block.block("Inner")
    assert inner is not None
    inner.ignore("A", "because")
    inner.ignore("Absent", "never mentioned")
    assert [(one.path, one.reason) for one in block.ignored] == [("Inner.A", "because")]
    assert block.unread() == ["B"]


def test_given_takes_what_is_there_under_the_names_of_the_api() -> None:
    block = Block({"A": 1, "B": False}, WHERE)
    assert block.given({"A": "a", "B": "b", "C": "c"}) == {"a": 1, "b": False}
    assert block.unread() == []


def test_tags_are_text() -> None:
    block = Block({"Tags": [{"Key": "stage", "Value": "dev"}, {"Key": "n", "Value": 1}]}, WHERE)
    assert api_tags(block) == [{"Key": "stage", "Value": "dev"}, {"Key": "n", "Value": "1"}]
    assert block.unread() == []
