"""Report folders of small runs, made of plain numbers: metrics.json and per_user.parquet of versions 1 and 2."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet
import pytest

BASELINE = "popularity_without_seen"
CONFIDENCE = 0.95

Scores = Mapping[str, float | None]
"""A figure of every user."""


def mean(scores: Scores) -> float | None:
    known = [value for value in scores.values() if value is not None]
    return sum(known) / len(known) if known else None


@dataclass
class Made:
    """What a run is made of. scores: of the model's list by metric at 10; baseline: of the baseline's in ndcg."""

    run_id: str
    scores: Mapping[str, Scores]
    baseline: Scores
    version: str = "2.0"
    kind: str = "users"
    scenario: str = "hrnn"
    futures: Mapping[str, int] = field(default_factory=dict)
    histories: Mapping[str, int] = field(default_factory=dict)
    half_width: float = 0.01
    members: Mapping[str, Any] = field(default_factory=dict)

    @property
    def users(self) -> list[str]:
        return list(next(iter(self.scores.values())))

    def value_row(self, source: str, metric: str, scores: Scores) -> dict[str, Any]:
        return {
            "source": source,
            "list": "without_seen",
            "metric": metric,
            "k": 10,
            **self.interval("value", mean(scores)),
            "users": sum(value is not None for value in scores.values()),
        }

    def interval(self, name: str, value: float | None) -> dict[str, float | None]:
        if value is None:
            return {name: None, "low": None, "high": None}
        return {name: value, "low": value - self.half_width, "high": value + self.half_width}

    def document(self) -> dict[str, Any]:
        mine, other = mean(self.scores["ndcg"]), mean(self.baseline)
        lead = None if mine is None or other is None else mine - other
        return {
            "schema_version": self.version,
            "scenario": self.scenario,
            "run_id": self.run_id,
            "kind": self.kind,
            "model": {"name": "aws-hrnn", "solution_version_arn": None},
            "outcome": "better",
            "verdict": f"The verdict of {self.run_id}.",
            "primary": {
                "metric": "ndcg@10",
                "source": "model",
                "list": "without_seen",
                "baseline": BASELINE,
            },
            "settings": {"confidence": CONFIDENCE, "bootstrap_resamples": 400, "seed": 7, "cutoffs": [10]},
            "users": {"evaluated": len(self.users), "held_out": len(self.users), "unanswered": 0},
            "data": {"train_interactions": 1000, "train_users": len(self.users)},
            "variants": [{"name": "model", "solution_version_arn": None, "facts": {}}],
            "values": [
                *(self.value_row("model", metric, scores) for metric, scores in self.scores.items()),
                self.value_row(BASELINE, "ndcg", self.baseline),
            ],
            "differences": [
                {
                    "source": "model",
                    "list": "without_seen",
                    "baseline": BASELINE,
                    "metric": "ndcg",
                    "k": 10,
                    **self.interval("difference", lead),
                    "relative_difference": lead / other if lead is not None and other else None,
                    "relative_low": None,
                    "relative_high": None,
                }
            ],
            "facts": {"solution": {"recipeArn": "arn:aws:personalize:::recipe/aws-hrnn"}},
            **self.members,
        }

    def write(self, folder: Path) -> Path:
        folder.mkdir(parents=True)
        table = self.wide() if self.version.startswith("1") else self.long()
        file = folder / "per_user.parquet"
        pyarrow.parquet.write_table(table, file)
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        files = {"per_user.parquet": {"bytes": file.stat().st_size, "sha256": digest}}
        document = {"files": files, **self.document()}
        (folder / "metrics.json").write_text(json.dumps(document), encoding="utf-8")
        return folder

    def about(self) -> dict[str, Sequence[Any]]:
        return {
            "user_id": self.users,
            "train_interactions": [self.histories.get(user, 5) for user in self.users],
            "held_out_items": [self.futures.get(user, 2) for user in self.users],
        }

    def wide(self) -> pa.Table:
        columns = {
            f"model_without_seen_{metric}_at_10": floats(scores.values())
            for metric, scores in self.scores.items()
        }
        return pa.table(self.about() | columns | {f"{BASELINE}_ndcg_at_10": floats(self.baseline.values())})

    def long(self) -> pa.Table:
        mine = {metric: floats(scores.values()) for metric, scores in self.scores.items()}
        other = {metric: floats([None] * len(self.users)) for metric in mine} | {
            "ndcg": floats(self.baseline.values())
        }
        tables = [
            pa.table(
                {
                    **self.about(),
                    "source": [source] * len(self.users),
                    "list": ["without_seen"] * len(self.users),
                    "k": [10] * len(self.users),
                    **values,
                }
            )
            for source, values in (("model", mine), (BASELINE, other))
        ]
        return pa.concat_tables(tables)


def floats(values: Any) -> pa.Array:
    return pa.array(list(values), pa.float32())


def names(count: int, first: int = 0) -> list[str]:
    return [f"u{number:03}" for number in range(first, first + count)]


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Path]:
    """Writes the report folder of a run; members of metrics.json can be replaced."""

    def write(run_id: str, scores: Mapping[str, Scores] | Scores, **made: Any) -> Path:
        by_metric = scores if isinstance(next(iter(scores.values())), Mapping) else {"ndcg": scores}
        baseline = made.pop("baseline", dict.fromkeys(next(iter(by_metric.values())), 0.1))
        return Made(run_id, by_metric, baseline, **made).write(tmp_path / run_id)

    return write


@pytest.fixture
def users() -> Callable[..., list[str]]:
    """Ids of users."""
    return names
