"""Describe-or-create against the emulator: whatever is repeated, nothing is made twice."""

from __future__ import annotations

import json
import time

import pytest
from botocore.exceptions import ClientError

from emulator import Timing
from lambdas.create_resource import ensure as module
from lambdas.create_resource.ensure import ensure
from lambdas.shared import lookup
from lambdas.shared.errors import ResourceConflictError, ServiceNotReadyError, TaskError
from lambdas.shared.lookup import MAX_ATTEMPTS, Wanted
from lambdas.shared.resources import KINDS, ArnScope
from lambdas.shared.service import waiting_is_named

SCOPE = ArnScope("aws", "us-east-1", "123456789012")
ROLE = "arn:aws:iam::123456789012:role/personalize"
RECIPE = "arn:aws:personalize:::recipe/aws-user-personalization-v2"
SCHEMA = json.dumps(
    {
        "type": "record",
        "name": "Interactions",
        "namespace": "com.amazonaws.personalize.schema",
        "fields": [
            {"name": "USER_ID", "type": "string"},
            {"name": "ITEM_ID", "type": "string"},
            {"name": "TIMESTAMP", "type": "long"},
        ],
        "version": "1.0",
    }
)


def wanted(kind: str, request: dict, *, name: str = "pp-dev-hrnn", run_id: str = "r1") -> Wanted:
    return Wanted(KINDS[kind], name, request, run_id)


def made(client, kind: str, request: dict, **names: str):
    return ensure(client, SCOPE, wanted(kind, request, **names))


def dataset(client) -> str:
    group = made(client, "dataset_group", {}).state.arn
    schema = made(client, "schema", {"schema": SCHEMA}).state.arn
    request = {"datasetGroupArn": group, "datasetType": "Interactions", "schemaArn": schema}
    return made(client, "dataset", request).state.arn


def solution(client) -> str:
    dataset(client)
    request = {"datasetGroupArn": SCOPE.arn("dataset-group/pp-dev-hrnn"), "recipeArn": RECIPE}
    return made(client, "solution", {**request, "performAutoTraining": False}).state.arn


def settled(client, state):
    """Wait for a job to end. The emulator works in the background even when its clock stands at instant."""
    for _ in range(200):
        found = module.describe(client, kind_of(state.arn), state.arn)
        if found.active or found.failed:
            return found
        time.sleep(0.02)
    raise AssertionError(f"{state.arn} has not settled")


def kind_of(arn: str):
    return KINDS["dataset_import_job" if ":dataset-import-job/" in arn else "solution_version"]


def test_what_is_not_there_is_created_and_what_is_there_is_adopted(service):
    client = service(Timing.instant())
    first = made(client, "dataset_group", {})
    again = made(client, "dataset_group", {})
    assert (first.created, again.created) == (True, False)
    assert first.state.arn == again.state.arn == SCOPE.arn("dataset-group/pp-dev-hrnn")


def test_equal_content_finds_the_same_schema_and_other_content_makes_another(service):
    client = service(Timing.instant())
    one = made(client, "schema", {"schema": SCHEMA})
    same = made(client, "schema", {"schema": SCHEMA})
    other = made(client, "schema", {"schema": SCHEMA.replace("TIMESTAMP", "TIMESTAMP", 1) + " "})
    assert (one.created, same.created, other.created) == (True, False, True)
    assert one.state.arn == same.state.arn != other.state.arn


def test_other_tags_do_not_make_another_solution(service):
    client = service(Timing.instant())
    dataset(client)
    request = {"datasetGroupArn": SCOPE.arn("dataset-group/pp-dev-hrnn"), "recipeArn": RECIPE}
    one = made(client, "solution", {**request, "tags": [{"tagKey": "team", "tagValue": "a"}]})
    other = made(client, "solution", {**request, "tags": [{"tagKey": "team", "tagValue": "b"}]})
    changed = made(client, "solution", {**request, "performHPO": False})
    assert (one.created, other.created, changed.created) == (True, False, True)


def test_a_dataset_with_another_schema_is_a_conflict_told_in_words(service):
    client = service(Timing.instant())
    dataset(client)
    other = made(client, "schema", {"schema": SCHEMA + " "}).state.arn
    request = {"datasetGroupArn": SCOPE.arn("dataset-group/pp-dev-hrnn"), "datasetType": "Interactions"}
    with pytest.raises(
        ResourceConflictError, match=r"schemaArn is .* the settings ask for .*delete the resource"
    ):
        made(client, "dataset", {**request, "schemaArn": other})


def test_a_version_that_is_being_trained_is_found_by_its_name_and_not_trained_again(service):
    client = service(Timing.scaled(60))
    request = {"datasetGroupArn": active_dataset_group(client), "recipeArn": RECIPE}
    arn = active(client, "solution", made(client, "solution", request).state.arn)
    first = made(client, "solution_version", {"solutionArn": arn})
    again = made(client, "solution_version", {"solutionArn": arn})
    assert (first.created, again.created) == (True, False)
    assert first.state.arn == again.state.arn
    assert made(client, "solution_version", {"solutionArn": arn}, run_id="r2").created


def active(client, kind: str, arn: str) -> str:
    for _ in range(600):
        if module.describe(client, KINDS[kind], arn).active:
            return arn
        time.sleep(0.02)
    raise AssertionError(f"{arn} is not active")


def active_dataset_group(client) -> str:
    """A dataset group with an interactions dataset in it, under a clock that takes its time."""
    group = active(client, "dataset_group", made(client, "dataset_group", {}).state.arn)
    schema = made(client, "schema", {"schema": SCHEMA}).state.arn
    request = {"datasetGroupArn": group, "datasetType": "Interactions", "schemaArn": schema}
    active(client, "dataset", made(client, "dataset", request).state.arn)
    return group


def test_a_failed_job_of_the_run_makes_way_for_one_more_attempt(service):
    client = service(Timing.instant())
    request = {
        "datasetArn": dataset(client),
        "dataSource": {"dataLocation": "s3://missing/train/"},
        "roleArn": ROLE,
    }
    first = made(client, "dataset_import_job", request)
    assert settled(client, first.state).failed
    second = made(client, "dataset_import_job", request)
    assert second.created
    assert second.state.arn != first.state.arn


def test_attempts_are_bounded(service, monkeypatch):
    client = service(Timing.instant())
    monkeypatch.setattr(lookup, "MAX_ATTEMPTS", 2)
    request = {
        "datasetArn": dataset(client),
        "dataSource": {"dataLocation": "s3://missing/train/"},
        "roleArn": ROLE,
    }
    for _ in range(2):
        settled(client, made(client, "dataset_import_job", request).state)
    with pytest.raises(TaskError, match="start a new run"):
        made(client, "dataset_import_job", request)
    assert MAX_ATTEMPTS == 10


def test_a_job_of_the_run_with_other_settings_asks_for_a_new_run(service):
    client = service(Timing.scaled(60))
    active_dataset_group(client)
    request = {
        "datasetArn": SCOPE.arn("dataset/pp-dev-hrnn/INTERACTIONS"),
        "dataSource": {"dataLocation": "s3://missing/train/"},
        "roleArn": ROLE,
    }
    made(client, "dataset_import_job", request)
    with pytest.raises(ResourceConflictError, match="start a new run instead of resuming"):
        made(client, "dataset_import_job", {**request, "importMode": "INCREMENTAL"})


def test_an_answer_that_was_lost_is_found_again(service):
    """The create call did its work, the caller never heard: the next call meets "already exists"."""
    client = service(Timing.instant())
    made(client, "dataset_group", {})
    state = module._create(client, SCOPE, wanted("dataset_group", {}), "pp-dev-hrnn")
    assert not state.created
    assert state.state.active


def test_a_group_on_its_way_out_is_waited_for(service):
    client = service(Timing.scaled(10))
    arn = active(client, "dataset_group", made(client, "dataset_group", {}).state.arn)
    client.delete_dataset_group(datasetGroupArn=arn)
    with pytest.raises(ServiceNotReadyError, match="is being deleted"):
        made(client, "dataset_group", {})


@pytest.mark.parametrize("code", ["LimitExceededException", "ThrottlingException", "ResourceInUseException"])
def test_errors_that_pass_with_time_get_the_name_that_the_machine_retries(code):
    error = ClientError({"Error": {"Code": code, "Message": "later"}}, "CreateSolution")
    with pytest.raises(ServiceNotReadyError, match=f"CreateSolution: {code}: later"), waiting_is_named():
        raise error


def test_other_errors_of_the_service_pass_through():
    error = ClientError({"Error": {"Code": "InvalidInputException", "Message": "no"}}, "CreateSolution")
    with pytest.raises(ClientError), waiting_is_named():
        raise error
