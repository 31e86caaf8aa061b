"""An emulator behind a real socket, an S3 that is a dictionary, and data that is made up."""

from __future__ import annotations

import io
import json
import threading
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import numpy as np
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.response import StreamingBody
from werkzeug.serving import make_server

from emulator import Emulator, create_app

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from emulator import AuthorizationRequest

ACCOUNT = "123456789012"
REGION = "us-east-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/personalize"


@dataclass
class FakeS3:
    """The calls of an S3 client that jobs make, over a dictionary of (bucket, key) to bytes."""

    objects: dict[tuple[str, str], bytes] = field(default_factory=dict)
    denied: set[str] = field(default_factory=set)
    page_size: int = 2
    roles: list[str | None] = field(default_factory=list)
    extra: dict[str, Any] = field(default_factory=dict)

    def for_role(self, role_arn: str | None) -> FakeS3:
        self.roles.append(role_arn)
        return self

    def put(self, location: str, content: str | bytes) -> None:
        bucket, _, key = location.removeprefix("s3://").partition("/")
        self.objects[bucket, key] = content.encode() if isinstance(content, str) else content

    def text(self, location: str) -> str:
        bucket, _, key = location.removeprefix("s3://").partition("/")
        return self.objects[bucket, key].decode()

    def _check(self, operation: str, bucket: str) -> None:
        if bucket in self.denied:
            raise _client_error("AccessDenied", operation)
        if bucket not in {name for name, _ in self.objects}:
            raise _client_error("NoSuchBucket", operation)

    def get_object(self, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803 - boto3's names
        self._check("GetObject", Bucket)
        if (Bucket, Key) not in self.objects:
            raise _client_error("NoSuchKey", "GetObject")
        content = self.objects[Bucket, Key]
        return {"Body": StreamingBody(io.BytesIO(content), len(content))}

    def list_objects_v2(
        self,
        Bucket: str,  # noqa: N803
        Prefix: str,  # noqa: N803
        Delimiter: str | None = None,  # noqa: N803
        ContinuationToken: str | None = None,  # noqa: N803
    ) -> dict[str, Any]:
        self._check("ListObjectsV2", Bucket)
        keys = sorted(key for bucket, key in self.objects if bucket == Bucket and key.startswith(Prefix))
        if Delimiter:
            keys = [key for key in keys if Delimiter not in key[len(Prefix) :]]
        start = int(ContinuationToken or 0)
        page = keys[start : start + self.page_size]
        answer: dict[str, Any] = {
            "Contents": [{"Key": key, "Size": len(self.objects[Bucket, key])} for key in page],
            "IsTruncated": start + self.page_size < len(keys),
        }
        if answer["IsTruncated"]:
            answer["NextContinuationToken"] = str(start + self.page_size)
        return answer

    def upload_fileobj(self, Fileobj: Any, Bucket: str, Key: str, ExtraArgs: dict[str, Any]) -> None:  # noqa: N803
        self._check("PutObject", Bucket)
        self.extra[Key] = ExtraArgs
        self.objects[Bucket, Key] = Fileobj.read()


def _client_error(code: str, operation: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": code}}, operation)


@dataclass
class Service:
    """A running emulator with clients for its three APIs."""

    emulator: Emulator
    s3: FakeS3
    endpoint: str
    personalize: Any
    runtime: Any
    events: Any

    def create_group(self, name: str = "group") -> str:
        return self.personalize.create_dataset_group(name=name)["datasetGroupArn"]

    def create_dataset(
        self, group: str, schema: dict[str, Any] | None = None, name: str = "interactions"
    ) -> str:
        arn = self.personalize.create_schema(name=name, schema=json.dumps(schema or interactions_schema()))
        return self.personalize.create_dataset(
            name=name, datasetGroupArn=group, schemaArn=arn["schemaArn"], datasetType="Interactions"
        )["datasetArn"]

    def import_data(
        self, dataset: str, location: str, name: str = "import", **members: Any
    ) -> dict[str, Any]:
        """Imports and waits; returns the job as Describe shows it."""
        arn = self.personalize.create_dataset_import_job(
            jobName=name, datasetArn=dataset, dataSource={"dataLocation": location}, roleArn=ROLE, **members
        )["datasetImportJobArn"]
        return self.settled("dataset_import_job", datasetImportJobArn=arn)

    def add_dataset(self, group: str, record: str, fields: list[dict[str, Any]], csv: str) -> str:
        """A dataset (`Items`, `Users`, …) with imported rows; returns its ARN. Names are those of group and record."""
        name = f"{group.rpartition('/')[2]}-{record}"
        text = json.dumps({"type": "record", "name": record, "fields": fields})
        schema = self.personalize.create_schema(name=name, schema=text)["schemaArn"]
        arn = self.personalize.create_dataset(
            name=name, datasetGroupArn=group, schemaArn=schema, datasetType=record
        )["datasetArn"]
        self.s3.put(f"s3://data/{name}.csv", csv)
        job = self.import_data(arn, f"s3://data/{name}.csv", name=name)
        assert job["status"] == "ACTIVE", job
        return arn

    def answers(self, queries: list[dict[str, Any]], version: str, **members: Any) -> list[dict[str, Any]]:
        """Runs a batch job over the queries and returns the lines of its answer."""
        self.s3.put("s3://data/queries/q.jsonl", "\n".join(json.dumps(query) for query in queries))
        jobs = self.personalize.list_batch_inference_jobs()["batchInferenceJobs"]
        job = self.infer(version, name=f"batch-{len(jobs)}", **members)
        assert job["status"] == "ACTIVE", job
        return [json.loads(line) for line in self.s3.text("s3://data/answers/q.jsonl.out").splitlines()]

    def ready_group(self, csv: str | None = None) -> str:
        """A dataset group with imported interactions."""
        group = self.create_group()
        self.s3.put("s3://data/train.csv", csv or interactions_csv())
        job = self.import_data(self.create_dataset(group), "s3://data/train.csv")
        assert job["status"] == "ACTIVE", job
        return group

    def train(
        self, group: str, recipe: str = "aws-user-personalization-v2", **members: Any
    ) -> dict[str, Any]:
        """Makes a solution and a version, and waits; returns the version as Describe shows it."""
        solution = self.personalize.create_solution(
            name=members.pop("name", "solution"),
            datasetGroupArn=group,
            recipeArn=f"arn:aws:personalize:::recipe/{recipe}",
            **members,
        )["solutionArn"]
        version = self.personalize.create_solution_version(solutionArn=solution)["solutionVersionArn"]
        return self.settled("solution_version", solutionVersionArn=version)

    def create_campaign(self, version: str, name: str = "c") -> str:
        """A campaign for a version; returns its ARN."""
        return self.personalize.create_campaign(name=name, solutionVersionArn=version)["campaignArn"]

    def infer(self, version: str, name: str = "batch", **members: Any) -> dict[str, Any]:
        """Runs a batch inference job from s3://data/queries/ to s3://data/answers/, and waits."""
        request = {
            "jobInput": {"s3DataSource": {"path": "s3://data/queries/"}},
            "jobOutput": {"s3DataDestination": {"path": "s3://data/answers/"}},
        } | members
        arn = self.personalize.create_batch_inference_job(
            jobName=name, solutionVersionArn=version, roleArn=ROLE, **request
        )["batchInferenceJobArn"]
        return self.settled("batch_inference_job", batchInferenceJobArn=arn)

    def segment(
        self, version: str, *lines: str | dict[str, Any], name: str = "segments", **members: Any
    ) -> tuple[dict[str, Any], str]:
        """Runs a batch segment job over lines or queries; returns the job and the text of its answer, "" without."""
        texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
        self.s3.put("s3://data/queries/q.jsonl", "\n".join(texts))
        request = {
            "jobInput": {"s3DataSource": {"path": "s3://data/queries/"}},
            "jobOutput": {"s3DataDestination": {"path": "s3://data/segments/"}},
        } | members
        arn = self.personalize.create_batch_segment_job(
            jobName=name, solutionVersionArn=version, roleArn=ROLE, **request
        )["batchSegmentJobArn"]
        job = self.settled("batch_segment_job", batchSegmentJobArn=arn)
        return job, self.s3.objects.get(("data", "segments/q.jsonl.out"), b"").decode()

    def settled(self, kind: str, **arn: str) -> dict[str, Any]:
        """Describes until the resource is ACTIVE or failed."""
        describe = getattr(self.personalize, f"describe_{kind}")
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            answer = describe(**arn)
            resource = next(value for key, value in answer.items() if key != "ResponseMetadata")
            if resource["status"] in ("ACTIVE", "CREATE FAILED"):
                return resource
            time.sleep(0.005)
        raise AssertionError(f"{arn} does not settle")


@contextmanager
def serve(emulator: Emulator, s3: FakeS3, authorize: Any = None) -> Iterator[Service]:
    """Serves an emulator on a free port of this machine."""
    server = make_server("127.0.0.1", 0, create_app(emulator, authorize), threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    endpoint = f"http://127.0.0.1:{server.server_port}"
    try:
        yield Service(emulator, s3, endpoint, *(client(name, endpoint) for name in services()))
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def services() -> tuple[str, ...]:
    return ("personalize", "personalize-runtime", "personalize-events")


@cache
def session() -> boto3.session.Session:
    """One session: its loader reads each service model once."""
    return boto3.session.Session()


def client(service: str, endpoint: str, *, checked: bool = True) -> Any:
    """A boto3 client; checked=False leaves the checks of parameters to the server."""
    return session().client(
        service,
        region_name=REGION,
        endpoint_url=endpoint,
        aws_access_key_id="AKIDEXAMPLE",
        aws_secret_access_key="not-a-secret",
        config=Config(parameter_validation=checked, retries={"max_attempts": 1}),
    )


def interactions_schema(*columns: dict[str, Any]) -> dict[str, Any]:
    fields = [
        {"name": "USER_ID", "type": "string"},
        {"name": "ITEM_ID", "type": "string"},
        {"name": "TIMESTAMP", "type": "long"},
    ]
    namespace = "com.amazonaws.personalize.schema"
    return {"type": "record", "name": "Interactions", "namespace": namespace, "fields": [*fields, *columns]}


def interactions_csv(users: int = 40, per_user: int = 30, items: int = 60, seed: int = 1) -> str:
    """Walks over a ring of items: whoever took item i mostly takes one of the next three."""
    random = np.random.default_rng(seed)
    lines = ["USER_ID,ITEM_ID,TIMESTAMP"]
    for user in range(users):
        item = int(random.integers(items))
        for step in range(per_user):
            lines.append(f"u{user:03d},i{item:03d},{1_600_000_000 + step * 60 + user}")
            item = (
                (item + int(random.integers(1, 4))) % items
                if random.random() < 0.9
                else int(random.integers(items))
            )
    return "\n".join(lines) + "\n"


@pytest.fixture
def s3() -> FakeS3:
    return FakeS3()


@pytest.fixture
def start(s3: FakeS3) -> Iterator[Callable[..., Service]]:
    """Starts emulators with other settings: start(timing=…, limits=…, behaviour=…, state_dir=…, authorize=…)."""
    with ExitStack() as stack:

        def begin(
            state_dir: Path | None = None,
            authorize: Callable[[AuthorizationRequest], str | None] | None = None,
            **settings: Any,
        ) -> Service:
            emulator = Emulator(state_dir, ACCOUNT, REGION, s3.for_role, **settings)
            stack.callback(emulator.close)
            return stack.enter_context(serve(emulator, s3, authorize))

        yield begin


@pytest.fixture
def service(start: Callable[..., Service]) -> Service:
    """A fresh emulator with instant timing and a temporary state folder."""
    return start()


@pytest.fixture
def refused() -> Callable[..., tuple[str, int, str]]:
    """refused(call, **members) makes a call that must fail; returns the error's code, HTTP status and message."""

    def call_refused(call: Callable[..., Any], **members: Any) -> tuple[str, int, str]:
        with pytest.raises(ClientError) as caught:
            call(**members)
        answer = caught.value.response
        return (
            answer["Error"]["Code"],
            answer["ResponseMetadata"]["HTTPStatusCode"],
            answer["Error"]["Message"],
        )

    return call_refused


@pytest.fixture
def csv() -> Callable[..., str]:
    """csv(users, per_user, items, seed): made-up interactions as a CSV file."""
    return interactions_csv


@pytest.fixture
def schema() -> Callable[..., dict[str, Any]]:
    """schema(*columns): an interactions schema with more columns."""
    return interactions_schema


@pytest.fixture
def lenient() -> Callable[[Service], Any]:
    """lenient(service): a client that leaves the checks of parameters to the server."""
    return lambda service: client("personalize", service.endpoint, checked=False)
