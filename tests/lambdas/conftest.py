"""Amazon Personalize for the tests of several tasks: the emulator behind a socket, with data to train on."""

from __future__ import annotations

import io
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore.config import Config
from werkzeug.serving import make_server

from emulator import Emulator, Timing, create_app
from lambdas.shared.resources import KINDS, ArnScope, describe

ACCOUNT_ID, REGION = "123456789012", "us-east-1"
ROLE = f"arn:aws:iam::{ACCOUNT_ID}:role/personalize"
RECIPE = "arn:aws:personalize:::recipe/aws-popularity-count"
"""Quickly trained, for tests that are not about what was learned."""
FIELDS = [
    {"name": "USER_ID", "type": "string"},
    {"name": "ITEM_ID", "type": "string"},
    {"name": "TIMESTAMP", "type": "long"},
    {"name": "EVENT_TYPE", "type": "string"},
]


def avro(record: str, fields: list[dict[str, Any]]) -> str:
    namespace = "com.amazonaws.personalize.schema"
    document = {"type": "record", "name": record, "namespace": namespace, "fields": fields, "version": "1.0"}
    return json.dumps(document)


def histories(users: int = 60, events: int = 30) -> dict[str, list[str]]:
    """Two tastes: even users walk through the even items, odd ones through the odd items, each from its own start."""
    return {
        str(user): [f"i{2 * ((user * 3 + event) % 40) + user % 2}" for event in range(events)]
        for user in range(users)
    }


class OneFile:
    """An S3 in which every prefix holds the same file."""

    def __init__(self, content: str) -> None:
        self._content = content.encode()

    def list_objects_v2(self, **request: Any) -> dict[str, Any]:
        return {"Contents": [{"Key": f"{request['Prefix']}i.csv", "Size": len(self._content)}]}

    def get_object(self, **_: Any) -> dict[str, Any]:
        return {"Body": io.BytesIO(self._content)}


@dataclass
class Personalize:
    """A running emulator and clients of its three endpoints."""

    control: Any
    runtime: Any
    events: Any

    @property
    def scope(self) -> ArnScope:
        return ArnScope("aws", REGION, ACCOUNT_ID)

    def settled(self, kind: str, arn: str) -> str:
        """Wait until a resource is usable."""
        for _ in range(1_000):
            state = describe(self.control, KINDS[kind], arn)
            if state.active:
                return arn
            assert not state.failed, state
            time.sleep(0.02)
        raise AssertionError(f"{arn} is not active")

    def group(self, name: str = "pp-dev-put-events") -> str:
        arn = self.control.create_dataset_group(name=name)["datasetGroupArn"]
        return self.settled("dataset_group", arn)

    def schema(
        self, name: str, record: str = "Interactions", fields: list[dict[str, Any]] | None = None
    ) -> str:
        text = avro(record, fields or FIELDS)
        return str(self.control.create_schema(name=name, schema=text)["schemaArn"])

    def trained(self, name: str = "pp-dev-put-events", recipe: str = RECIPE) -> str:
        """A dataset group with everything down to a trained version, whose ARN comes back."""
        create, group = self.control, self.group(name)
        dataset = create.create_dataset(
            name=f"{name}-interactions",
            datasetGroupArn=group,
            datasetType="Interactions",
            schemaArn=self.schema(f"{name}-interactions-12345678"),
        )["datasetArn"]
        job = create.create_dataset_import_job(
            jobName=f"{name}-import",
            datasetArn=self.settled("dataset", dataset),
            dataSource={"dataLocation": "s3://data/train/"},
            roleArn=ROLE,
        )["datasetImportJobArn"]
        self.settled("dataset_import_job", job)
        solution = create.create_solution(
            name=f"{name}-solution-12345678",
            datasetGroupArn=group,
            recipeArn=recipe,
            performAutoTraining=False,
        )["solutionArn"]
        version = create.create_solution_version(solutionArn=self.settled("solution", solution))
        return self.settled("solution_version", version["solutionVersionArn"])


@pytest.fixture(scope="session")
def make_personalize() -> Iterator[Callable[[Timing], Personalize]]:
    """Start an emulator with a clock that the test chooses."""
    lines = [
        f"{user},{item},{1_600_000_000 + at},watch"
        for user, items in histories().items()
        for at, item in enumerate(items)
    ]
    data = "\n".join(["USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE", *lines])
    with ExitStack() as stack:

        def start(timing: Timing) -> Personalize:
            emulator = Emulator(None, ACCOUNT_ID, REGION, s3_for_role=lambda _: OneFile(data), timing=timing)
            stack.callback(emulator.close)
            server = make_server("127.0.0.1", 0, create_app(emulator), threaded=True)
            thread = threading.Thread(target=server.serve_forever, daemon=True)
            thread.start()
            stack.callback(thread.join)
            stack.callback(server.shutdown)
            clients = [
                boto3.client(
                    service,
                    region_name=REGION,
                    endpoint_url=f"http://127.0.0.1:{server.server_port}",
                    aws_access_key_id="test",
                    aws_secret_access_key="test",
                    config=Config(retries={"total_max_attempts": 1}),
                )
                for service in ("personalize", "personalize-runtime", "personalize-events")
            ]
            return Personalize(*clients)

        yield start


@pytest.fixture
def personalize_histories() -> dict[str, list[str]]:
    """What the emulator is trained on, by user."""
    return histories()
