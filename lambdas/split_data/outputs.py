"""The files that a split may leave: under which name in a local folder, and where in S3."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambdas.shared.storage import JSON_CONTENT_TYPE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lambdas.shared.locations import RunLocations, S3Location

_CSV, _LINES, _BYTES = "text/csv", "application/x-ndjson", "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Output:
    """One file: its local name, its place among the locations of a run, and its content type."""

    name: str
    place: Callable[[RunLocations], S3Location]
    content_type: str


# What is imported: the past, and all items and users.
TRAIN = Output("train.csv", lambda run: run.train / "interactions/interactions.csv", _CSV)
ITEMS = Output("items.csv", lambda run: run.train / "items/items.csv", _CSV)
USERS = Output("users.csv", lambda run: run.train / "users/users.csv", _CSV)
# What judges, and what explains lists of items to people.
HOLDOUT = Output("holdout.parquet", lambda run: run.holdout / "interactions.parquet", _BYTES)
CATALOGUE = Output("items.parquet", lambda run: run.catalogue / "items.parquet", _BYTES)
# What is asked: of users, or of items with the users whom their answers go to, or of users in pairs.
USER_QUERIES = Output("users.jsonl", lambda run: run.queries / "users.jsonl", _LINES)
ITEM_QUERIES = Output("items.jsonl", lambda run: run.queries / "items.jsonl", _LINES)
USER_CAUSES = Output("user_causes.parquet", lambda run: run.queries / "user_causes.parquet", _BYTES)
CAUSES = Output("causes.json", lambda run: run.queries / "causes.json", JSON_CONTENT_TYPE)
PAIRS = Output("pairs.json", lambda run: run.queries / "pairs.json", JSON_CONTENT_TYPE)

OUTPUTS = (
    *(TRAIN, ITEMS, USERS, HOLDOUT, CATALOGUE),
    *(USER_QUERIES, ITEM_QUERIES, USER_CAUSES, CAUSES, PAIRS),
)


@dataclass(frozen=True, slots=True)
class SplitFiles:
    """The files of a split in a local folder; which of them there are depends on what was asked for."""

    folder: Path

    def path(self, output: Output) -> Path:
        """Where a file is or would be."""
        return self.folder / output.name

    @property
    def train(self) -> Path:
        """The past, as it is imported."""
        return self.path(TRAIN)

    @property
    def holdout(self) -> Path:
        """The future."""
        return self.path(HOLDOUT)
