"""CSV files that have Personalize's column names already: taken as they are, told apart by their headers."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from local.datasets.dataset import OWN_LICENCE, Dataset, DatasetError

_KEYS = frozenset({"USER_ID", "ITEM_ID", "TIMESTAMP"})


def find_tables(files: Sequence[Path], name: str, origin: str) -> Dataset | None:
    """The data set that CSV files make up, or None when none of them holds interactions.

    Interactions have at least two of USER_ID, ITEM_ID and TIMESTAMP, items ITEM_ID alone and users USER_ID
    alone. A column that is missing or misspelled, and every row, is left to the checks of the run, which tell
    all problems at once. Raises DatasetError when there is more than one file of items or of users.
    """
    kinds: dict[str, list[Path]] = {"interactions": [], "items": [], "users": []}
    for file in files:
        kind = _kind(column_names(file))
        if kind:
            kinds[kind].append(file)
    if not kinds["interactions"]:
        return None
    for kind in ("items", "users"):
        if len(kinds[kind]) > 1:
            raise DatasetError(
                f"{kinds[kind][1]}: {kinds[kind][0].name} holds {kind} too. Leave one file of {kind} in the folder."
            )
    return Dataset(
        name=name,
        origin=origin,
        licence=OWN_LICENCE,
        interactions=tuple(kinds["interactions"]),
        items=next(iter(kinds["items"]), None),
        users=next(iter(kinds["users"]), None),
    )


def column_names(file: Path) -> list[str]:
    """The names in a CSV file's first line; of a file that is no text, something that matches none."""
    with file.open("rb") as lines:
        return next(csv.reader([lines.readline().decode("utf-8-sig", errors="replace")]), [])


def _kind(header: Sequence[str]) -> str | None:
    names = {name.strip().upper() for name in header}
    if len(names & _KEYS) >= 2:
        return "interactions"
    if "ITEM_ID" in names:
        return "items"
    return "users" if "USER_ID" in names else None
