"""What a loaded data set is."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

OWN_LICENCE = "the terms that came with the data"


class DatasetError(Exception):
    """The data cannot be had or read: says which file and line, and what to do."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The columns that each file shall have, in this order; of items and users all that there are when None."""

    interactions: Sequence[str]
    items: Sequence[str] | None = None
    users: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class Dataset:
    """CSV files with Personalize's column names, as RFC 4180 has CSV.

    `interactions`, one file or more, have USER_ID, ITEM_ID, TIMESTAMP and what else was asked for or was there;
    `items` has ITEM_ID and, of MovieLens, TITLE, GENRES (joined by `|`) and YEAR (empty where unknown); `users`
    has USER_ID and, of MovieLens, AGE, GENDER and OCCUPATION. `origin` says where the data came from, `licence`
    what may be done with them.
    """

    name: str
    origin: str
    licence: str
    interactions: tuple[Path, ...]
    items: Path | None = None
    users: Path | None = None


def write_table(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> Path:
    """Write a CSV file, which appears under its name when it is complete; returns the path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".unfinished")
    with unfinished.open("w", encoding="utf-8", newline="") as target:
        writer = csv.writer(target, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
    return unfinished.replace(path)
