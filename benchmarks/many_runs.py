"""The report folders of a thousand runs, without S3: made from one run's metrics.json."""

from __future__ import annotations

import copy
import hashlib
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from lambdas.reports.index.stores import StoredFile

_SCENARIOS = ("hrnn", "sims", "metadata", "coldstart", "put_events")
_RUNS = 1000
_FIRST = datetime(2024, 1, 1, 3, tzinfo=UTC)
_BETWEEN = timedelta(hours=17)
_PAGE, _TABLE = b"<!doctype html>", b"scenario,run_id\n"


@dataclass(frozen=True, slots=True)
class Kept:
    """A file's content, and when it was written."""

    content: bytes
    modified: datetime


class MemoryStore:
    """A `ReportStore` of a dictionary."""

    def __init__(self, files: Mapping[str, Kept]) -> None:
        self._files = dict(files)

    def files(self) -> list[StoredFile]:
        """Everything that is there."""
        return [
            StoredFile(
                key,
                len(kept.content),
                hashlib.md5(kept.content, usedforsecurity=False).hexdigest(),
                kept.modified,
            )
            for key, kept in self._files.items()
        ]

    def read(self, key: str) -> bytes | None:
        """The content of a file."""
        kept = self._files.get(key)
        return kept.content if kept else None

    def write(self, key: str, content: bytes, *, content_type: str) -> None:  # noqa: ARG002 (the protocol's)
        """Put a file there."""
        self._files[key] = Kept(content, datetime.now(UTC))


def many_runs(metrics: Mapping[str, Any]) -> dict[str, Kept]:
    """A thousand runs of five scenarios by the keys of their files: 2 % have failed, 1 % are broken, 1 % unfinished."""
    files = {}
    for number in range(_RUNS):
        run_id, scenario = f"run-{number:04}", _SCENARIOS[number % len(_SCENARIOS)]
        written = _FIRST + number * _BETWEEN
        for name, content in _folder(metrics, scenario, run_id, number):
            files[f"{scenario}/{run_id}/{name}"] = Kept(content, written)
    return files


def _folder(
    metrics: Mapping[str, Any], scenario: str, run_id: str, number: int
) -> Iterator[tuple[str, bytes]]:
    match number % 100:
        case 13 | 57:
            yield f"failure-{run_id}.json", _failure(scenario, run_id)
        case 29:
            yield "metrics.json", b'{"schema_version": "2.0", "verdict": "model be'
        case 71:
            yield "metrics.csv", _TABLE
        case _:
            pages = {"report.html": _PAGE, "comparison.html": _PAGE, "metrics.csv": _TABLE}
            yield from pages.items()
            yield "metrics.json", _result(metrics, pages, scenario, run_id, 1 + 0.2 * math.sin(number / 40))


def _result(
    metrics: Mapping[str, Any], files: Mapping[str, bytes], scenario: str, run_id: str, drift: float
) -> bytes:
    """The run's metrics with its name, its files, and all of its figures multiplied."""
    document = copy.deepcopy(dict(metrics)) | {"scenario": scenario, "run_id": run_id}
    document["files"] = {name: {"bytes": len(content), "sha256": ""} for name, content in files.items()}
    for figures in (document["primary"], *document["values"]):
        for name, value in figures.items():
            if isinstance(value, float):
                figures[name] = value * drift
    return json.dumps(document).encode()


def _failure(scenario: str, run_id: str) -> bytes:
    account = {
        "schema_version": "1.0",
        "status": "FAILED",
        "scenario": scenario,
        "run_id": run_id,
        "stage": "solution version",
        "error": "ResourceFailed",
        "reason": "The dataset group has fewer interactions than training needs.",
        "advice": "Correct what the reason names, then resume the run with the same run_id.",
        "resource_arn": None,
        "execution_arn": f"arn:aws:states:us-east-1:123456789012:execution:pp-dev-{scenario}:{run_id}",
        "console_url": None,
    }
    return json.dumps(account).encode()
