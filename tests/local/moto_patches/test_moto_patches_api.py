"""The API of executions: names, idempotence and history."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError

from tests.local.host_fixtures.host import pass_state

SLOW = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 3600000, "End": True}}}


def test_the_same_name_and_input_of_a_running_execution_is_that_execution(host):
    machine = host.machine(SLOW)
    first = host.start(machine, {"a": 1}, name="r1")
    assert host.start(machine, {"a": 1}, name="r1") == first
    with pytest.raises(ClientError, match="ExecutionAlreadyExists"):
        host.start(machine, {"a": 2}, name="r1")


def test_the_name_of_an_ended_execution_is_taken(host):
    machine = host.machine(pass_state(1))
    host.finish(host.start(machine, name="r1"))
    with pytest.raises(ClientError) as refused:
        host.start(machine, name="r1")
    assert refused.value.response["Error"]["Code"] == "ExecutionAlreadyExists"


def test_starts_at_the_same_moment_give_one_execution(host):
    machine = host.machine(SLOW)
    with ThreadPoolExecutor(8) as pool:
        arns = set(pool.map(lambda _: host.start(machine, name="same"), range(8)))
    assert len(arns) == 1
    listed = host.client("stepfunctions").list_executions(stateMachineArn=machine)["executions"]
    assert len(listed) == 1


def test_executions_without_a_name_get_one_each(host):
    machine = host.machine(pass_state(1))
    assert host.start(machine) != host.start(machine)


@pytest.mark.parametrize("name", ["with space", "a/b", "a:b", "x" * 81, "quest?"])
def test_a_name_that_aws_refuses_is_refused(host, name):
    with pytest.raises(ClientError) as refused:
        host.start(host.machine(pass_state(1)), name=name)
    assert refused.value.response["Error"]["Code"] == "InvalidName"


def test_history_tells_each_state_as_it_is_entered_and_left(host):
    done = host.run(
        {
            "StartAt": "A",
            "States": {
                "A": {"Type": "Pass", "Next": "B"},
                "B": {"Type": "Fail", "Error": "E", "Cause": "C"},
            },
        }
    )
    events = host.events(done["executionArn"])
    assert [event["type"] for event in events] == [
        "ExecutionStarted",
        "PassStateEntered",
        "PassStateExited",
        "FailStateEntered",
        "ExecutionFailed",
    ]
    assert events[1]["stateEnteredEventDetails"]["name"] == "A"
    assert events[-1]["executionFailedEventDetails"] == {"error": "E", "cause": "C"}
    assert events[0]["timestamp"] <= events[-1]["timestamp"]


def test_history_pages_and_runs_backwards(host):
    states = {f"S{i}": {"Type": "Pass", "Next": f"S{i + 1}"} for i in range(60)}
    done = host.run({"StartAt": "S0", "States": {**states, "S60": {"Type": "Succeed"}}})
    sfn = host.client("stepfunctions")
    first = sfn.get_execution_history(executionArn=done["executionArn"])
    assert len(first["events"]) == 100
    # 1 started + 60 passes entered and left + succeed entered and left + 1 succeeded
    assert [event["id"] for event in host.events(done["executionArn"])] == list(range(1, 125))
    last = sfn.get_execution_history(executionArn=done["executionArn"], reverseOrder=True, maxResults=1)
    assert [event["type"] for event in last["events"]] == ["ExecutionSucceeded"]
