import threading
import time

import pytest

from local.moto_patches.execution_clock import ExecutionClock
from tests.local.host_fixtures.host import ACCOUNT


def wait_machine(seconds, **fields):
    states = {"W": {"Type": "Wait", "Seconds": seconds, "Next": "End"}, "End": {"Type": "Succeed"}}
    return {"StartAt": "W", "States": states, **fields}


@pytest.fixture
def real_time(host):
    host.set_speed(1)
    yield
    host.set_speed(1000)


def test_a_wait_takes_its_seconds_divided_by_the_speed(host):
    started = time.monotonic()
    done = host.run(wait_machine("{% $states.input.seconds * 60 %}"), {"seconds": 5})
    assert done["status"] == "SUCCEEDED"
    # 300 s at a speed of 1000 are 0.3 s. Had the speed been ignored, the host would have given up long before.
    assert time.monotonic() - started >= 0.3


def test_the_timeout_of_a_machine_counts_waits_in_full(host):
    done = host.run(wait_machine(300, TimeoutSeconds=200))
    assert done["status"] == "TIMED_OUT"
    assert done["stopDate"] >= done["startDate"]
    types = [event["type"] for event in host.events(done["executionArn"])]
    assert "SucceedStateEntered" not in types


def test_the_timeout_of_a_machine_counts_pauses_before_retries(host):
    missing = f"arn:aws:states:us-east-1:{ACCOUNT}:execution:none:none"
    done = host.run(
        {
            "TimeoutSeconds": 100,
            "StartAt": "T",
            "States": {
                "T": {
                    "Type": "Task",
                    "Resource": "arn:aws:states:::aws-sdk:sfn:describeExecution",
                    "Arguments": {"ExecutionArn": missing},
                    "Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 60, "MaxAttempts": 9}],
                    "End": True,
                }
            },
        }
    )
    assert done["status"] == "TIMED_OUT"


def test_a_machine_within_its_timeout_succeeds(host):
    assert host.run(wait_machine(300, TimeoutSeconds=301))["status"] == "SUCCEEDED"


def test_parallel_waits_count_once(host):
    branch = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 300, "End": True}}}
    parallel = {"Type": "Parallel", "Branches": [branch, branch], "End": True}
    done = host.run({"TimeoutSeconds": 500, "StartAt": "P", "States": {"P": parallel}})
    assert done["status"] == "SUCCEEDED"


@pytest.mark.usefixtures("real_time")
def test_stopping_ends_a_wait_at_once_with_error_and_cause(host):
    execution = host.start(host.machine(wait_machine(3600)))
    stopped = host.client("stepfunctions").stop_execution(
        executionArn=execution, error="Stopped", cause="enough"
    )
    done = host.client("stepfunctions").describe_execution(executionArn=execution)
    assert (done["status"], done["error"], done["cause"]) == ("ABORTED", "Stopped", "enough")
    assert done["stopDate"] == stopped["stopDate"]


@pytest.mark.usefixtures("real_time")
def test_the_thread_of_a_stopped_execution_ends_although_it_waits(host):
    # Stopped at once, when its thread may not have come to the wait: it must not begin to wait for an hour.
    machine = host.machine(wait_machine(3600))
    executions = [host.start(machine) for _ in range(5)]
    for execution in executions:
        host.client("stepfunctions").stop_execution(executionArn=execution)
    for execution in executions:
        deadline = time.monotonic() + 20
        while (types := [event["type"] for event in host.events(execution)])[-1:] != ["ExecutionAborted"]:
            assert time.monotonic() < deadline, types
            time.sleep(0.02)
        assert "SucceedStateEntered" not in types
        assert host.finish(execution)["status"] == "ABORTED"


def test_stopping_what_has_ended_changes_nothing(host):
    done = host.run(wait_machine(0))
    again = host.client("stepfunctions").stop_execution(executionArn=done["executionArn"], error="late")
    assert again["stopDate"] == done["stopDate"]
    assert host.finish(done["executionArn"])["status"] == "SUCCEEDED"


def test_a_clock_never_runs_backwards_and_takes_the_longest_of_parallel_waits():
    clock = ExecutionClock()
    start = clock.now()
    clock.advance_to(start + 100)
    clock.advance_to(start + 60)
    assert 100 <= clock.now() - start < 101


def test_a_clock_tells_what_is_left_of_its_timeout():
    clock = ExecutionClock()
    clock.set_timeout(50)
    clock.advance_to(clock.now() + 60)
    assert -11 < clock.remaining() <= -10


def test_no_thread_of_a_timed_out_execution_is_left(host):
    before = threading.active_count()
    host.run(wait_machine(300, TimeoutSeconds=100))
    deadline = time.monotonic() + 5
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.05)
    assert threading.active_count() <= before
