"""The Lambda layers: what is taken out, how large they are, and that every handler runs on nothing else."""

from __future__ import annotations

import hashlib
import json
import platform
import random
import re
import shutil
import subprocess
import sys
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from stacks import libraries
from stacks.functions import PYTHON
from stacks.functions import TASKS as SPECS
from stacks.libraries import (
    UNZIPPED_LIMIT,
    LibraryError,
    build_layer,
    layer_cache,
    library_fingerprint,
    lock_file,
)

ROOT = Path(libraries.__file__).resolve().parent.parent
ARCHITECTURES = ("arm64", "x86_64")
TASKS = {
    "create_resource": "control",
    "describe_resource": "control",
    "delete_resource": "control",
    "record_failure": "control",
    "replay_events": "data",
    "split_data": "data",
    "evaluate": "data",
    "publish_index": "data",
}
# The Python that runs the tests: a layer for it can be compiled, imported and run here.
OURS = f"{sys.version_info.major}.{sys.version_info.minor}"
LOCKED = re.compile(r"^([a-z0-9-]+)==([^ ;\\]+)", re.MULTILINE)


def locked(path) -> dict[str, str]:
    return dict(LOCKED.findall(path.read_text()))


@pytest.mark.parametrize("kind", ["control", "data"])
def test_lambda_and_laptop_run_the_same_versions(kind):
    ours, everything = locked(lock_file(kind)), locked(ROOT / "requirements.txt")
    assert "boto3" in ours
    assert {name: everything.get(name) for name in ours} == ours


def test_control_tasks_carry_nothing_that_reads_data():
    names = set(locked(lock_file("control")))
    assert not names & {"pandas", "numpy", "pyarrow", "jinja2"}
    assert names < set(locked(lock_file("data")))


def test_every_requirement_has_a_hash_and_none_names_an_index():
    for kind in ("control", "data"):
        text = lock_file(kind).read_text()
        assert text.count("==") == len(re.findall(r"== ?[^ ]+ \\\n    --hash=sha256:", text))
        assert "://" not in text


def test_the_fingerprint_tells_layers_apart_and_needs_no_build(monkeypatch):
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("ran a program"))
    cases = [
        (kind, arch, version)
        for kind in ("control", "data")
        for arch in ARCHITECTURES
        for version in ("3.13", "3.14")
    ]
    prints = [library_fingerprint(*case) for case in cases]
    assert len(set(prints)) == len(cases)
    assert prints == [library_fingerprint(*case) for case in cases]


def test_a_kind_or_architecture_that_does_not_exist_is_refused(tmp_path):
    with pytest.raises(LibraryError, match="no kind of layer 'gpu'"):
        library_fingerprint("gpu", "arm64", PYTHON)
    with pytest.raises(LibraryError, match="no architecture 'riscv'"):
        build_layer("control", "riscv", PYTHON, tmp_path / "layer")


def test_pip_that_reaches_no_index_is_explained_and_leaves_nothing(tmp_path, monkeypatch):
    (tmp_path / "nothing").mkdir()
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "nothing"))
    with pytest.raises(LibraryError, match=r"pip could not fetch .*ERROR.*reaches its package index"):
        build_layer("control", "arm64", PYTHON, tmp_path / "layers" / "x")
    assert list((tmp_path / "layers").iterdir()) == []


KEPT = [
    "pandas/core/frame.py",
    "pandas/_testing/__init__.py",
    "pandas-3.1.1.dist-info/METADATA",
    "pyarrow/libarrow.so.2600",
    "pyarrow/libarrow_substrait.so.2600",
    "pyarrow/lib.cpython-313-aarch64-linux-gnu.so",
    "botocore/data/s3/2006-03-01/service-2.json.gz",
    "botocore/data/personalize-runtime/2018-05-22/service-2.json.gz",
    "botocore/data/endpoints.json",
    "botocore/cacert.pem",
    "numpy.libs/libscipy_openblas64_-1.so",
]
DROPPED = [
    "pandas/tests/test_a.py",
    "numpy/_core/tests/data/x.csv",
    "numpy/_core/include/numpy/a.h",
    "pandas/core/frame.pyi",
    "pandas-3.1.1.dist-info/RECORD",
    "pyarrow/libarrow.so",
    "pyarrow/libarrow.so.2600.1.0",
    "pyarrow/libarrow_flight.so.2600",
    "pyarrow/include/arrow/api.h",
    "botocore/data/ec2/2016-11-15/service-2.json.gz",
    "wrapt-stubs/__init__.pyi",
    "bin/jp.py",
]


def test_only_what_no_task_imports_is_taken_out(tmp_path):
    for name in KEPT + DROPPED:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    libraries._slim(tmp_path)
    left = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert left == set(KEPT)


def built(kind: str, architecture: str, version: str = PYTHON):
    return build_layer(
        kind, architecture, version, layer_cache() / library_fingerprint(kind, architecture, version)
    )


def code_of(task: str, target: Path) -> Path:
    """The code that a function is uploaded with, copied to a folder of its own."""
    ignore = shutil.ignore_patterns("__pycache__")
    (target / "lambdas").mkdir(parents=True)
    shutil.copy(ROOT / "lambdas" / "__init__.py", target / "lambdas")
    (rooms,) = (spec.rooms for spec in SPECS if spec.name == task)
    for part in (*rooms, task):
        shutil.copytree(ROOT / "lambdas" / part, target / "lambdas" / part, ignore=ignore)
    return target


def size_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


@pytest.mark.packages
@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("task", TASKS)
def test_function_and_layer_fit_into_lambda(task, architecture, tmp_path):
    layer = built(TASKS[task], architecture)
    assert layer.size == size_of(layer.folder)
    assert layer.size + size_of(code_of(task, tmp_path / "code")) < UNZIPPED_LIMIT


@pytest.mark.packages
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_a_layer_holds_only_binaries_of_its_platform(architecture):
    # The machine in an ELF header: 0xB7 is AArch64, 0x3E x86-64.
    machine = {"arm64": 0xB7, "x86_64": 0x3E}[architecture]
    binaries = [path for path in built("data", architecture).folder.rglob("*.so*") if path.is_file()]
    assert len(binaries) > 50
    assert {path.read_bytes()[18] for path in binaries} == {machine}


@pytest.mark.packages
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_a_compiled_layer_fits_too_and_names_no_path_of_this_machine(architecture):
    layer = built("data", architecture, OURS)
    bytecode = list(layer.folder.rglob("*.pyc"))
    assert len(bytecode) > 500
    assert not any(str(ROOT).encode() in path.read_bytes() for path in bytecode)


def digests(folder: Path) -> dict[str, tuple[str, float, int]]:
    return {
        path.relative_to(folder).as_posix(): (
            hashlib.sha256(path.read_bytes()).hexdigest(),
            path.stat().st_mtime,
            path.stat().st_mode,
        )
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.packages
def test_two_builds_are_byte_equal_and_a_second_synth_does_not_fetch(tmp_path, monkeypatch):
    once = build_layer("control", "arm64", OURS, tmp_path / "once")
    again = build_layer("control", "arm64", OURS, tmp_path / "again")
    assert once.compiled
    assert digests(once.folder) == digests(again.folder)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("fetched again"))
    reused = build_layer("control", "arm64", OURS, tmp_path / "once")
    assert (reused.size, reused.files, reused.reused) == (once.size, once.files, True)


@pytest.mark.packages
def test_a_layer_too_large_for_lambda_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(libraries, "UNZIPPED_LIMIT", 5_000_000)
    with pytest.raises(
        LibraryError, match=r"The control libraries for arm64 have .* bytes and Lambda takes 5,000,000"
    ):
        build_layer("control", "arm64", PYTHON, tmp_path / "layer")
    assert list(tmp_path.iterdir()) == []


# --- every handler, imported and run with nothing but its own code and its layer ---

DATA, REPORTS, SCENARIO, RUN_ID = "data", "reports", "hrnn", "r1"
RUN = {"scenario": SCENARIO, "run_id": RUN_ID, "data_bucket": DATA, "reports_bucket": REPORTS}
ACCOUNT = "123456789012"
SCHEMA = {
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
PROGRAM = """
import importlib, json, sys, types
paths, task, event = json.load(sys.stdin)
# Lambda's order: code, layer, standard library. No site-packages: the interpreter runs with -I and -S.
sys.path[:0] = paths
handler = importlib.import_module(f"lambdas.{task}.handler").handler
context = types.SimpleNamespace(
    function_name=task,
    memory_limit_in_mb=128,
    invoked_function_arn=f"arn:aws:lambda:us-east-1:123456789012:function:{task}",
    aws_request_id="1",
    get_remaining_time_in_millis=lambda: 60_000,
)
result = handler(event, context)
foreign = [m.__file__ for m in list(sys.modules.values()) if "site-packages" in (getattr(m, "__file__", "") or "")]
print(json.dumps({"result": result, "foreign": foreign, "modules": sorted(sys.modules)}))
"""


@pytest.fixture(scope="module")
def aws():
    """S3 and the schemas of Personalize on a port of this machine, with the two buckets."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    client = boto3.client(
        "s3", endpoint_url=url, region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
    )
    for bucket in (DATA, REPORTS):
        client.create_bucket(Bucket=bucket)
    yield url, client
    server.stop()


@pytest.fixture(scope="module")
def invoke(aws, tmp_path_factory):
    """Runs a task's handler in an interpreter that sees only the function's code and its layer."""
    if sys.platform != "linux":
        pytest.skip("the layers are made for Linux")
    url, _ = aws
    architecture = {"aarch64": "arm64"}.get(platform.machine(), platform.machine())
    environment = {
        "AWS_ENDPOINT_URL": url,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "a",
        "AWS_SECRET_ACCESS_KEY": "b",
        "POWERTOOLS_SERVICE_NAME": "test",
        "POWERTOOLS_TRACE_DISABLED": "1",
    }

    def call(task: str, event: dict, refused: str = "") -> dict:
        layer = built(TASKS[task], architecture, OURS)
        code = code_of(task, tmp_path_factory.mktemp(task) / "code")
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-B", "-c", PROGRAM],
            input=json.dumps([[str(code), str(layer.folder / "python")], task, event]),
            capture_output=True,
            text=True,
            env=environment,
            check=False,
        )
        if refused:
            assert done.stderr.splitlines()[-1].startswith(refused), done.stderr
            return {}
        assert done.returncode == 0, done.stderr
        answer = json.loads(done.stdout.splitlines()[-1])
        assert answer["foreign"] == []
        return answer

    return call


def interactions() -> str:
    chance = random.Random(7)
    rows = [
        f"u{user},i{int(40 * chance.random() ** 2)},{1_600_000_000 + 86_400 * event + user}"
        for user in range(50)
        for event in range(40)
    ]
    return "\n".join(["USER_ID,ITEM_ID,TIMESTAMP", *rows]) + "\n"


@pytest.mark.packages
def test_tasks_with_data_libraries_run_on_their_own_packages(aws, invoke):
    _, s3 = aws
    s3.put_object(Bucket=DATA, Key="raw/x.csv", Body=interactions())
    source = {"location": f"s3://{DATA}/raw/", "schema": SCHEMA}
    event = {**RUN, "interactions": source, "split": {"method": "per_user", "fraction": 0.1}}
    split = invoke("split_data", event)["result"]
    assert (split["train_interactions"], split["holdout_interactions"]) == (1800, 200)

    answers = [
        {
            "input": {"userId": f"u{user}"},
            "output": {"recommendedItems": [f"i{n}" for n in range(30)]},
            "error": None,
        }
        for user in range(50)
    ]
    s3.put_object(
        Bucket=DATA,
        Key=f"runs/{SCENARIO}/{RUN_ID}/recommendations/users.jsonl.out",
        Body="\n".join(map(json.dumps, answers)),
    )
    where = {name: split[name] for name in ("train", "holdout", "recommendations", "diagnosis")}
    verdict = invoke("evaluate", {**RUN, **where, "evaluation": {"bootstrap_resamples": 50}, "facts": {}})[
        "result"
    ]
    assert verdict["users"] == 50
    report = s3.get_object(Bucket=REPORTS, Key=f"reports/{SCENARIO}/{RUN_ID}/report.html")["Body"].read()
    assert b"<html" in report
    execution = f"arn:aws:states:us-east-1:{ACCOUNT}:execution:hrnn:{RUN_ID}"
    index = invoke("publish_index", {"reports_bucket": REPORTS, "execution_arn": execution})["result"]
    assert index["runs"] == 1


@pytest.mark.packages
def test_control_tasks_run_on_their_own_packages_and_load_no_data_libraries(aws, invoke):
    _, s3 = aws
    request = {"schema": json.dumps(SCHEMA)}
    created = invoke(
        "create_resource", {"kind": "schema", "name": "pp-test-hrnn", "run_id": RUN_ID, "request": request}
    )
    described = invoke("describe_resource", {"kind": "schema", "arn": created["result"]["arn"]})
    assert described["result"]["done"]
    failure = {"stage": "split_data", "error": "DataError", "cause": "no rows"}
    execution = f"arn:aws:states:us-east-1:{ACCOUNT}:execution:hrnn:{RUN_ID}"
    recorded = invoke("record_failure", {**RUN, "failure": failure, "execution_arn": execution})
    bucket, _, key = recorded["result"]["report"].removeprefix("s3://").partition("/")
    assert json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())["stage"] == "split_data"
    deleted = invoke("delete_resource", {"kind": "schema", "arn": created["result"]["arn"]})
    assert deleted["result"]["gone"]
    for answer in (created, described, recorded, deleted):
        assert not {"pandas", "numpy", "pyarrow"} & set(answer["modules"])


@pytest.mark.packages
def test_the_replay_task_starts_on_its_own_packages(invoke):
    """There is no campaign to ask here: an event without members is refused, after everything was imported."""
    invoke("replay_events", {}, refused="lambdas.shared.errors.RequestError")


@pytest.mark.packages
def test_the_template_is_the_same_whether_or_not_the_libraries_were_built(tmp_path):
    from config import load_settings
    from stacks.application import build

    folders = {built_in: tmp_path / str(built_in) for built_in in (True, False)}
    for built_in, folder in folders.items():
        build([load_settings("dev")], outdir=folder, libraries=built_in, checks=False).synth()
    for name in ("pp-dev-storage.template.json", "pp-dev-pipelines.template.json"):
        assert (folders[True] / name).read_bytes() == (folders[False] / name).read_bytes()
    layers = [path for path in folders[True].glob("asset.*/python") if path.is_dir()]
    assert len(layers) == 2
    assert not list(folders[False].glob("asset.*/python"))
