"""What survives a killed process: everything that was acknowledged, and no work is done twice."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from emulator import Emulator, Timing
from emulator.errors import StateFolderError

ROLE = "arn:aws:iam::123456789012:role/r"
V2 = "arn:aws:personalize:::recipe/aws-user-personalization-v2"

# Trains one version to the end and begins another that the clock holds in CREATE IN_PROGRESS; then says so and waits.
CHILD = """
import json, sys, time
from pathlib import Path
from emulator import Emulator, Timing
from emulator.api.operations import HANDLERS
from emulator.jobs import s3
import io
from botocore.response import StreamingBody

class Bucket:
    def get_object(self, Bucket, Key):
        content = Path(sys.argv[2]).read_bytes()
        return {"Body": StreamingBody(io.BytesIO(content), len(content))}

def call(emulator, operation, **params):
    with emulator.store.transaction():
        answer = HANDLERS[operation](emulator, params)
    emulator.lifecycle.wake()
    return answer

def wait(emulator, arn, *statuses):
    while (row := emulator.store.get(arn)).status not in statuses:
        if row.status == "CREATE FAILED":
            print(json.dumps(row.outcome), flush=True)
            sys.exit(1)
        time.sleep(0.01)

role = "arn:aws:iam::123456789012:role/r"
emulator = Emulator(Path(sys.argv[1]), "123456789012", "us-east-1", lambda role: Bucket())
group = call(emulator, "CreateDatasetGroup", name="g")["datasetGroupArn"]
fields = [{"name": n, "type": t} for n, t in (("USER_ID", "string"), ("ITEM_ID", "string"), ("TIMESTAMP", "long"))]
schema = json.dumps({"type": "record", "name": "Interactions", "fields": fields})
schema = call(emulator, "CreateSchema", name="s", schema=schema)["schemaArn"]
dataset = call(emulator, "CreateDataset", name="d", datasetGroupArn=group, schemaArn=schema,
               datasetType="Interactions")["datasetArn"]
job = call(emulator, "CreateDatasetImportJob", jobName="j", datasetArn=dataset, roleArn=role,
           dataSource={"dataLocation": "s3://data/x.csv"})["datasetImportJobArn"]
wait(emulator, job, "ACTIVE")
recipe = "arn:aws:personalize:::recipe/aws-user-personalization-v2"
solution = call(emulator, "CreateSolution", name="s", datasetGroupArn=group, recipeArn=recipe)["solutionArn"]
done = call(emulator, "CreateSolutionVersion", solutionArn=solution)["solutionVersionArn"]
wait(emulator, done, "ACTIVE")

if sys.argv[3] == "in the work":
    import emulator.training.train as train
    import emulator.jobs.training as work
    def forever(*arguments):
        print(json.dumps([job, done, under_way]), flush=True)
        time.sleep(600)
    work.train = forever
    under_way = solution + "/pending"
    call(emulator, "CreateSolutionVersion", solutionArn=solution)
else:
    emulator.lifecycle._timing = Timing.scaled(20)
    under_way = call(emulator, "CreateSolutionVersion", solutionArn=solution)["solutionVersionArn"]
    emulator.store.update(under_way, next_at=0.0)
    emulator.lifecycle.wake()
    while emulator.store.get(under_way).outcome is None:
        time.sleep(0.01)
    print(json.dumps([job, done, under_way]), flush=True)
time.sleep(600)
"""


def killed(folder, data, moment):
    """Runs the child until it has said where it is, kills it, and returns what it said."""
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(folder), str(data), moment],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    try:
        line = child.stdout.readline()
    finally:
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        child.stdout.close()
    return json.loads(line)


def settle(emulator, arn):
    deadline = time.monotonic() + 60
    while emulator.store.get(arn).creating and time.monotonic() < deadline:
        time.sleep(0.01)
    return emulator.store.get(arn)


@pytest.fixture
def data(tmp_path, csv):
    path = tmp_path / "train.csv"
    path.write_text(csv())
    return path


def test_a_kill_in_the_middle_of_a_training_loses_nothing_and_repeats_nothing(tmp_path, data, s3):
    folder = tmp_path / "state"
    job, done, _ = killed(folder, data, "in the work")
    emulator = Emulator(folder, "123456789012", "us-east-1", s3.for_role)
    try:
        (pending,) = [row for row in emulator.store.of_kind("solution_version") if row.arn != done]
        finished = emulator.store.get(done)
        again = settle(emulator, pending.arn)
        assert (again.status, again.attempts) == ("ACTIVE", 2)
        assert (emulator.store.get(job).attempts, emulator.store.get(done)) == (1, finished)
        assert finished.attempts == 1
        first, second = emulator.model(done), emulator.model(again.arn)
        assert first.for_users(["u001"], 5).items.tolist() == second.for_users(["u001"], 5).items.tolist()
    finally:
        emulator.close()


def test_work_that_was_recorded_is_not_done_again_when_only_the_clock_was_missing(tmp_path, data, s3):
    folder = tmp_path / "state"
    _, _, under_way = killed(folder, data, "in the wait")
    emulator = Emulator(folder, "123456789012", "us-east-1", s3.for_role)
    try:
        emulator.store.update(under_way, next_at=0.0, settles_at=0.0)
        emulator.lifecycle.wake()
        row = settle(emulator, under_way)
        assert (row.status, row.attempts) == ("ACTIVE", 1)
    finally:
        emulator.close()


def test_a_restart_keeps_resources_tags_and_models(tmp_path, start, s3):
    first = start(state_dir=tmp_path / "state")
    version = first.train(first.ready_group())["solutionVersionArn"]
    metrics = first.personalize.get_solution_metrics(solutionVersionArn=version)["metrics"]
    group = first.personalize.list_dataset_groups()["datasetGroups"][0]["datasetGroupArn"]
    first.personalize.tag_resource(resourceArn=group, tags=[{"tagKey": "a", "tagValue": "b"}])
    described = first.personalize.describe_solution_version(solutionVersionArn=version)["solutionVersion"]
    first.emulator.close()
    emulator = Emulator(tmp_path / "state", "123456789012", "us-east-1", s3.for_role)
    try:
        row = emulator.store.get(version)
        assert (row.status, row.internal["metrics"]) == ("ACTIVE", metrics)
        assert row.name == described["name"]
        assert emulator.store.tags(group) == {"a": "b"}
        assert len(emulator.model(version).for_users(["u001"], 5).items[0]) == 5
    finally:
        emulator.close()


def test_files_that_nothing_refers_to_are_swept_at_the_start(tmp_path, s3):
    for place in ("datasets/left.parquet", "models/left", "scratch/left"):
        path = tmp_path / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("left by a killed process")
    Emulator(tmp_path, "123456789012", "us-east-1", s3.for_role).close()
    assert [path.name for path in tmp_path.rglob("left*")] == []


def test_a_folder_serves_one_emulator_at_a_time(tmp_path, s3):
    first = Emulator(tmp_path, "123456789012", "us-east-1", s3.for_role)
    with pytest.raises(StateFolderError, match="in use by another emulator"):
        Emulator(tmp_path, "123456789012", "us-east-1", s3.for_role)
    first.close()
    Emulator(tmp_path, "123456789012", "us-east-1", s3.for_role).close()


def test_a_folder_belongs_to_one_account_and_region(tmp_path, s3):
    Emulator(tmp_path, "123456789012", "us-east-1", s3.for_role).close()
    with pytest.raises(StateFolderError, match="made with region us-east-1"):
        Emulator(tmp_path, "123456789012", "eu-west-1", s3.for_role)
    # The refused start let go of the folder.
    Emulator(tmp_path, "123456789012", "us-east-1", s3.for_role).close()


def test_a_job_that_has_not_begun_when_the_emulator_closes_goes_on_at_the_next_start(
    tmp_path, s3, csv, start
):
    slow = start(state_dir=tmp_path, timing=Timing.scaled(1000))
    group = slow.create_group()
    slow.settled("dataset_group", datasetGroupArn=group)
    solution = slow.personalize.create_solution(name="s", datasetGroupArn=group, recipeArn=V2)["solutionArn"]
    slow.settled("solution", solutionArn=solution)
    arn = slow.personalize.create_solution_version(solutionArn=solution)["solutionVersionArn"]
    slow.emulator.close()
    emulator = Emulator(tmp_path, "123456789012", "us-east-1", s3.for_role)
    try:
        row = settle(emulator, arn)
        assert row.status == "CREATE FAILED"
        assert "no interactions have been imported" in row.outcome
    finally:
        emulator.close()
