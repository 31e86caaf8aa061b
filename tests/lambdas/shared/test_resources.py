"""The table of resource kinds against botocore's model of the service."""

from __future__ import annotations

import boto3
import pytest

from lambdas.shared.errors import RequestError
from lambdas.shared.naming import MAX_LENGTH
from lambdas.shared.resources import KINDS, ArnScope, Naming, ResourceKind, ResourceState, resource_kind

SCOPE = ArnScope("aws", "eu-central-1", "123456789012")


@pytest.fixture(scope="module")
def client():
    return boto3.client(
        "personalize", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test"
    )


@pytest.fixture(params=KINDS.values(), ids=lambda row: row.kind)
def row(request: pytest.FixtureRequest) -> ResourceKind:
    return request.param


def test_create_call_exists_and_takes_the_name_and_tags_that_the_row_says(client, row):
    model = client.meta.service_model.operation_model(f"Create{row.operation}")
    assert client.meta.method_to_api_mapping[row.create_method] == f"Create{row.operation}"
    assert row.name_member in model.input_shape.members
    assert ("tags" in model.input_shape.members) is row.takes_tags
    assert row.arn_member in model.output_shape.members


def test_describe_call_answers_with_the_member_and_status_that_the_row_says(client, row):
    model = client.meta.service_model.operation_model(f"Describe{row.operation}")
    assert client.meta.method_to_api_mapping[row.describe_method] == f"Describe{row.operation}"
    assert list(model.input_shape.members) == [row.arn_member]
    described = model.output_shape.members[row.member].members
    assert ("status" in described) is row.has_status


def test_rows_that_pass_a_role_can_take_one(client, row):
    members = client.meta.service_model.operation_model(f"Create{row.operation}").input_shape.members
    if row.passes_role:
        assert "roleArn" in members
    elif row.kind != "dataset_group":  # takes a role only together with a customer key
        assert "roleArn" not in members


def test_the_name_limit_is_the_service_models(client, row):
    members = client.meta.service_model.operation_model(f"Create{row.operation}").input_shape.members
    assert members[row.name_member].metadata["max"] == MAX_LENGTH


def test_predicted_arns_fit_the_services_pattern_and_the_rows_own_wildcards(row):
    request = {"datasetGroupArn": SCOPE.arn("dataset-group/pp-dev-hrnn"), "datasetType": "Interactions"}
    arn = row.arn(SCOPE, "pp-dev-hrnn-x", request)
    if row.arn_suffix is None:
        assert arn is None
        return
    assert arn.startswith("arn:aws:personalize:eu-central-1:123456789012:")
    heads = [SCOPE.arn(pattern).split("*")[0] for pattern in row.arn_patterns("pp-dev-")]
    assert any(arn.startswith(head) for head in heads)


def test_a_dataset_is_named_by_its_group_and_type():
    request = {"datasetGroupArn": SCOPE.arn("dataset-group/g"), "datasetType": "Interactions"}
    assert KINDS["dataset"].arn(SCOPE, "any", request) == SCOPE.arn("dataset/g/INTERACTIONS")


def test_only_jobs_and_versions_belong_to_a_run():
    assert {kind for kind, row in KINDS.items() if row.naming is Naming.RUN} == {
        "dataset_import_job",
        "solution_version",
        "batch_inference_job",
    }


@pytest.mark.parametrize(
    ("status", "active", "failed", "going_away"),
    [
        ("CREATE PENDING", False, False, False),
        ("CREATE IN_PROGRESS", False, False, False),
        ("ACTIVE", True, False, False),
        ("CREATE FAILED", False, True, False),
        ("CREATE STOPPING", False, False, False),
        ("CREATE STOPPED", False, True, False),
        ("DELETE PENDING", False, False, True),
        ("DELETE IN_PROGRESS", False, False, True),
    ],
)
def test_the_services_words_for_a_state_are_understood(status, active, failed, going_away):
    state = ResourceState("arn", status, None, {})
    assert (state.active, state.failed, state.going_away) == (active, failed, going_away)


def test_scope_is_read_from_a_function_arn():
    assert ArnScope.of_function("arn:aws-cn:lambda:cn-north-1:123456789012:function:f:7") == ArnScope(
        "aws-cn", "cn-north-1", "123456789012"
    )


def test_an_unknown_kind_is_named_with_the_known_ones():
    with pytest.raises(RequestError, match=r"'campain'.*dataset_group"):
        resource_kind("campain")
