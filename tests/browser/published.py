"""A reports bucket as the tasks leave it: runs of every kind, odd, hostile, failed and broken ones, as a folder."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

import boto3
import pyarrow.parquet as pq
from moto import mock_aws

from config.prices import PriceSettings
from lambdas.evaluate.request import EvaluateRequest
from lambdas.evaluate.task import evaluate_run
from lambdas.publish_index.task import update_index
from lambdas.record_failure.account import account_of
from lambdas.split_data.request import SplitRequest
from lambdas.split_data.task import split_data
from tests.browser import made_up
from tests.lambdas.evaluate.conftest import RunFiles

DATA, REPORTS = "data", "reports"
NOW = 1_700_000_000
RESAMPLES = 100
FIELDS = [
    {"name": "USER_ID", "type": "string"},
    {"name": "ITEM_ID", "type": "string"},
    {"name": "TIMESTAMP", "type": "long"},
]
ITEM_FIELDS = [
    {"name": "ITEM_ID", "type": "string"},
    {"name": "TITLE", "type": "string"},
    {"name": "GENRES", "type": ["null", "string"], "categorical": True},
]
SERVICE = {"coverage": 0.48, "precision_at_5": 0.07, "normalized_discounted_cumulative_gain_at_10": 0.2}
STAGES = [
    ("Split data", 2.1),
    ("interactions import", 612.0),
    ("solution version", 2460.0),
    ("Evaluate", 3.4),
]


class Service:
    """Amazon Personalize, as far as a report asks it."""

    def get_solution_metrics(self, solutionVersionArn):  # noqa: N803 (the service's name)
        return {"metrics": SERVICE}

    def describe_solution_version(self, solutionVersionArn):  # noqa: N803 (the service's name)
        return {"solutionVersion": {"solutionVersionArn": solutionVersionArn, "trainingHours": 1.25}}


@dataclass(frozen=True)
class Run:
    """A run and what was made of its data."""

    scenario: str
    run_id: str
    split: Mapping[str, Any] = field(default_factory=dict)

    @property
    def base(self) -> str:
        return f"runs/{self.scenario}/{self.run_id}/"


@dataclass(frozen=True)
class Stage:
    """Both buckets and the tasks that work on them; `folder` is for files on the way."""

    s3: Any
    folder: Path

    def put(self, key: str, content: bytes, bucket: str = DATA) -> str:
        self.s3.put_object(Bucket=bucket, Key=key, Body=content)
        return f"s3://{bucket}/{key}"

    def read(self, uri: str) -> bytes:
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        if key.endswith("/"):
            key = self.s3.list_objects_v2(Bucket=bucket, Prefix=key)["Contents"][0]["Key"]
        return self.s3.get_object(Bucket=bucket, Key=key)["Body"].read()

    def split(self, scenario: str, run_id: str, *, titles: Sequence[str] = (), **members: Any) -> Run:
        """Split made-up data as the task does. members: of the task's event."""
        rows = made_up.csv_lines("USER_ID,ITEM_ID,TIMESTAMP", made_up.interactions())
        self.put(f"raw/{scenario}/interactions/part.csv", rows)
        self.put(
            f"raw/{scenario}/items/part.csv",
            made_up.csv_lines("ITEM_ID,TITLE,GENRES", made_up.items(titles)),
        )
        event = {
            **self._names(Run(scenario, run_id)),
            "interactions": self._dataset(scenario, "interactions", FIELDS),
            "items": self._dataset(scenario, "items", ITEM_FIELDS),
            "split": {"method": "per_user", "fraction": 0.1},
            **members,
        }
        work = self.folder / f"{scenario}-{run_id}"
        work.mkdir()
        return Run(scenario, run_id, split_data(self.s3, SplitRequest.of(event), work, NOW))

    def truth(self, run: Run) -> dict[str, list[str]]:
        """What every user took in the held-out future."""
        held_out: dict[str, list[str]] = {}
        table = pq.read_table(io.BytesIO(self.read(run.split["holdout"]))).to_pydict()
        for user, taken in zip(table["USER_ID"], table["ITEM_ID"], strict=True):
            held_out.setdefault(user, []).append(taken)
        return held_out

    def answered(self, run: Run, lines: Iterable[str], variant: str = "model") -> str:
        """Put a batch job's output; returns its place."""
        self.put(f"{run.base}recommendations/{variant}/users.jsonl.out", "\n".join([*lines, ""]).encode())
        return f"s3://{DATA}/{run.base}recommendations/{variant}/"

    def uploaded(self, scenario: str, run_id: str, files: RunFiles) -> Run:
        """A run whose files were written by hand."""
        run = Run(scenario, run_id)
        for path in (path for path in sorted(files.folder.rglob("*")) if path.is_file()):
            self.s3.upload_file(str(path), DATA, f"{run.base}{path.relative_to(files.folder)}")
        return run

    def evaluate(self, run: Run, *, facts: Mapping[str, Any] | None = None, **members: Any) -> None:
        """Judge a run and write its report. members: of the task's event, in place of the split's places."""
        parts = ("train", "holdout", "catalogue", "user_causes", "causes", "diagnosis")
        event = {
            **self._names(run),
            **{name: run.split.get(name) for name in parts},
            "evaluation": {"bootstrap_resamples": RESAMPLES},
            "prices": PriceSettings().model_dump(),
            "facts": {
                "recipe_arn": "arn:aws:personalize:::recipe/aws-user-personalization-v2",
                "solution": {"solutionConfig": {"algorithmHyperParameters": {"hidden_dimension": "149"}}},
                "stage": "test",
                "execution_arn": arn(run.run_id),
                "started_at": "2026-05-04T03:00:00Z",
                "stages": [{"stage": name, "seconds": seconds} for name, seconds in STAGES],
                **(facts or {}),
            },
            **members,
        }
        evaluate_run(EvaluateRequest.parse(event), self.s3, Service())

    def fail(self, run: Run, reason: str) -> None:
        """Leave the account of a run that failed."""
        event = {
            **self._names(run),
            "execution_arn": arn(run.run_id),
            "failure": {"stage": "solution version", "error": "ResourceFailed", "cause": reason},
        }
        account = json.dumps(account_of(event).document()).encode()
        self.put(f"reports/{run.scenario}/{run.run_id}/failure-{run.run_id}.json", account, REPORTS)

    def index(self) -> None:
        """Write the page of all runs."""
        update_index(self.s3, bucket=REPORTS, execution_arn=arn("index"), linked=False)

    def reports(self, folder: Path) -> Path:
        """All that lies in the reports bucket, as files."""
        for entry in self.s3.list_objects_v2(Bucket=REPORTS)["Contents"]:
            path = folder / entry["Key"]
            path.parent.mkdir(parents=True, exist_ok=True)
            self.s3.download_file(REPORTS, entry["Key"], str(path))
        return folder / "reports"

    @staticmethod
    def _names(run: Run) -> dict[str, str]:
        return {
            "scenario": run.scenario,
            "run_id": run.run_id,
            "data_bucket": DATA,
            "reports_bucket": REPORTS,
        }

    @staticmethod
    def _dataset(scenario: str, name: str, fields: list[dict[str, Any]]) -> dict[str, Any]:
        return {"location": f"s3://{DATA}/raw/{scenario}/{name}/", "schema": {"fields": fields}}


def arn(execution: str) -> str:
    """Of an execution of a state machine."""
    return f"arn:aws:states:us-east-1:123456789012:execution:pp:{execution}"


@contextmanager
def stage(folder: Path) -> Iterator[Stage]:
    """Two empty buckets, in memory."""
    keys = {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    with mock.patch.dict("os.environ", keys), mock_aws():
        client = boto3.client("s3")
        for bucket in (DATA, REPORTS):
            client.create_bucket(Bucket=bucket)
        yield Stage(client, folder)
