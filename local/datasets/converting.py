"""A known layout to CSV files with Personalize's column names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from local.datasets.dataset import OWN_LICENCE, Dataset, DatasetError, write_table
from local.datasets.layouts import Layout, rows

MOVIELENS_LICENCE = (
    "MovieLens, by GroupLens at the University of Minnesota: for research, not to be passed on without "
    "permission, commercial use by arrangement only. Please cite Harper and Konstan, The MovieLens Datasets, 2015."
)

# Ratings have no kind of event of their own.
EVENT_TYPE = "rating"
_INTERACTION_COLUMNS = ("USER_ID", "ITEM_ID", "TIMESTAMP", "EVENT_TYPE", "EVENT_VALUE")
_WHOLE = re.compile(r"[0-9]+(\.0*)?")


def convert(folder: Path, layout: Layout, columns: Sequence[str], target: Path, origin: str) -> Dataset:
    """Write the data of a folder below `target`, the interactions with the columns asked for, in their order.

    Raises DatasetError for a line that cannot be read, or a column that ratings do not have.
    """
    unknown = [name for name in columns if name not in _INTERACTION_COLUMNS]
    if unknown:
        raise DatasetError(
            f"Ratings have no column {unknown[0]!r}: of {', '.join(_INTERACTION_COLUMNS)} the schema in the settings "
            "may name any; give your own data, as CSV, for others."
        )
    interactions = write_table(target / "interactions.csv", columns, _interactions(folder, layout, columns))
    items = users = None
    if layout.items and (folder / layout.items.file).is_file():
        shape = layout.item_values or _item_values
        table = ((shape(folder, values)) for _, values in rows(folder, layout.items))
        items = write_table(target / "items.csv", ("ITEM_ID", "TITLE", "GENRES"), table)
    if layout.users and (folder / layout.users.file).is_file():
        people = (values for _, values in rows(folder, layout.users))
        users = write_table(target / "users.csv", ("USER_ID", "AGE", "GENDER", "OCCUPATION"), people)
    licence = MOVIELENS_LICENCE if layout.name.startswith(("ml-", "movielens")) else OWN_LICENCE
    return Dataset(layout.name, origin, licence, (interactions,), items, users)


def _item_values(_: Path, values: Sequence[str]) -> tuple[str, ...]:
    """An item whose genres are joined by `|` already; the words for "none" become none."""
    genres = "" if values[2].startswith("(no genres") else values[2]
    return values[0], values[1], genres


def _interactions(folder: Path, layout: Layout, columns: Sequence[str]) -> Iterator[tuple[str, ...]]:
    pick = _picker(columns)
    path = folder / layout.ratings.file
    for number, (user, item, rating, time) in rows(folder, layout.ratings):
        if not _WHOLE.fullmatch(time):
            raise DatasetError(
                f"{path}, line {number}: the time is not a whole number of seconds. Download the data again, or mend "
                "the line."
            )
        yield pick((user, item, time.partition(".")[0], EVENT_TYPE, rating))


def _picker(columns: Sequence[str]) -> Callable[[tuple[str, ...]], tuple[str, ...]]:
    places = [_INTERACTION_COLUMNS.index(name) for name in columns]
    return lambda values: tuple(values[place] for place in places)
