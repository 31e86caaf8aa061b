from __future__ import annotations

import pytest
from botocore.validate import ParamValidator
from hypothesis import given, settings
from hypothesis import strategies as st

from config.service_requests import SERVICE_BLOCKS
from config.service_shapes import check_request, check_shape, check_value, operation

SAMPLES = {
    "RoleArn": "arn:aws:iam::000000000000:role/personalize",
    "KmsKeyArn": "arn:aws:kms:eu-west-1:000000000000:key/1",
    "Arn": "arn:aws:personalize:eu-west-1:000000000000:filter/recent",
    "S3Location": "s3://bucket/key",
    "SchedulingExpression": "rate(7 days)",
    "IntegerMaxValue": 7,
}


def sample(shape):
    """A value that the shape allows, with every member set."""
    if shape.name in SAMPLES:
        return SAMPLES[shape.name]
    if shape.type_name == "structure":
        return {name: sample(member) for name, member in shape.members.items()}
    if shape.type_name == "list":
        return [sample(shape.member)]
    if shape.type_name == "map":
        return {sample(shape.key): sample(shape.value)}
    if shape.type_name == "string":
        return shape.enum[0] if shape.enum else "a"
    return {"boolean": True, "integer": 1, "double": 0.5, "float": 0.5}[shape.type_name]


@pytest.mark.parametrize("block", SERVICE_BLOCKS, ids=lambda block: block.name)
def test_every_documented_member_is_accepted_and_every_supplied_one_refused(block):
    shape = operation(block.operation).input_shape
    request = {name: sample(member) for name, member in shape.members.items()}
    findings = list(check_request(block.operation, request, supplied=block.supplied))
    assert {path for path, _ in findings} == {(name,) for name in block.supplied}


@pytest.mark.parametrize("block", SERVICE_BLOCKS, ids=lambda block: block.name)
def test_the_pipeline_supplies_every_required_member_it_refuses_and_no_unknown_one(block):
    shape = operation(block.operation).input_shape
    assert set(shape.required_members) <= block.supplied <= set(shape.members)


@pytest.mark.parametrize(
    ("request_", "path", "message"),
    [
        (
            {"numResult": 5},
            ("numResult",),
            "is not a member of CreateBatchInferenceJob. Did you mean 'numResults'?",
        ),
        ({"numResults": "5"}, ("numResults",), "must be a whole number, not '5'"),
        ({"numResults": True}, ("numResults",), "must be a whole number, not true"),
        ({"filterArn": "recent"}, ("filterArn",), "does not match the service's pattern"),
        (
            {"filterArn": "arn:aws:personalize:::" + "x" * 256},
            ("filterArn",),
            "has 278 characters; the most is 256",
        ),
        ({"batchInferenceJobMode": "THEMES"}, ("batchInferenceJobMode",), "is not one of BATCH_INFERENCE"),
        ({"tags": [{"tagKey": "a"}]}, ("tags", 0, "tagValue"), "is missing"),
        ({"tags": {"a": "b"}}, ("tags",), "must be a list, not a mapping"),
        ({"jobName": "x"}, ("jobName",), "is set by the pipeline in every CreateBatchInferenceJob"),
        (
            {"batchInferenceJobConfig": {"rankingInfluence": {"NOVELTY": 0.5}}},
            ("batchInferenceJobConfig", "rankingInfluence", "NOVELTY"),
            "is not one of POPULARITY, FRESHNESS",
        ),
        (
            {"batchInferenceJobConfig": {"rankingInfluence": {"FRESHNESS": 1.5}}},
            ("batchInferenceJobConfig", "rankingInfluence", "FRESHNESS"),
            "is 1.5; the most is 1",
        ),
        (
            {"batchInferenceJobConfig": {"itemExplorationConfig": {"explorationWeight": 0.3}}},
            ("batchInferenceJobConfig", "itemExplorationConfig", "explorationWeight"),
            'must be text, not 0.3: put it in quotes, "0.3"',
        ),
        ({"batchInferenceJobConfig": None}, ("batchInferenceJobConfig",), "must be a mapping, not nothing"),
    ],
)
def test_what_the_model_forbids(request_, path, message):
    ((found_path, found),) = check_request("CreateBatchInferenceJob", request_, supplied={"jobName"})
    assert found_path == path
    assert message in found


def test_patterns_hold_for_the_whole_text():
    assert not list(check_shape("Name", "a-b_1"))
    assert list(check_shape("Name", "a b"))
    assert list(check_shape("Name", "a\n"))


def test_tags_may_be_in_any_script_but_hold_no_line_break():
    assert not list(check_shape("TagValue", "Größe 5 / 日本"))
    assert list(check_shape("TagValue", "a\tb"))
    assert list(check_shape("TagValue", "a;b"))


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-2_000_000, 2_000_000)
    | st.floats(allow_nan=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def spoiled(shape, data):
    """A valid value in which one part, somewhere, is replaced by anything."""
    value = sample(shape)
    container, key = None, None
    inner = value
    while isinstance(inner, dict | list) and inner and data.draw(st.booleans()):
        key = data.draw(st.sampled_from(sorted(inner) if isinstance(inner, dict) else range(len(inner))))
        container, inner = inner, inner[key]
    if container is None:
        return data.draw(json_values)
    container[key] = data.draw(json_values)
    return value


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_what_is_accepted_here_is_accepted_by_botocore(data):
    """The other way round does not hold: botocore checks neither maximum nor pattern nor enum."""
    shape = operation("CreateSolution").input_shape.members["solutionConfig"]
    value = spoiled(shape, data)
    if not list(check_value(shape, value, ())):
        assert not ParamValidator().validate(value, shape).has_errors()
