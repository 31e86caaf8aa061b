"""Functions invoked through the API, in processes of their own."""

import base64
import io
import json
import os
import threading
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from local.functions import FunctionRuntime, directory_marker
from local.functions.outcome import MAX_REQUEST_BYTES
from tests.local.host_fixtures.host import ACCOUNT, Host

ROLE = f"arn:aws:iam::{ACCOUNT}:role/function"
CODE = """
import json, os, sys, time
from pathlib import Path

class DataError(Exception):
    pass

def handler(event, context):
    match event["do"]:
        case "echo":
            return event
        case "context":
            return {
                "name": context.function_name, "memory": context.memory_limit_in_mb,
                "arn": context.invoked_function_arn, "left": context.get_remaining_time_in_millis(),
                "request": context.aws_request_id,
            }
        case "environment":
            return dict(os.environ)
        case "caller":
            import boto3
            return boto3.client("sts").get_caller_identity()["Arn"]
        case "pid":
            time.sleep(event.get("seconds", 0))
            return os.getpid()
        case "print":
            print(event["text"])
        case "fail":
            raise DataError(event["message"])
        case "sleep":
            time.sleep(event["seconds"])
        case "exit":
            os._exit(event["code"])
        case "signal":
            os.kill(os.getpid(), 9)
        case "fill":
            return "x" * event["bytes"]
        case "touch":
            Path(event["path"]).touch()
        case "child":
            import subprocess
            return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]).pid
"""


def package(code=CODE):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("tasks/__init__.py", "")
        archive.writestr("tasks/handler.py", code)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def runtime(host: Host, tmp_path_factory):
    folder = tmp_path_factory.mktemp("functions")
    with FunctionRuntime(host.url, folder / "work", folder / "logs") as started:
        yield started


@pytest.fixture
def function(host: Host, runtime, request):
    """A function of the code above; gives a call of it."""
    name = f"f-{request.node.name[:40].replace('[', '-').replace(']', '')}"
    create_function(host, name)

    def call(**event):
        return invoke(host, name, event)

    call.name = name
    yield call
    host.client("lambda").delete_function(FunctionName=name)


def create_function(host, name, code=None, handler="tasks.handler.handler", **fields):
    host.client("lambda").create_function(
        FunctionName=name,
        Runtime="python3.13",
        Role=ROLE,
        Handler=handler,
        Code={"ZipFile": package() if code is None else code},
        **{"Timeout": 20, "MemorySize": 256, "Environment": {"Variables": {"STAGE": "test"}}, **fields},
    )


def invoke(host, name, event):
    answer = host.client("lambda").invoke(FunctionName=name, Payload=json.dumps(event))
    return answer.get("FunctionError"), json.loads(answer["Payload"].read())


def is_running(pid):
    """Whether a process lives; one that has ended but was not waited for by its parent does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not (status.is_file() and status.read_text().rsplit(")", 1)[1].split()[0] == "Z")


def wait_until(condition, seconds=10):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def test_an_event_goes_in_and_the_result_comes_out(function):
    event = {"do": "echo", "text": 'ä "q" \n', "none": None}
    assert function(**event) == (None, event)


def test_the_context_tells_the_function_who_it_is(function):
    _, context = function(do="context")
    assert context["name"] == function.name
    assert context["memory"] == "256"
    assert context["arn"].endswith(f":function:{function.name}")
    assert 0 < context["left"] <= 20_000
    assert len(context["request"]) == 36


def test_the_environment_is_lambdas_and_not_the_persons(host, function, monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "my-own")
    monkeypatch.setenv("SECRET_OF_MINE", "1")
    _, environment = function(do="environment")
    assert environment["STAGE"] == "test"
    assert environment["AWS_ENDPOINT_URL"] == host.url
    assert environment["AWS_REGION"] == "us-east-1"
    assert environment["AWS_LAMBDA_FUNCTION_NAME"] == function.name
    assert environment["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "256"
    assert environment["AWS_EXECUTION_ENV"] == "AWS_Lambda_python3.13"
    assert "AWS_PROFILE" not in environment
    assert "SECRET_OF_MINE" not in environment
    assert "HOME" not in environment


def test_calls_of_a_function_are_signed_as_its_role(function):
    assert function(do="caller") == (None, f"arn:aws:sts::{ACCOUNT}:assumed-role/function/local")


def test_a_process_stays_warm_and_simultaneous_invocations_get_their_own(function):
    _, first = function(do="pid")
    assert function(do="pid") == (None, first)
    with ThreadPoolExecutor(3) as pool:
        pids = {pid for _, pid in pool.map(lambda _: function(do="pid", seconds=0.5), range(3))}
    assert len(pids) == 3


def test_an_exception_gives_its_class_message_and_stack(function):
    error, payload = function(do="fail", message="column ITEM_ID is missing")
    assert error == "Unhandled"
    assert payload["errorType"] == "DataError"
    assert payload["errorMessage"] == "column ITEM_ID is missing"
    assert any("handler.py" in line for line in payload["stackTrace"])


def test_a_function_that_is_too_slow_is_killed_at_its_timeout(host, function):
    host.client("lambda").update_function_configuration(FunctionName=function.name, Timeout=1)
    _, pid = function(do="pid")
    error, payload = function(do="sleep", seconds=30)
    assert (error, payload["errorType"]) == ("Unhandled", "Sandbox.Timedout")
    assert payload["errorMessage"].endswith("Task timed out after 1.00 seconds")
    assert not is_running(pid)
    assert function(do="echo")[0] is None


@pytest.mark.parametrize(
    ("event", "how"), [({"do": "exit", "code": 3}, "exit status 3"), ({"do": "signal"}, "signal 9")]
)
def test_a_process_that_ends_is_an_exit_error_and_the_next_one_is_new(function, event, how):
    error, payload = function(**event)
    assert (error, payload["errorType"]) == ("Unhandled", "Runtime.ExitError")
    assert payload["errorMessage"].endswith(how)
    assert function(do="echo")[0] is None


@pytest.mark.parametrize(
    ("handler", "code", "error_type"),
    [
        ("tasks.handler.missing", None, "Runtime.HandlerNotFound"),
        ("tasks.nowhere.handler", None, "Runtime.ImportModuleError"),
        ("tasks.handler.handler", "def handler(:", "Runtime.UserCodeSyntaxError"),
        ("tasks.handler.handler", "1 / 0", "ZeroDivisionError"),
    ],
)
def test_a_function_that_cannot_be_loaded_says_so(host, runtime, handler, code, error_type):
    name = f"broken-{error_type.replace('.', '-')}"
    create_function(host, name, package(code) if code else None, handler)
    for _ in range(2):
        error, payload = invoke(host, name, {})
        assert (error, payload["errorType"]) == ("Unhandled", error_type)


def test_payloads_have_lambdas_limits(host, function):
    error, payload = function(do="fill", bytes=MAX_REQUEST_BYTES + 200)
    assert (error, payload["errorType"]) == ("Unhandled", "Function.ResponseSizeTooLarge")
    with pytest.raises(ClientError) as refused:
        function(do="echo", text="x" * MAX_REQUEST_BYTES)
    assert refused.value.response["Error"]["Code"] == "RequestTooLargeException"
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 413


def test_an_event_that_is_no_json_is_refused(host, function):
    with pytest.raises(ClientError, match="InvalidRequestContentException"):
        host.client("lambda").invoke(FunctionName=function.name, Payload=b"{")


def test_an_asynchronous_invocation_returns_before_the_function_does(host, function, tmp_path):
    done = tmp_path / "done"
    answer = host.client("lambda").invoke(
        FunctionName=function.name,
        InvocationType="Event",
        Payload=json.dumps({"do": "touch", "path": str(done)}),
    )
    assert answer["StatusCode"] == 202
    wait_until(done.exists)


def test_output_goes_to_the_log_of_the_function_without_credentials(host, runtime, function):
    function(do="print", text="a line of the function")
    function(do="fail", message="a failure")
    log = runtime.log_of(function.name).read_text()
    assert "a line of the function\n" in log
    assert "[ERROR] DataError: a failure" in log
    assert log.count("START RequestId") == log.count("REPORT RequestId") == 2
    _, environment = function(do="environment")
    log = runtime.log_of(function.name).read_text()
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        assert environment[name] not in log


def test_the_tail_of_the_log_comes_with_the_answer_when_asked_for(host, function):
    answer = host.client("lambda").invoke(
        FunctionName=function.name, LogType="Tail", Payload=json.dumps({"do": "print", "text": "seen"})
    )
    assert "seen" in base64.b64decode(answer["LogResult"]).decode()


def test_a_changed_configuration_and_changed_code_are_used_at_once(host, function):
    _, pid = function(do="pid")
    client = host.client("lambda")
    client.update_function_configuration(
        FunctionName=function.name, Environment={"Variables": {"STAGE": "b"}}
    )
    assert function(do="environment")[1]["STAGE"] == "b"
    assert not is_running(pid)
    client.update_function_code(
        FunctionName=function.name, ZipFile=package("def handler(event, context): return 'new'")
    )
    assert function(do="echo") == (None, "new")


def test_a_marked_directory_runs_in_place(host, runtime, tmp_path):
    (tmp_path / "here.py").write_text("def handler(event, context): return __file__")
    create_function(host, "in-place", directory_marker(tmp_path), "here.handler")
    assert invoke(host, "in-place", {}) == (None, str(tmp_path / "here.py"))


def test_a_marked_directory_that_is_gone_is_an_error_that_names_it(host, runtime, tmp_path):
    create_function(host, "gone", directory_marker(tmp_path / "nowhere"), "here.handler")
    error, payload = invoke(host, "gone", {})
    assert error == "Unhandled"
    assert str(tmp_path / "nowhere") in payload["errorMessage"]


def test_warming_starts_a_process_that_the_first_invocation_finds(host, runtime, function):
    before = threading.active_count()
    runtime.warm([function.name])
    assert threading.active_count() > before
    [waiting] = runtime._idle[f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{function.name}"]
    assert function(do="pid") == (None, waiting.pid)


def test_only_one_runtime_can_have_the_functions_of_a_process(host, runtime, tmp_path):
    with pytest.raises(RuntimeError, match="another FunctionRuntime"):
        FunctionRuntime(host.url, tmp_path / "w", tmp_path / "l").start()


def test_step_functions_sees_the_class_of_an_exception_and_lambdas_cause(host, function):
    machine = {
        "StartAt": "T",
        "States": {
            "T": {
                "Type": "Task",
                "Resource": "arn:aws:states:::lambda:invoke",
                "Arguments": {
                    "FunctionName": function.name,
                    "Payload": {"do": "fail", "message": "{% 'no ' & $states.input.what %}"},
                },
                "Catch": [
                    {
                        "ErrorEquals": ["DataError"],
                        "Output": "{% $parse($states.errorOutput.Cause) %}",
                        "Next": "Caught",
                    }
                ],
                "End": True,
            },
            "Caught": {"Type": "Succeed"},
        },
    }
    done = host.run(machine, {"what": "users"})
    assert done["output"]["errorType"] == "DataError"
    assert done["output"]["errorMessage"] == "no users"
    assert done["output"]["stackTrace"]


def test_the_timeout_of_a_task_is_caught_while_the_function_still_runs(host, function):
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Arguments": {"FunctionName": function.name, "Payload": {"do": "sleep", "seconds": 5}},
        "TimeoutSeconds": "{% 1 %}",
        "Catch": [{"ErrorEquals": ["States.Timeout"], "Output": "caught", "Next": "Done"}],
        "End": True,
    }
    done = host.run({"StartAt": "T", "States": {"T": task, "Done": {"Type": "Succeed"}}})
    assert done["output"] == "caught"


def test_a_direct_function_task_gives_its_payload(host, function):
    arn = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{function.name}"
    task = {"Type": "Task", "Resource": arn, "Arguments": {"do": "echo", "n": "{% 1 + 1 %}"}, "End": True}
    done = host.run({"StartAt": "T", "States": {"T": task}})
    assert done["output"] == {"do": "echo", "n": 2}
