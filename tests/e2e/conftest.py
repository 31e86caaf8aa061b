"""The whole application on the local platform, with data that a sequence model can learn."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from config import Settings, load_settings
from local.platform import Platform

SPEED = 20_000.0
LONGEST_RUN_SECONDS = 120.0
START = 1_600_000_000
USERS, EVENTS, ITEMS = 80, 40, 60


def learnable_rows(
    users: int = USERS, events: int = EVENTS, items: int = ITEMS, seed: int = 5
) -> list[tuple[str, str, int]]:
    """Every user walks through the items in order from a random place, now and then skipping one."""
    rows, chance = [], random.Random(seed)
    for user in range(users):
        item, moment = chance.randrange(items), START + chance.randrange(10_000)
        for _ in range(events):
            rows.append((f"u{user:03d}", f"i{item:03d}", moment))
            item, moment = (item + chance.choice((1, 1, 1, 2))) % items, moment + chance.randrange(60, 6000)
    return rows


def write_csv(path: Path, rows: list[tuple[Any, ...]], header: str = "USER_ID,ITEM_ID,TIMESTAMP") -> Path:
    """A CSV file; values must not need quotes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([header, *(",".join(map(str, row)) for row in rows)]) + "\n")
    return path


@dataclass(frozen=True)
class Execution:
    """An execution that has ended."""

    arn: str
    status: str
    error: str | None
    cause: str | None
    output: dict[str, Any]
    states: tuple[str, ...]


class Runner:
    """Starts executions on a platform and waits for them."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.sfn = platform.clients("stepfunctions")
        self.s3 = platform.clients("s3")
        self.personalize = platform.clients("personalize")

    def put_raw_data(self, path: Path, scenario: str = "hrnn", dataset: str = "interactions") -> None:
        """Make this file the only one below the scenario's raw location."""
        bucket, prefix = self.platform.output("DataBucket"), f"raw/{scenario}/{dataset}/"
        for key in self.keys("DataBucket", prefix):
            self.s3.delete_object(Bucket=bucket, Key=f"{prefix}{key}")
        self.s3.put_object(Bucket=bucket, Key=f"{prefix}{path.name}", Body=path.read_bytes())

    def start(self, name: str, payload: Mapping[str, Any] | None = None, scenario: str = "hrnn") -> str:
        machine = "".join(part.title() for part in scenario.split("_"))
        return self.sfn.start_execution(
            stateMachineArn=self.platform.output(f"{machine}MachineArn"),
            name=name,
            input=json.dumps(payload or {}),
        )["executionArn"]

    def wait(self, arn: str) -> Execution:
        end = time.monotonic() + LONGEST_RUN_SECONDS
        while time.monotonic() < end:
            found = self.sfn.describe_execution(executionArn=arn)
            if found["status"] != "RUNNING":
                return Execution(
                    arn,
                    found["status"],
                    found.get("error"),
                    found.get("cause"),
                    json.loads(found.get("output") or "{}"),
                    self.states(arn),
                )
            time.sleep(0.05)
        raise AssertionError(f"{arn} is still running; it has entered {self.states(arn)}")

    def run(self, name: str, payload: Mapping[str, Any] | None = None, scenario: str = "hrnn") -> Execution:
        return self.wait(self.start(name, payload, scenario))

    def states(self, arn: str) -> tuple[str, ...]:
        pages = self.sfn.get_paginator("get_execution_history").paginate(executionArn=arn)
        return tuple(
            event["stateEnteredEventDetails"]["name"]
            for page in pages
            for event in page["events"]
            if "stateEnteredEventDetails" in event
        )

    def keys(self, bucket_output: str, prefix: str) -> set[str]:
        pages = self.s3.get_paginator("list_objects_v2").paginate(
            Bucket=self.platform.output(bucket_output), Prefix=prefix
        )
        return {found["Key"].removeprefix(prefix) for page in pages for found in page.get("Contents", ())}

    def page(self, key: str) -> str:
        found = self.s3.get_object(Bucket=self.platform.output("ReportsBucket"), Key=key)
        return found["Body"].read().decode()

    def report(self, key: str) -> Any:
        return json.loads(self.page(key))

    def count(self, operation: str, member: str) -> int:
        return sum(len(page[member]) for page in self.personalize.get_paginator(operation).paginate())

    def trained(self) -> tuple[int, int, int]:
        """How many imports, solution versions and batch jobs there have ever been."""
        return (
            self.count("list_dataset_import_jobs", "datasetImportJobs"),
            self.count("list_solution_versions", "solutionVersions"),
            self.count("list_batch_inference_jobs", "batchInferenceJobs"),
        )


def with_scenario(changes: Mapping[str, Any], scenario: str = "hrnn") -> Settings:
    """The shipped settings with changes to a scenario, checked like any settings."""
    from config import parse_settings

    document = load_settings("dev").model_dump(mode="json", by_alias=True, exclude_none=True)
    document["scenarios"][scenario] |= changes
    return parse_settings(json.dumps(document))


@pytest.fixture(scope="session")
def settings_with() -> Callable[..., Settings]:
    return with_scenario


@pytest.fixture(scope="module")
def make_runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Runner]]:
    """A started platform for settings; moto allows one at a time, so the last one is stopped first."""
    started: list[Platform] = []

    def make(settings: Settings | None = None, root: Path | None = None, speed: float = SPEED) -> Runner:
        while started:
            started.pop().stop()
        platform = Platform(
            settings or load_settings("dev"), root or tmp_path_factory.mktemp("platform"), speed=speed
        )
        platform.start()
        started.append(platform)
        return Runner(platform)

    yield make
    while started:
        started.pop().stop()


@pytest.fixture(scope="module")
def learnable_csv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_csv(tmp_path_factory.mktemp("raw") / "interactions.csv", learnable_rows())


@pytest.fixture(scope="module")
def runner(make_runner, learnable_csv) -> Runner:
    """A platform with learnable data in place."""
    made = make_runner()
    made.put_raw_data(learnable_csv)
    return made
