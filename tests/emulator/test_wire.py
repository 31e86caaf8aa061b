"""What goes over the wire, byte by byte where SDKs depend on it."""

import http.client
import json
import urllib.error
import urllib.request

import pytest

from emulator.api.models import service_models
from emulator.api.operations import HANDLERS

JSON_11 = "application/x-amz-json-1.1"


def post(service, path, body, target=None, method="POST"):
    """Status, headers and body of a request made without an SDK."""
    headers = {"X-Amz-Target": target} if target else {}
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(service.endpoint + path, data, headers, method=method)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as answer:
        return answer.code, answer.headers, answer.read()


def control(service, operation, **body):
    return post(service, "/", body, f"AmazonPersonalize.{operation}")


def test_control_plane_errors_carry_their_type_in_the_body(service):
    status, headers, body = control(
        service, "DescribeDatasetGroup", datasetGroupArn=f"{PREFIX}dataset-group/none"
    )
    assert status == 400
    assert headers["Content-Type"] == JSON_11
    assert json.loads(body) == {
        "__type": "ResourceNotFoundException",
        "message": f"Resource Arn {PREFIX}dataset-group/none does not exist.",
    }


PREFIX = "arn:aws:personalize:us-east-1:123456789012:"


def test_runtime_errors_carry_their_type_in_a_header_and_their_own_status(service):
    request = {"campaignArn": f"{PREFIX}campaign/none", "userId": "u"}
    status, headers, body = post(service, "/recommendations", request)
    assert status == 404
    assert headers["x-amzn-ErrorType"] == "ResourceNotFoundException"
    assert list(json.loads(body)) == ["message"]


def test_dates_are_epoch_seconds_and_unset_members_are_absent(service):
    arn = service.create_group()
    _, _, body = control(service, "DescribeDatasetGroup", datasetGroupArn=arn)
    group = json.loads(body)["datasetGroup"]
    assert isinstance(group["creationDateTime"], float)
    assert set(group) == {"name", "datasetGroupArn", "status", "creationDateTime", "lastUpdatedDateTime"}


def test_deletions_answer_with_an_empty_body(service):
    arn = service.create_group()
    status, _, body = control(service, "DeleteDatasetGroup", datasetGroupArn=arn)
    assert (status, body) == (200, b"")


def test_the_list_of_filters_has_a_capital_letter(service):
    assert json.loads(control(service, "ListFilters")[2]) == {"Filters": []}
    assert json.loads(control(service, "ListSolutions")[2]) == {"solutions": []}


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b"\xff", b'{"maxResults": NaN}', b'{"nextToken": "\\ud800"}', b"[" * 100_000]
)
def test_a_body_that_is_no_json_object_is_refused(service, body):
    status, _, answer = post(service, "/", body, "AmazonPersonalize.ListSchemas")
    assert status == 400
    assert json.loads(answer)["__type"] == "SerializationException"


def test_a_huge_body_is_refused_unread(service):
    connection = http.client.HTTPConnection(service.endpoint.removeprefix("http://"))
    connection.putrequest("POST", "/")
    connection.putheader("X-Amz-Target", "AmazonPersonalize.ListSchemas")
    connection.putheader("Content-Length", str(1 << 40))
    connection.endheaders()
    answer = connection.getresponse()
    assert answer.status == 400
    assert json.loads(answer.read())["__type"] == "SerializationException"
    connection.close()


@pytest.mark.parametrize(
    ("path", "target", "method", "status"),
    [
        ("/", "AmazonPersonalize.Nothing", "POST", 400),
        ("/", None, "POST", 400),
        ("/nothing", None, "POST", 404),
        ("/recommendations", None, "PUT", 404),
    ],
)
def test_unknown_operations_are_named(service, path, target, method, status):
    answered, _, body = post(service, path, {}, target, method)
    assert answered == status
    assert "no operation for" in json.loads(body)["message"]


OPERATIONS = {operation.name: operation for operation in service_models().operations}


def test_all_operations_of_the_three_services_are_routed():
    assert len(OPERATIONS) == 79


def example(shape, name=""):
    """A value that fits a shape."""
    if shape.type_name == "structure":
        return {member: example(shape.members[member], member) for member in shape.required_members}
    if shape.type_name == "list":
        return [example(shape.member)]
    if shape.type_name == "string":
        known = {"roleArn": "arn:aws:iam::123456789012:role/r", "name": "x", "jobName": "x"}
        text = f"{PREFIX}campaign/none" if name.endswith("Arn") else "s3://b/k"
        return shape.enum[0] if shape.enum else known.get(name, text)
    return {"boolean": True, "timestamp": 0, "map": {}}.get(shape.type_name, 1)


@pytest.mark.parametrize("name", sorted(set(OPERATIONS) - set(HANDLERS)))
def test_an_operation_that_is_not_built_says_so(service, name):
    operation = OPERATIONS[name]
    body = example(operation.input_shape)
    path = {
        "GetActionRecommendations": "/action-recommendations",
        "GetPersonalizedRanking": "/personalize-ranking",
        "PutEvents": "/events",
        "PutItems": "/items",
        "PutUsers": "/users",
        "PutActions": "/actions",
        "PutActionInteractions": "/action-interactions",
    }.get(name, "/")
    status, headers, answer = post(
        service, path, body, None if operation.rest else f"AmazonPersonalize.{name}"
    )
    document = json.loads(answer)
    assert status == 400, document
    code = headers["x-amzn-ErrorType"] if operation.rest else document["__type"]
    assert code == "UnsupportedOperationException", document
    assert name in document["message"]
