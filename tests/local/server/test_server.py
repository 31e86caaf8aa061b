import json
import socket
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.exceptions import ClientError

from local.server import LocalServer, signed_service
from tests.local.host_fixtures.host import ACCOUNT, REGION, pass_state, started_host

SOLUTION = f"arn:aws:personalize:{REGION}:{ACCOUNT}:solution/known"


class FakeEmulator:
    """A WSGI application that knows one solution and keeps what it was asked."""

    def __init__(self):
        self.requests = []

    def __call__(self, environ, start_response):
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        target = environ.get("HTTP_X_AMZ_TARGET")
        self.requests.append((target or environ["PATH_INFO"], json.loads(body or b"{}"), environ))
        if target is None:
            answer = {}
        elif json.loads(body)["solutionArn"] == SOLUTION:
            answer = {"solution": {"solutionArn": SOLUTION, "creationDateTime": 1767225600.5}}
        else:
            answer = {"__type": "ResourceNotFoundException", "message": "Resource Arn does not exist."}
        start_response(
            "400 Bad Request" if "__type" in answer else "200 OK",
            [("Content-Type", "application/x-amz-json-1.1"), ("x-amzn-RequestId", "request-1")],
        )
        return [json.dumps(answer).encode()]


@pytest.fixture
def emulator():
    return FakeEmulator()


def client(service, url):
    return boto3.session.Session("test", "test", region_name=REGION).client(service, endpoint_url=url)


def test_the_three_personalize_services_go_to_the_emulator_and_the_rest_to_moto(emulator):
    with LocalServer(emulator) as server:
        url = server.endpoint_url
        assert (
            client("personalize", url).describe_solution(solutionArn=SOLUTION)["solution"]["solutionArn"]
            == SOLUTION
        )
        client("personalize-runtime", url).get_recommendations(campaignArn=f"{SOLUTION}/c")
        client("personalize-runtime", url).get_personalized_ranking(
            campaignArn=f"{SOLUTION}/c", userId="u", inputList=["i"]
        )
        client("personalize-events", url).put_events(
            trackingId="t",
            sessionId="s",
            eventList=[{"eventType": "watch", "sentAt": 1767225600}],
        )
        assert client("sts", url).get_caller_identity()["Account"] == ACCOUNT
    assert [what for what, _, _ in emulator.requests] == [
        "AmazonPersonalize.DescribeSolution",
        "/recommendations",
        "/personalize-ranking",
        "/events",
    ]


def test_without_an_emulator_personalize_is_motos():
    LocalServer.reset()
    with LocalServer() as server:
        assert client("personalize", server.endpoint_url).list_schemas()["schemas"] == []


def test_a_state_machine_calls_personalize_on_the_same_endpoint(emulator):
    definition = {
        "StartAt": "Known",
        "States": {
            "Known": {
                "Type": "Task",
                "Resource": "arn:aws:states:::aws-sdk:personalize:describeSolution",
                "Arguments": {"SolutionArn": SOLUTION},
                "Assign": {"known": "{% $states.result.Solution %}"},
                "Next": "Unknown",
            },
            "Unknown": {
                "Type": "Task",
                "Resource": "arn:aws:states:::aws-sdk:personalize:describeSolution",
                "Arguments": {"SolutionArn": "none"},
                "Catch": [
                    {
                        "ErrorEquals": ["Personalize.ResourceNotFoundException"],
                        "Output": {"known": "{% $known %}", "error": "{% $states.errorOutput %}"},
                        "Next": "Done",
                    }
                ],
                "End": True,
            },
            "Done": {"Type": "Succeed"},
        },
    }
    with started_host(emulator) as host:
        done = host.run(definition)
    assert done["output"]["known"] == {
        "SolutionArn": SOLUTION,
        "CreationDateTime": "2026-01-01T00:00:00.500000Z",
    }
    assert done["output"]["error"]["Error"] == "Personalize.ResourceNotFoundException"
    assert "Resource Arn does not exist." in done["output"]["error"]["Cause"]
    # Signed with credentials that STS gave for the machine's role.
    assert all("HTTP_X_AMZ_SECURITY_TOKEN" in environ for _, _, environ in emulator.requests)


def test_the_account_is_the_one_the_server_was_given():
    with LocalServer(account_id="210987654321") as server:
        assert client("sts", server.endpoint_url).get_caller_identity()["Account"] == "210987654321"


def test_a_server_has_no_address_before_it_starts_nor_after_it_stops():
    server = LocalServer()
    with pytest.raises(RuntimeError, match="start"):
        _ = server.endpoint_url
    url = server.start()
    assert server.endpoint_url == url
    assert urlsplit(url).hostname == "127.0.0.1"
    server.stop()
    server.stop()
    with pytest.raises(RuntimeError, match="start"):
        _ = server.endpoint_url


def test_a_port_can_be_chosen_and_is_free_again_after_stop():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    for _ in range(2):
        with LocalServer(port=port) as server:
            assert server.endpoint_url == f"http://127.0.0.1:{port}"
            assert client("sts", server.endpoint_url).get_caller_identity()["Account"] == ACCOUNT


def test_reset_empties_moto():
    with LocalServer() as server:
        s3 = client("s3", server.endpoint_url)
        s3.create_bucket(Bucket="some-bucket")
        LocalServer.reset()
        assert s3.list_buckets()["Buckets"] == []


def test_stop_aborts_what_still_runs():
    with started_host(speed=1) as host:
        wait = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 3600, "End": True}}}
        machine = host.machine(wait)
        execution = host.start(machine)
        host.server.stop()
        with LocalServer() as again:
            described = client("stepfunctions", again.endpoint_url).describe_execution(executionArn=execution)
    assert described["status"] == "ABORTED"


def test_nothing_is_printed(capfd):
    with started_host() as host:
        host.run(pass_state("{% $missing %}"))
        with pytest.raises(ClientError):
            host.client("s3").get_object(Bucket="nowhere", Key="nothing")
    printed = capfd.readouterr()
    assert (printed.out, printed.err) == ("", "")


SCOPE = "AKIDEXAMPLE/20260101/us-east-1/personalize/aws4_request"


@pytest.mark.parametrize(
    ("authorization", "service"),
    [
        (f"AWS4-HMAC-SHA256 Credential={SCOPE}, SignedHeaders=host, Signature=ab", "personalize"),
        (f"AWS4-HMAC-SHA256 Credential={SCOPE},SignedHeaders=host,Signature=ab", "personalize"),
        ("AWS4-HMAC-SHA256 Credential=short/scope, Signature=ab", None),
        ("AWS AKIDEXAMPLE:signature", None),
        ("Bearer personalize", None),
        ("", None),
    ],
)
def test_the_service_is_read_from_the_credential_scope(authorization, service):
    assert signed_service({"HTTP_AUTHORIZATION": authorization}) == service


def test_an_unsigned_request_has_no_service():
    assert signed_service({}) is None
