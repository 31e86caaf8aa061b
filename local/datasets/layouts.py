"""The layouts that ratings come in, each with what is read from which file.

GroupLens publishes MovieLens as `u.data` (100K), `ratings.dat` (1M, 10M) and `ratings.csv` (20M, 25M, 32M and
latest); RecBole writes tab-separated files with typed headers such as `user_id:token`.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from local.datasets.dataset import DatasetError

_YEAR = re.compile(r"[0-9]{4}")
_TITLE_YEAR = re.compile(r"\(([0-9]{4})\)\s*$")


@dataclass(frozen=True, slots=True)
class Source:
    """One file: how its lines are cut into values, and the columns to take, in the order they are wanted.

    Without a `header` the columns are places (`"0"`, `"1"`, …) in the line. A column in `optional` has empty
    values where the header lacks it.
    """

    file: str
    separator: str
    encoding: str
    header: bool
    columns: tuple[str, ...]
    optional: frozenset[str] = frozenset()


def titled_item(_: Path, values: Sequence[str]) -> tuple[str, ...]:
    """An item with id, title and genres joined by `|` already; the words for "none" become none."""
    item, title, genres = values
    return item, title, "" if genres.startswith("(no genres") else genres, _year_of_title(title)


def _year_of_title(title: str) -> str:
    """The year in brackets at the title's end, or nothing."""
    found = _TITLE_YEAR.search(title)
    return found.group(1) if found else ""


def _year(text: str) -> str:
    """The text when it is a year, or nothing."""
    return text if _YEAR.fullmatch(text) else ""


@dataclass(frozen=True, slots=True)
class Layout:
    """How one data set lies in a folder; items and users may be absent.

    `ratings` takes user, item, rating and time, `users` user, age, gender and occupation. `item_values` makes
    item, title, genres joined by `|` and year (empty when unknown) of what `items` takes.
    """

    name: str
    ratings: Source
    items: Source | None = None
    users: Source | None = None
    item_values: Callable[[Path, Sequence[str]], tuple[str, ...]] = titled_item


def rows(folder: Path, source: Source) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Line number and the wanted values of each line. Raises DatasetError for a line that lacks some."""
    path = folder / source.file
    with path.open(encoding=source.encoding, newline="") as lines:
        records = _records(lines, source.separator)
        places: list[int | None] = (
            _places(path, next(records, []), source) if source.header else [int(c) for c in source.columns]
        )
        least = max(place for place in places if place is not None) + 1
        for number, record in enumerate(records, 2 if source.header else 1):
            if len(record) < least:
                if record in ([], [""]):
                    continue
                raise DatasetError(
                    f"{path}, line {number}: {len(record)} values and not {least} or more, separated by "
                    f"{source.separator!r}. Download the data again, or mend the line."
                )
            yield number, tuple("" if place is None else record[place] for place in places)


def _records(lines: Iterator[str], separator: str) -> Iterator[list[str]]:
    """Lines cut into values; only files separated by commas quote theirs."""
    if separator == ",":
        return csv.reader(lines)
    return (line.rstrip("\r\n").split(separator) for line in lines)


def _places(path: Path, header: Sequence[str], source: Source) -> list[int | None]:
    """Where the wanted columns stand in a line."""
    missing = [name for name in source.columns if name not in header and name not in source.optional]
    if missing:
        raise DatasetError(
            f"{path}, line 1: the column {missing[0]!r} is missing (found: {', '.join(header)}). "
            "Give a data set that has it."
        )
    return [list(header).index(name) if name in header else None for name in source.columns]


def ml_100k_item(folder: Path, values: Sequence[str]) -> tuple[str, ...]:
    """An item of `u.item`: id, title, release date, and a flag for each genre in the order of `u.genre`."""
    item, title, date, *flags = values
    genres = [name for name, flag in zip(_genres_of_100k(folder), flags, strict=False) if flag == "1"]
    return item, title, "|".join(genres), _year(date[-4:]) or _year_of_title(title)


def _genres_of_100k(folder: Path) -> list[str]:
    lines = (folder / "u.genre").read_text(encoding="latin-1").splitlines()
    return [line.split("|")[0] for line in lines if line]


def recbole_item(_: Path, values: Sequence[str]) -> tuple[str, ...]:
    """An item of RecBole's: id, title, genres separated by blanks, and year."""
    item, title, genres, year = values
    return item, title, "|".join(genres.split()), _year(year) or _year_of_title(title)


GROUPLENS: tuple[Layout, ...] = (
    Layout(
        name="ml-100k",
        ratings=Source("u.data", "\t", "utf-8", header=False, columns=("0", "1", "2", "3")),
        items=Source(
            "u.item",
            "|",
            "latin-1",
            header=False,
            columns=("0", "1", "2", *(str(place) for place in range(5, 24))),
        ),
        users=Source("u.user", "|", "latin-1", header=False, columns=("0", "1", "2", "3")),
        item_values=ml_100k_item,
    ),
    Layout(
        name="ml-1m",
        ratings=Source("ratings.dat", "::", "latin-1", header=False, columns=("0", "1", "2", "3")),
        items=Source("movies.dat", "::", "latin-1", header=False, columns=("0", "1", "2")),
        users=Source("users.dat", "::", "latin-1", header=False, columns=("0", "2", "1", "3")),
    ),
    Layout(
        name="movielens",
        ratings=Source(
            "ratings.csv", ",", "utf-8", header=True, columns=("userId", "movieId", "rating", "timestamp")
        ),
        items=Source("movies.csv", ",", "utf-8", header=True, columns=("movieId", "title", "genres")),
    ),
)


def recbole(ratings: Path) -> Layout:
    """The layout of a RecBole data set, from its `.inter` file."""
    name = ratings.stem
    return Layout(
        name=name,
        ratings=Source(
            ratings.name,
            "\t",
            "utf-8",
            header=True,
            columns=("user_id:token", "item_id:token", "rating:float", "timestamp:float"),
        ),
        items=Source(
            f"{name}.item",
            "\t",
            "utf-8",
            header=True,
            columns=("item_id:token", "movie_title:token_seq", "class:token_seq", "release_year:token"),
            optional=frozenset({"release_year:token"}),
        ),
        users=Source(
            f"{name}.user",
            "\t",
            "utf-8",
            header=True,
            columns=("user_id:token", "age:token", "gender:token", "occupation:token"),
        ),
        item_values=recbole_item,
    )


def find_layout(folder: Path) -> Layout | None:
    """The layout of the data in a folder, or None when none is known."""
    for layout in GROUPLENS:
        if (folder / layout.ratings.file).is_file():
            return layout
    ratings = next(iter(sorted(folder.glob("*.inter"))), None)
    return recbole(ratings) if ratings else None
