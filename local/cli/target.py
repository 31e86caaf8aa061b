"""Where runs run: the few things that the command line needs of a deployment, on AWS or on this machine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar, Protocol

from config import Settings
from lambdas.reports.index.stores import ReportStore
from local.cli.exit_codes import CommandError, ExitCode

Event = Mapping[str, Any]
"""One event of GetExecutionHistory, as boto3 gives it."""

Clients = Callable[[str], Any]
"""Makes the client of a service, by boto3's name of it; one client per service, kept."""


class Upload(Protocol):
    """Puts raw data where a scenario looks for it. Raises DatasetError when they cannot be read."""

    def __call__(self, s3: Any, bucket: str, scenario: str, data: Path | None, *, keep: bool) -> None:
        """`data` None is the data set of local runs; `keep` does nothing when some data are there."""


@dataclass(frozen=True, slots=True)
class Execution:
    """The state of an execution. `output` is there when it SUCCEEDED, error and cause when it did not."""

    arn: str
    status: str
    started: datetime
    stopped: datetime | None = None
    output: Mapping[str, Any] | None = None
    error: str | None = None
    cause: str | None = None

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen."""
        return self.status not in ("RUNNING", "PENDING_REDRIVE")

    @property
    def name(self) -> str:
        """The last part of the ARN."""
        return self.arn.rsplit(":", 1)[-1]


class RunTarget(Protocol):
    """A deployment of the application in which scenarios can be run and watched."""

    outlives_command: bool
    """Whether a run goes on when the command that started it has ended."""

    def upload(self, scenario: str, data: Path | None, *, keep: bool = False) -> None:
        """Put raw data in place; `keep` does nothing when some data are there. Raises DatasetError."""

    def start(self, scenario: str, run_id: str) -> str:
        """Start or resume a run; returns the ARN of the execution."""

    def fire_schedule(self, scenario: str) -> str:
        """Start what the schedule would start; returns the ARN of the execution."""

    def history(self, arn: str, after: int) -> list[Event]:
        """The events with an id above `after`, oldest first."""

    def describe(self, arn: str) -> Execution:
        """The state of an execution."""

    def fetch_report(self, scenario: str, run_id: str) -> Path:
        """Copy what the run has written for people to this machine; returns the folder."""

    def reports(self) -> ReportStore:
        """Where the runs of the deployment have their reports."""


@dataclass(frozen=True, slots=True)
class Outputs:
    """What the stacks of a stage say about themselves."""

    data_bucket: str
    reports_bucket: str
    machines: Mapping[str, str]

    BUCKET_KEYS: ClassVar[tuple[str, str]] = ("DataBucket", "ReportsBucket")

    @staticmethod
    def machine_key(scenario: str) -> str:
        """The output that holds the ARN of a scenario's state machine."""
        return "".join(part.title() for part in scenario.split("_")) + "MachineArn"

    @classmethod
    def read(cls, outputs: Mapping[str, str], settings: Settings) -> Outputs:
        """Pick out of the outputs of both stacks. Raises CommandError when some are missing."""
        keys = {scenario: cls.machine_key(scenario) for scenario in settings.enabled_scenarios()}
        missing = sorted({*cls.BUCKET_KEYS, *keys.values()} - set(outputs))
        if missing:
            message = f"the deployed stacks lack the outputs {', '.join(missing)}: deploy them again"
            raise CommandError(message, ExitCode.ENVIRONMENT)
        data, reports = (outputs[key] for key in cls.BUCKET_KEYS)
        return cls(data, reports, {scenario: outputs[key] for scenario, key in keys.items()})
