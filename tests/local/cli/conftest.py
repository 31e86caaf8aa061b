"""A deployment that runs a script of events, and the command line connected to it."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

from local.cli.app import app
from local.cli.report_folder import FolderStore
from local.cli.target import Execution
from local.cli.wiring import Wiring

START = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
ARN = "arn:aws:states:us-east-1:123456789012:execution:pp-dev-hrnn:"


class History:
    """Builds the events of an execution, one second apart."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []

    def add(self, kind: str, **details: Any) -> History:
        number = len(self.events) + 1
        self.events.append(
            {
                "id": number,
                "previousEventId": number - 1,
                "type": kind,
                "timestamp": START + timedelta(seconds=number - 1),
                **details,
            }
        )
        return self

    def enter(self, state: str, kind: str = "Task") -> History:
        return self.add(f"{kind}StateEntered", stateEnteredEventDetails={"name": state})

    def answer(self, **payload: Any) -> History:
        self.add("TaskScheduled")
        output = json.dumps({"Payload": payload, "StatusCode": 200})
        return self.add("TaskSucceeded", taskSucceededEventDetails={"output": output})

    def fail(self, error: str, message: str) -> History:
        cause = json.dumps({"errorMessage": message, "stackTrace": ["line 1"]})
        return self.add("TaskFailed", taskFailedEventDetails={"error": error, "cause": cause})


def training() -> History:
    """A solution version that takes two looks."""
    arn = "arn:aws:personalize:us-east-1:123456789012:solution/pp-dev-hrnn/1"
    history = History().add("ExecutionStarted").enter("Create solution version")
    history.answer(arn=arn, status="CREATE PENDING", done=False)
    for status in ("CREATE IN_PROGRESS", "CREATE IN_PROGRESS", "ACTIVE"):
        history.enter("solution version ready?", "Choice").enter("Wait for solution version", "Wait")
        history.enter("Describe solution version").answer(arn=arn, status=status)
    return history.enter("Evaluate").answer(outcome="better")


METRICS = {
    "schema_version": "1.0",
    "scenario": "hrnn",
    "run_id": "r1",
    "model": {"name": "aws-user-personalization-v2", "solution_version_arn": None},
    "outcome": "better",
    "verdict": "Yes: NDCG@10 is 0.1500, 20 % above popularity.",
    "primary": {"metric": "ndcg@10", "list": "without_seen"},
    "settings": {"confidence": 0.95},
    "values": [
        {
            "source": source,
            "list": list_name,
            "metric": metric,
            "k": 10,
            "value": value,
            "low": low,
            "high": high,
        }
        for source, list_name, metric, value, low, high in [
            ("model", "without_seen", "ndcg", 0.15, 0.14, 0.16),
            ("model", "without_seen", "precision", 0.2, 0.19, 0.21),
            ("model", "as_returned", "ndcg", 0.1, None, None),
            ("popularity_without_seen", "without_seen", "ndcg", 0.125, 0.12, 0.13),
            ("popularity_without_seen", "without_seen", "precision", None, None, None),
        ]
    ],
    "differences": [
        {
            "list": "without_seen",
            "baseline": "popularity_without_seen",
            "metric": "ndcg",
            "k": 10,
            "difference": 0.025,
            "low": 0.02,
            "high": 0.03,
        }
    ],
}


def write_report(folder: Path, **changes: Any) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.html").write_text("<html>", encoding="utf-8")
    (folder / "metrics.json").write_text(json.dumps({**METRICS, **changes}), encoding="utf-8")
    return folder


@dataclass
class FakeTarget:
    """Plays a history, a few events at every look, and then ends as it was told."""

    results: Path
    events: list[dict[str, Any]] = field(default_factory=lambda: training().events)
    status: str = "SUCCEEDED"
    error: str | None = None
    cause: str | None = None
    at_look: Callable[[int], None] = lambda _look: None
    started: list[tuple[str, str]] = field(default_factory=list)
    uploads: list[Path | None] = field(default_factory=list)
    refusal: Exception | None = None
    outlives_command: bool = False
    _looks: int = 0

    def upload(self, scenario: str, data: Path | None, *, keep: bool = False) -> None:
        if self.refusal:
            raise self.refusal
        self.uploads.append(data)

    def start(self, scenario: str, run_id: str) -> str:
        self.started.append((scenario, run_id))
        return ARN + run_id

    def fire_schedule(self, scenario: str) -> str:
        return self.start(scenario, "by-the-schedule")

    def history(self, arn: str, after: int) -> list[dict[str, Any]]:
        return [event for event in self.events[: self._looks * 4] if event["id"] > after]

    def describe(self, arn: str) -> Execution:
        self._looks += 1
        self.at_look(self._looks)
        if self._looks * 4 < len(self.events):
            return Execution(arn, "RUNNING", START)
        output = {"stages": [{"stage": "Evaluate", "seconds": 1.5}]} if self.status == "SUCCEEDED" else None
        return Execution(arn, self.status, START, START, output, self.error, self.cause)

    def fetch_report(self, scenario: str, run_id: str) -> Path:
        folder = self.results / "reports" / scenario / run_id
        if self.status == "SUCCEEDED":
            write_report(folder)
        return folder

    def reports(self) -> FolderStore:
        return FolderStore(self.results / "reports")


@dataclass
class Pipelines:
    """The command line in a test: what it was told to do and what it printed."""

    wiring: Wiring
    target: FakeTarget
    opened: list[str]
    asked: list[tuple[bool, Any]]
    output: str = ""
    errors: str = ""

    def __call__(self, *arguments: str, answer: str = "") -> int:
        result = CliRunner().invoke(app, list(arguments), obj=self.wiring, input=answer)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        self.output = self.wiring.console.file.getvalue() + result.output
        self.errors = self.wiring.errors.file.getvalue()
        return result.exit_code


@pytest.fixture
def pipelines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pipelines:
    opened: list[str] = []
    asked: list[tuple[bool, Any]] = []
    target = FakeTarget(tmp_path / "results")
    wiring = Wiring(
        state_dir=tmp_path,
        console=Console(file=io.StringIO(), width=140),
        errors=Console(file=io.StringIO(), width=140),
        open_page=opened.append,
    )

    @contextmanager
    def fake_target(_wiring: Wiring, _settings: Any, *, aws: bool, options: Any):
        asked.append((aws, options))
        yield target

    monkeypatch.setattr(Wiring, "target", fake_target)
    monkeypatch.setattr("local.cli.running.LOCAL_PAUSE", 0)
    monkeypatch.setattr("local.cli.running.AWS_PAUSE", 0)
    return Pipelines(wiring, target, opened, asked)


@pytest.fixture
def script() -> Any:
    """The names of this file, for tests that play histories themselves."""
    import sys

    return sys.modules[__name__]
