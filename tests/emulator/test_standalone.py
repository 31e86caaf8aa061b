"""`python -m emulator`, and the rule that it needs nothing of the application around it."""

import ast
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

ROOT = Path(__file__).parents[2]
ROLE = "arn:aws:iam::123456789012:role/r"


@pytest.fixture
def moto_endpoint():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def clients(endpoint, moto_endpoint):
    session = boto3.session.Session("AKIDEXAMPLE", "not-a-secret", region_name="us-east-1")
    personalize = session.client("personalize", endpoint_url=endpoint)
    return personalize, session.client("s3", endpoint_url=moto_endpoint)


def settled(describe, member, **arn):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        resource = describe(**arn)[member]
        if resource["status"] in ("ACTIVE", "CREATE FAILED"):
            return resource
        time.sleep(0.02)
    raise AssertionError(f"{arn} does not settle")


@pytest.fixture
def in_background():
    """SIGINT is ignored, and by what is started now too: so a shell starts its background jobs."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("in_background")
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_the_command_serves_on_this_machine_with_a_real_s3_client(
    tmp_path, moto_endpoint, csv, schema, ending
):
    child = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "emulator",
            "--port",
            "0",
            "--state-dir",
            str(tmp_path),
            "--s3-endpoint",
            moto_endpoint,
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=os.environ | {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "not-a-secret"},
    )
    try:
        said = child.stdout.readline()
        endpoint = re.search(r"AWS_ENDPOINT_URL_PERSONALIZE=(http://127\.0\.0\.1:\d+)", said).group(1)
        answers = from_import_to_answers(*clients(endpoint, moto_endpoint), csv(), schema())
        assert [len(answer["output"]["recommendedItems"]) for answer in answers] == [25]
    finally:
        os.kill(child.pid, ending)
        _, errors = child.communicate(timeout=30)
    assert "Traceback" not in errors
    assert child.returncode == 0


def from_import_to_answers(personalize, s3, data, schema):
    """Walks the scenario with popularity, after an import from a bucket that is not there; returns the answers."""
    s3.create_bucket(Bucket="data")
    s3.put_object(Bucket="data", Key="train/a.csv", Body=data.encode())
    s3.put_object(Bucket="data", Key="queries/q.jsonl", Body=b'{"userId": "u001"}\n')
    group = personalize.create_dataset_group(name="g")["datasetGroupArn"]
    schema_arn = personalize.create_schema(name="s", schema=json.dumps(schema))["schemaArn"]
    dataset = personalize.create_dataset(
        name="d", datasetGroupArn=group, schemaArn=schema_arn, datasetType="Interactions"
    )["datasetArn"]
    for name, location, status in (
        ("no", "s3://none/train/", "CREATE FAILED"),
        ("yes", "s3://data/train/", "ACTIVE"),
    ):
        arn = personalize.create_dataset_import_job(
            jobName=name, datasetArn=dataset, dataSource={"dataLocation": location}, roleArn=ROLE
        )["datasetImportJobArn"]
        job = settled(personalize.describe_dataset_import_job, "datasetImportJob", datasetImportJobArn=arn)
        assert job["status"] == status, job
    solution = personalize.create_solution(
        name="s", datasetGroupArn=group, recipeArn="arn:aws:personalize:::recipe/aws-popularity-count"
    )["solutionArn"]
    version = personalize.create_solution_version(solutionArn=solution)["solutionVersionArn"]
    settled(personalize.describe_solution_version, "solutionVersion", solutionVersionArn=version)
    arn = personalize.create_batch_inference_job(
        jobName="b",
        solutionVersionArn=version,
        roleArn=ROLE,
        jobInput={"s3DataSource": {"path": "s3://data/queries/"}},
        jobOutput={"s3DataDestination": {"path": "s3://data/answers/"}},
    )["batchInferenceJobArn"]
    job = settled(personalize.describe_batch_inference_job, "batchInferenceJob", batchInferenceJobArn=arn)
    assert job["status"] == "ACTIVE", job
    keys = [entry["Key"] for entry in s3.list_objects_v2(Bucket="data", Prefix="answers/")["Contents"]]
    assert keys == ["answers/_CHECK", "answers/q.jsonl.out"]
    body = s3.get_object(Bucket="data", Key="answers/q.jsonl.out")["Body"].read()
    return [json.loads(line) for line in body.splitlines()]


def test_the_emulator_imports_nothing_of_the_application():
    packages = {path.name for path in ROOT.iterdir() if (path / "__init__.py").exists()} - {"emulator"}
    for path in (ROOT / "emulator").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            assert not {name.partition(".")[0] for name in names} & (packages | {"moto"}), path
