import io
import json
import zipfile
from types import SimpleNamespace

import pytest

from local.functions import AssumedRoles, credentials, directory_marker
from local.functions.code import CodeStore
from local.functions.environment import FunctionConfiguration, function_environment
from local.functions.outcome import exited, response_too_large, timed_out
from tests.local.host_fixtures.host import ACCOUNT


def zipped(**files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(f"{name}.py", content)
    return buffer.getvalue()


def test_a_package_is_unpacked_once_under_a_name_of_its_content(tmp_path):
    store = CodeStore(tmp_path / "code")
    one = store.directory(zipped(a="1"))
    assert (one / "a.py").read_text() == "1"
    (one / "mark").touch()
    assert store.directory(zipped(a="1")) == one
    assert (one / "mark").exists()
    assert store.directory(zipped(a="2")) != one


def test_what_a_killed_process_unpacked_in_part_is_finished(tmp_path):
    store = CodeStore(tmp_path / "code")
    finished = store.directory(zipped(a="1", b="2"))
    half = finished.rename(finished.with_suffix(".unfinished"))
    (half / "b.py").unlink()
    assert (store.directory(zipped(a="1", b="2")) / "b.py").read_text() == "2"


def test_the_same_directory_has_the_same_marker(tmp_path):
    assert directory_marker(tmp_path) == directory_marker(tmp_path)
    assert CodeStore(tmp_path / "unused").directory(directory_marker(tmp_path)) == tmp_path


def test_a_package_that_is_no_zip_is_refused(tmp_path):
    with pytest.raises(zipfile.BadZipFile):
        CodeStore(tmp_path).directory(b"no zip")


def test_a_template_cannot_replace_what_lambda_reserves(tmp_path):
    configuration = FunctionConfiguration(
        name="f",
        handler="h.handler",
        runtime="python3.13",
        version="$LATEST",
        memory_mb=128,
        variables=(("AWS_REGION", "mars-1"), ("MINE", "1")),
    )
    environment = function_environment(
        configuration, tmp_path, tmp_path / "tmp", "http://endpoint", "eu-west-1"
    )
    assert environment["AWS_REGION"] == "eu-west-1"
    assert environment["MINE"] == "1"
    assert environment["TMPDIR"] == str(tmp_path / "tmp")


def test_lambdas_own_errors_have_its_shapes():
    late = json.loads(timed_out("r-1", 3).payload)
    assert late["errorType"] == "Sandbox.Timedout"
    assert late["errorMessage"].endswith("Z r-1 Task timed out after 3.00 seconds")
    ended = json.loads(exited("r-1", -9).payload)
    assert ended == {
        "errorType": "Runtime.ExitError",
        "errorMessage": "RequestId: r-1 Error: Runtime exited with error: signal 9",
    }
    assert "7000000 bytes" in json.loads(response_too_large(7_000_000).payload)["errorMessage"]


def test_credentials_are_kept_and_renewed_before_they_run_out(host, monkeypatch):
    clock = SimpleNamespace(monotonic=lambda: 0.0)
    monkeypatch.setattr(credentials, "time", clock)
    roles = AssumedRoles(host.url)
    role = f"arn:aws:iam::{ACCOUNT}:role/function"
    first = roles(role)
    assert roles(role) == first
    assert roles(f"arn:aws:iam::{ACCOUNT}:role/machine") != first
    clock.monotonic = lambda: 2699.0
    assert roles(role) == first
    clock.monotonic = lambda: 2700.0
    assert roles(role) != first
