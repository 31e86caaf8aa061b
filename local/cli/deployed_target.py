"""The one implementation of a run target: the AWS SDK, pointed at AWS or at the local platform."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from itertools import count
from pathlib import Path, PurePosixPath
from typing import Any

from boto3.s3.transfer import S3Transfer
from botocore.exceptions import ClientError

from lambdas.reports.index.stores import BucketStore
from local.cli.result_rows import table_keys
from local.cli.target import Clients, Event, Execution, Outputs, Upload

HISTORY_PAGE = 200
_MAX_RUN_ID = 74  # leaves room for `-99999` in the 80 characters of an execution name


class DeployedTarget:
    """A deployment reached through the AWS SDK: AWS itself, or the local platform by its endpoint."""

    def __init__(
        self,
        clients: Clients,
        outputs: Outputs,
        results: Path,
        *,
        upload: Upload,
        fire: Callable[[str], str] | None = None,
        outlives_command: bool = True,
    ) -> None:
        """Reports are copied below `results`.

        `fire` starts what a schedule starts, given the schedule's name, with the schedule's role; without it the
        state machine is started with the schedule's input by whoever runs the command.
        """
        self._clients = clients
        self._outputs = outputs
        self._results = results
        self._upload = upload
        self.outlives_command = outlives_command
        self._fire = fire or self._start_like_schedule

    @property
    def _states(self) -> Any:
        return self._clients("stepfunctions")

    def upload(self, scenario: str, data: Path | None, *, keep: bool = False) -> None:
        """Put raw data where the settings say."""
        self._upload(self._clients("s3"), self._outputs.data_bucket, scenario, data, keep=keep)

    def start(self, scenario: str, run_id: str) -> str:
        """Start an execution named after the run; when there was one, go on with it, or resume it by another."""
        machine = self._outputs.machines[scenario]
        document = json.dumps({"run_id": run_id})
        for attempt in count(1):
            name = run_id if attempt == 1 else f"{run_id[:_MAX_RUN_ID]}-{attempt}"
            try:
                answer = self._states.start_execution(stateMachineArn=machine, name=name, input=document)
            except ClientError as error:
                if error.response["Error"]["Code"] != "ExecutionAlreadyExists":
                    raise
                there = f"{machine.replace(':stateMachine:', ':execution:')}:{name}"
                if not self.describe(there).ended:
                    return there
            else:
                return str(answer["executionArn"])
        raise AssertionError("counting has no end")

    def fire_schedule(self, scenario: str) -> str:
        """Start what the schedule of the scenario starts; schedules are called like their machines."""
        return self._fire(self._outputs.machines[scenario].rsplit(":", 1)[-1])

    def _start_like_schedule(self, name: str) -> str:
        schedule = self._clients("scheduler").get_schedule(Name=name)
        answer = self._states.start_execution(
            stateMachineArn=schedule["Target"]["Arn"], input=schedule["Target"].get("Input", "{}")
        )
        return str(answer["executionArn"])

    def history(self, arn: str, after: int) -> list[Event]:
        """Read backwards from the newest event, so that a long history is not read again every time."""
        found: list[Event] = []
        pages = self._states.get_paginator("get_execution_history").paginate(
            executionArn=arn, reverseOrder=True, PaginationConfig={"PageSize": HISTORY_PAGE}
        )
        for page in pages:
            found += [event for event in page["events"] if event["id"] > after]
            if not page["events"] or page["events"][-1]["id"] <= after + 1:
                break
        return found[::-1]

    def describe(self, arn: str) -> Execution:
        """The state of an execution."""
        answer = self._states.describe_execution(executionArn=arn)
        return Execution(
            arn=arn,
            status=answer["status"],
            started=answer["startDate"],
            stopped=answer.get("stopDate"),
            output=json.loads(answer["output"]) if answer.get("output") else None,
            error=answer.get("error"),
            cause=answer.get("cause"),
        )

    def fetch_report(self, scenario: str, run_id: str) -> Path:
        """Copy every object of the run's report folder."""
        prefix = f"reports/{scenario}/{run_id}/"
        folder = self._results / prefix
        s3 = self._clients("s3")
        pages = s3.get_paginator("list_objects_v2").paginate(
            Bucket=self._outputs.reports_bucket, Prefix=prefix
        )
        for page in pages:
            for entry in page.get("Contents", []):
                file = folder / PurePosixPath(entry["Key"]).relative_to(prefix)
                file.parent.mkdir(parents=True, exist_ok=True)
                S3Transfer(s3).download_file(self._outputs.reports_bucket, entry["Key"], str(file))
                # Whether a failure or the result was written last is told by their times.
                written = entry["LastModified"].timestamp()
                os.utime(file, (written, written))
        self._fetch_rows(scenario, run_id, folder)
        return folder

    def _fetch_rows(self, scenario: str, run_id: str, folder: Path) -> None:
        """Copy the run's rows of the tables for SQL into the same layout, beside the reports."""
        s3, bucket = self._clients("s3"), self._outputs.reports_bucket
        for key in table_keys(folder, scenario, run_id):
            if s3.list_objects_v2(Bucket=bucket, Prefix=key).get("KeyCount"):
                file = self._results / key
                file.parent.mkdir(parents=True, exist_ok=True)
                S3Transfer(s3).download_file(bucket, key, str(file))

    def reports(self) -> BucketStore:
        """The reports bucket."""
        return BucketStore(self._clients("s3"), self._outputs.reports_bucket)
