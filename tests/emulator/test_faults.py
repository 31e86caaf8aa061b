"""Failures on demand: resources that fail with a reason, calls that are refused."""

import json
import urllib.error
import urllib.request

import pytest

from emulator import Timing
from emulator.api.control import PATH, answer_control
from emulator.errors import UnknownOperationError

ROLE = "arn:aws:iam::123456789012:role/r"


def test_the_next_import_of_a_name_fails_and_the_one_after_does_not(service, csv):
    dataset = service.create_dataset(service.create_group())
    service.s3.put("s3://data/train.csv", csv())
    service.emulator.fail_next("dataset_import_job", "import-", "The disk is full.")
    assert service.import_data(dataset, "s3://data/train.csv", name="other")["status"] == "ACTIVE"
    failed = service.import_data(dataset, "s3://data/train.csv", name="import-1")
    assert (failed["status"], failed["failureReason"]) == ("CREATE FAILED", "The disk is full.")
    assert service.import_data(dataset, "s3://data/train.csv", name="import-2")["status"] == "ACTIVE"


def test_trainings_and_batch_jobs_fail_as_often_as_ordered(service):
    group = service.ready_group()
    service.emulator.fail_next("solution_version", "solution/", "No luck.", times=2)
    version = service.train(group, "aws-popularity-count")
    assert (version["status"], version["failureReason"]) == ("CREATE FAILED", "No luck.")
    call = service.personalize.create_solution_version
    statuses = [
        service.settled(
            "solution_version",
            solutionVersionArn=call(solutionArn=version["solutionArn"])["solutionVersionArn"],
        )
        for _ in range(2)
    ]
    assert [status["status"] for status in statuses] == ["CREATE FAILED", "ACTIVE"]
    service.emulator.fail_next("batch_inference_job", "b", "Lost.")
    assert service.infer(statuses[1]["solutionVersionArn"], name="b")["failureReason"] == "Lost."


@pytest.mark.parametrize("timing", [None, Timing.scaled(2000)], ids=["instant", "scaled"])
def test_resources_without_work_fail_too(start, timing):
    service = start(**({} if timing is None else {"timing": timing}))
    service.emulator.fail_next("dataset_group", "g", "No room.")
    arn = service.create_group("g")
    shown = service.settled("dataset_group", datasetGroupArn=arn)
    assert (shown["status"], shown["failureReason"]) == ("CREATE FAILED", "No room.")


def test_a_failed_campaign_cannot_be_asked_but_can_be_deleted(service, refused):
    version = service.train(service.ready_group(), "aws-popularity-count")["solutionVersionArn"]
    service.emulator.fail_next("campaign", "", "No capacity.")
    arn = service.personalize.create_campaign(name="c", solutionVersionArn=version)["campaignArn"]
    shown = service.personalize.describe_campaign(campaignArn=arn)["campaign"]
    assert (shown["status"], shown["failureReason"]) == ("CREATE FAILED", "No capacity.")
    assert (
        refused(service.runtime.get_recommendations, campaignArn=arn, userId="u")[0]
        == "InvalidInputException"
    )
    service.personalize.delete_campaign(campaignArn=arn)


def test_calls_are_refused_with_the_error_that_was_ordered(service, refused):
    service.emulator.refuse_next("CreateDatasetGroup", "ResourceInUseException", "Come back later.", times=2)
    for _ in range(2):
        answered = refused(service.personalize.create_dataset_group, name="g")
        assert answered == ("ResourceInUseException", 400, "Come back later.")
    service.create_group("g")
    service.emulator.refuse_next("PutEvents", "InvalidInputException", "No.")
    event = {"eventType": "watch", "itemId": "i", "sentAt": 1}
    assert refused(service.events.put_events, trackingId="t", sessionId="s", eventList=[event])[2] == "No."


def test_orders_that_make_no_sense_are_told(service):
    with pytest.raises(ValueError, match="no kind of resource that can fail"):
        service.emulator.fail_next("schema", "x", "reason")
    with pytest.raises(ValueError, match="needs a reason"):
        service.emulator.fail_next("campaign", "x", "")
    with pytest.raises(ValueError, match="not an error of the service"):
        service.emulator.refuse_next("CreateCampaign", "Oops", "x")
    with pytest.raises(ValueError, match="no operation"):
        service.emulator.refuse_next("CreateShoes", "InvalidInputException", "x")


def test_orders_can_be_taken_back(service):
    service.emulator.fail_next("dataset_group", "", "No.")
    service.emulator.faults.clear()
    assert service.settled("dataset_group", datasetGroupArn=service.create_group())["status"] == "ACTIVE"


def order(service, method="POST", **members):
    """Status and body of a request to the emulator's own path."""
    data = json.dumps(members).encode()
    request = urllib.request.Request(
        service.endpoint + PATH, data, {"Content-Type": "application/json"}, method=method
    )
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as answer:
        return answer.code, json.loads(answer.read())


def test_failures_are_ordered_over_http_too(service, refused):
    assert order(service, kind="dataset_group", namePrefix="g", reason="No.") == (200, {})
    arn = service.create_group("g")
    assert (
        service.personalize.describe_dataset_group(datasetGroupArn=arn)["datasetGroup"]["failureReason"]
        == "No."
    )
    order(service, operation="ListSchemas", code="InvalidInputException", message="Not now.")
    assert refused(service.personalize.list_schemas)[2] == "Not now."
    order(service, operation="ListSchemas", code="InvalidInputException", message="Not now.", times=9)
    assert order(service, "DELETE") == (200, {})
    assert service.personalize.list_schemas()["schemas"] == []


@pytest.mark.parametrize(
    "members",
    [
        {"kind": "shoe", "reason": "x"},
        {"kind": "campaign"},
        {"kind": "campaign", "reason": 5},
        {"kind": "campaign", "reason": "x", "times": 0},
        {"kind": "campaign", "operation": "PutEvents"},
        {"operation": "PutEvents", "code": "Oops", "message": "x"},
    ],
)
def test_orders_that_make_no_sense_are_refused(service, members):
    assert order(service, **members)[0] == 400


def test_others_than_this_machine_do_not_see_the_path(service):
    for address, method in (("192.0.2.1", "POST"), (None, "POST"), ("127.0.0.1", "PATCH")):
        environ = {"REQUEST_METHOD": method, "PATH_INFO": PATH, "REMOTE_ADDR": address}
        with pytest.raises(UnknownOperationError):
            answer_control(service.emulator, environ, b"{}")
