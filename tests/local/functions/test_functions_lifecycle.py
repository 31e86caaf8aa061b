"""No process outlives its runtime, however that ends."""

import io
import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

from local.functions import FunctionRuntime
from tests.local.host_fixtures.host import ACCOUNT

CODE = """
import os, subprocess, sys
def handler(event, context):
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    return [os.getpid(), child.pid]
"""

PLATFORM = """
import json, sys, time
from pathlib import Path
from local.functions import FunctionRuntime
from tests.local.host_fixtures.host import started_host
from tests.local.functions.test_functions_lifecycle import pids_of_a_function
with started_host() as host, FunctionRuntime(host.url, Path(sys.argv[1]), Path(sys.argv[1])):
    print(json.dumps(pids_of_a_function(host, "killed")), flush=True)
    time.sleep(600)
"""


def pids_of_a_function(host, name):
    """The ids of a warm function's process and of a child that it started."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("task.py", CODE)
    host.client("lambda").create_function(
        FunctionName=name,
        Runtime="python3.13",
        Role=f"arn:aws:iam::{ACCOUNT}:role/function",
        Handler="task.handler",
        Code={"ZipFile": buffer.getvalue()},
        Timeout=20,
    )
    return json.loads(host.client("lambda").invoke(FunctionName=name)["Payload"].read())


def is_running(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not (status.is_file() and status.read_text().rsplit(")", 1)[1].split()[0] == "Z")


def gone(pid, seconds=10):
    deadline = time.monotonic() + seconds
    while is_running(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not is_running(pid)


def test_stop_ends_every_process_with_its_children(host, tmp_path):
    with FunctionRuntime(host.url, tmp_path / "work", tmp_path / "logs"):
        pids = pids_of_a_function(host, "stopped")
        assert all(is_running(pid) for pid in pids)
    assert all(gone(pid) for pid in pids)


def test_stop_twice_is_harmless(host, tmp_path):
    runtime = FunctionRuntime(host.url, tmp_path / "work", tmp_path / "logs")
    runtime.start()
    runtime.stop()
    runtime.stop()


def test_a_warm_function_ends_when_its_platform_is_killed(tmp_path):
    platform = subprocess.Popen(
        [sys.executable, "-c", PLATFORM, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    function_pid, child_pid = json.loads(platform.stdout.readline())
    try:
        assert is_running(function_pid)
        platform.kill()
        platform.wait()
        assert gone(function_pid)
    finally:
        # What a function leaves behind when nobody stops it is nobody's; here it is ours.
        os.kill(child_pid, signal.SIGKILL)
        platform.stdout.close()
