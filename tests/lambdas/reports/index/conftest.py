"""Report folders of made-up runs, in memory or in moto's S3."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import md5
from typing import Any

import pytest

from lambdas.reports.index.stores import StoredFile

START = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


def metrics_document(scenario: str = "hrnn", run_id: str = "r1", **members: Any) -> dict[str, Any]:
    """What an index needs of a metrics.json of version 2.0, and the like of what it does not need."""
    document = {
        "schema_version": "2.0",
        "scenario": scenario,
        "run_id": run_id,
        "kind": "users",
        "model": {"name": "aws-user-personalization-v2", "solution_version_arn": None},
        "outcome": "better",
        "verdict": "it beats popularity by 25 % in NDCG@10 on 943 users: better",
        "primary": {
            "metric": "ndcg@10",
            "source": "model",
            "list": "without_seen",
            "value": 0.15,
            "baseline": "popularity_without_seen",
            "baseline_value": 0.12,
            "difference": 0.03,
            "low": 0.02,
            "high": 0.04,
            "relative_difference": 0.25,
            "relative_low": 0.2,
            "relative_high": 0.3,
        },
        "users": {"evaluated": 943},
        "values": [
            value_row("model", 0.15, 0.14, 0.16),
            value_row("model", 0.11, 0.10, 0.12, list="as_returned"),
            value_row("popularity_without_seen", 0.12, 0.11, 0.13),
            value_row("model", 0.4, 0.3, 0.5, metric="hit_rate"),
        ],
        "facts": {"started_at": "2026-01-31T11:58:00.123Z", "execution_arn": execution(run_id)},
        "cost": {"currency": "USD", "estimated": True, "items": [], "total": 1.25},
        "files": {},
    }
    return {**document, **members}


def value_row(
    source: str, value: float | None, low: float | None, high: float | None, **more: Any
) -> dict[str, Any]:
    row = {"source": source, "list": "without_seen", "metric": "ndcg", "k": 10}
    return {**row, "value": value, "low": low, "high": high, "users": 943, **more}


def failure_document(run_id: str = "r1", **members: Any) -> dict[str, Any]:
    """What record_failure writes."""
    document = {
        "schema_version": "1.0",
        "status": "FAILED",
        "scenario": "hrnn",
        "run_id": run_id,
        "stage": "Split data",
        "error": "DataError",
        "reason": "interactions.csv has no column ITEM_ID",
        "advice": "Correct the data.",
        "resource_arn": None,
        "execution_arn": execution(run_id),
        "console_url": None,
    }
    return {**document, **members}


def execution(name: str) -> str:
    return f"arn:aws:states:eu-west-1:123456789012:execution:pp-test-hrnn:{name}"


@dataclass
class MemoryStore:
    """A store that behaves like a bucket; `reads` are the keys that were read."""

    contents: dict[str, tuple[bytes, datetime]] = field(default_factory=dict)
    reads: list[str] = field(default_factory=list)
    now: datetime = START

    def put(self, key: str, content: Mapping[str, Any] | str | bytes, *, minute: float = 0) -> None:
        """Put a file there, so many minutes after START."""
        text = json.dumps(content) if isinstance(content, Mapping) else content
        body = text.encode() if isinstance(text, str) else text
        self.contents[key] = body, START + timedelta(minutes=minute)

    def files(self) -> list[StoredFile]:
        return [
            StoredFile(key, len(body), md5(body, usedforsecurity=False).hexdigest(), modified)
            for key, (body, modified) in sorted(self.contents.items())
        ]

    def read(self, key: str) -> bytes | None:
        self.reads.append(key)
        return self.contents[key][0] if key in self.contents else None

    def write(self, key: str, content: bytes, *, content_type: str) -> None:
        assert content_type
        self.contents[key] = content, self.now

    def text(self, key: str) -> str:
        return self.contents[key][0].decode()


@pytest.fixture
def store() -> MemoryStore:
    """An empty store."""
    return MemoryStore()


@pytest.fixture
def make_store() -> type[MemoryStore]:
    return MemoryStore


@pytest.fixture
def metrics() -> Callable[..., dict[str, Any]]:
    return metrics_document


@pytest.fixture
def failure() -> Callable[..., dict[str, Any]]:
    return failure_document
