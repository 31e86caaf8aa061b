"""The table of resource kinds against botocore's model of the service."""

from __future__ import annotations

import boto3
import pytest

from lambdas.shared.errors import RequestError
from lambdas.shared.naming import MAX_LENGTH
from lambdas.shared.resources import (
    KINDS,
    ArnScope,
    Naming,
    Rank,
    ResourceKind,
    ResourceState,
    describe,
    resource_kind,
    told,
)

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


def test_the_name_limit_is_the_service_models(client, row):
    members = client.meta.service_model.operation_model(f"Create{row.operation}").input_shape.members
    assert members[row.name_member].metadata["max"] == MAX_LENGTH


def test_predicted_arns_fit_the_services_pattern_and_the_rows_own_wildcards(row):
    request = {"datasetGroupArn": SCOPE.arn("dataset-group/pp-dev-hrnn"), "datasetType": "Interactions"}
    arn = row.arn(SCOPE, "pp-dev-hrnn-x", request)
    if row.arn_suffix is None:
        assert arn is None
        assert row.arn_patterns("pp-dev-")[0].split("/")[0] in {"solution", "event-tracker"}
        return
    assert arn.startswith("arn:aws:personalize:eu-central-1:123456789012:")
    heads = [SCOPE.arn(pattern).split("*")[0] for pattern in row.arn_patterns("pp-dev-")]
    assert any(arn.startswith(head) for head in heads)


def test_a_dataset_is_named_by_its_group_and_type():
    request = {"datasetGroupArn": SCOPE.arn("dataset-group/g"), "datasetType": "Interactions"}
    assert KINDS["dataset"].arn(SCOPE, "any", request) == SCOPE.arn("dataset/g/INTERACTIONS")


def test_list_call_answers_with_the_members_that_the_row_says(client, row):
    model = client.meta.service_model.operation_model(f"List{row.operation}s")
    assert client.meta.method_to_api_mapping[row.list_method] == f"List{row.operation}s"
    assert client.can_paginate(row.list_method)
    assert row.list_parent in {None, *model.input_shape.members}
    summary = model.output_shape.members[row.list_member].member.members
    assert {row.arn_member, "creationDateTime"} <= summary.keys()
    assert (row.name_member in summary) is (row.kind != "solution_version")


def test_what_narrows_a_list_is_in_the_create_request(client, row):
    members = client.meta.service_model.operation_model(f"Create{row.operation}").input_shape.members
    if row.arn_suffix is None:
        assert row.list_parent in members


def test_delete_call_exists_where_the_row_has_a_rank_and_nowhere_else(client, row):
    operation = f"Delete{row.operation}"
    assert (operation in client.meta.service_model.operation_names) is (row.rank is not None)
    if row.delete_method:
        assert client.meta.method_to_api_mapping[row.delete_method] == operation
        model = client.meta.service_model.operation_model(operation)
        assert list(model.input_shape.members) == [row.arn_member]


def test_the_order_of_deletion_is_the_services():
    order = sorted((row for row in KINDS.values() if row.rank), key=lambda row: row.rank)
    assert [row.kind for row in order] == [
        "campaign",
        "solution",
        "filter",
        "event_tracker",
        "dataset",
        "schema",
        "dataset_group",
    ]
    assert KINDS["filter"].rank == KINDS["event_tracker"].rank == Rank.READER


def test_update_call_takes_what_the_row_says_and_its_progress_is_described(client, row):
    if row.update_method is None:
        return
    model = client.meta.service_model.operation_model(f"Update{row.operation}")
    assert client.meta.method_to_api_mapping[row.update_method] == f"Update{row.operation}"
    assert row.arn_member in model.input_shape.members
    described = client.meta.service_model.operation_model(f"Describe{row.operation}").output_shape
    assert {"status", "failureReason"} <= described.members[row.member].members[
        row.update_member
    ].members.keys()


def test_what_an_answer_repeats_is_in_the_description(client, row):
    described = client.meta.service_model.operation_model(f"Describe{row.operation}").output_shape
    assert {member for _, member in row.told} <= described.members[row.member].members.keys()


def test_only_the_tracking_id_is_repeated():
    state = ResourceState("arn", "ACTIVE", None, {"trackingId": "t", "name": "n"})
    assert told(KINDS["event_tracker"], state) == {"tracking_id": "t"}
    assert [row.kind for row in KINDS.values() if row.told] == ["event_tracker"]


@pytest.mark.parametrize(
    ("update", "status", "reason"),
    [
        (None, "ACTIVE", None),
        ({"status": "ACTIVE"}, "ACTIVE", None),
        ({"status": "UPDATE IN_PROGRESS"}, "UPDATE IN_PROGRESS", None),
        ({"status": "UPDATE FAILED", "failureReason": "no"}, "UPDATE FAILED", "no"),
    ],
)
def test_a_resource_under_change_is_in_the_state_of_its_change(update, status, reason):
    class Client:
        def describe_dataset(self, datasetArn):  # noqa: N803
            return {"dataset": {"status": "ACTIVE", "latestDatasetUpdate": update}}

    state = describe(Client(), KINDS["dataset"], "arn")
    assert (state.status, state.failure_reason) == (status, reason)


def test_only_jobs_versions_and_campaigns_belong_to_a_run():
    assert {kind for kind, row in KINDS.items() if row.naming is Naming.RUN} == {
        "dataset_import_job",
        "solution_version",
        "batch_inference_job",
        "campaign",
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
