"""A known layout to CSV files with Personalize's column names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from local.datasets.dataset import OWN_LICENCE, Dataset, DatasetError, Wanted, write_table
from local.datasets.layouts import Layout, rows

MOVIELENS_LICENCE = (
    "MovieLens, by GroupLens at the University of Minnesota: for research, not to be passed on without "
    "permission, commercial use by arrangement only. Please cite Harper and Konstan, The MovieLens Datasets, 2015."
)

# Ratings have no kind of event of their own.
EVENT_TYPE = "rating"
_INTERACTION_COLUMNS = ("USER_ID", "ITEM_ID", "TIMESTAMP", "EVENT_TYPE", "EVENT_VALUE")
_ITEM_COLUMNS = ("ITEM_ID", "TITLE", "GENRES", "YEAR")
_USER_COLUMNS = ("USER_ID", "AGE", "GENDER", "OCCUPATION")
_WHOLE = re.compile(r"[0-9]+(\.0*)?")


def convert(folder: Path, layout: Layout, wanted: Wanted, target: Path, origin: str) -> Dataset:
    """Write the data of a folder below `target`, each file with the columns asked for, in their order.

    Raises DatasetError for a line that cannot be read, or a column that the data do not have.
    """
    pick = _picker("Ratings", wanted.interactions, _INTERACTION_COLUMNS)
    pick_item = _picker("Items", wanted.items or _ITEM_COLUMNS, _ITEM_COLUMNS)
    pick_user = _picker("Users", wanted.users or _USER_COLUMNS, _USER_COLUMNS)
    ratings = (pick(values) for values in _interactions(folder, layout))
    interactions = write_table(target / "interactions.csv", wanted.interactions, ratings)
    items = users = None
    if layout.items and (folder / layout.items.file).is_file():
        things = (pick_item(layout.item_values(folder, values)) for _, values in rows(folder, layout.items))
        items = write_table(target / "items.csv", wanted.items or _ITEM_COLUMNS, things)
    if layout.users and (folder / layout.users.file).is_file():
        people = (pick_user(values) for _, values in rows(folder, layout.users))
        users = write_table(target / "users.csv", wanted.users or _USER_COLUMNS, people)
    licence = MOVIELENS_LICENCE if layout.name.startswith(("ml-", "movielens")) else OWN_LICENCE
    return Dataset(layout.name, origin, licence, (interactions,), items, users)


def _interactions(folder: Path, layout: Layout) -> Iterator[tuple[str, ...]]:
    path = folder / layout.ratings.file
    for number, (user, item, rating, time) in rows(folder, layout.ratings):
        if not _WHOLE.fullmatch(time):
            raise DatasetError(
                f"{path}, line {number}: the time is not a whole number of seconds. Download the data again, or mend "
                "the line."
            )
        yield user, item, time.partition(".")[0], EVENT_TYPE, rating


def _picker(
    what: str, wanted: Sequence[str], there: Sequence[str]
) -> Callable[[Sequence[str]], tuple[str, ...]]:
    """A function that takes the wanted of the values that there are. Raises DatasetError for unknown columns."""
    unknown = [name for name in wanted if name not in there]
    if unknown:
        raise DatasetError(
            f"{what} have no column {unknown[0]!r}: of {', '.join(there)} the schema in the settings may name any; "
            "give your own data, as CSV, for others."
        )
    places = [there.index(name) for name in wanted]
    return lambda values: tuple(values[place] for place in places)
