"""The layouts that ratings come in, each with what is read from which file.

GroupLens publishes MovieLens as `u.data` (100K), `ratings.dat` (1M, 10M) and `ratings.csv` (20M, 25M, 32M and
latest); RecBole writes tab-separated files with typed headers such as `user_id:token`.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from local.datasets.dataset import DatasetError

Rows = Iterator[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Source:
    """One file: how its lines are cut into values, and the columns to take, in the order they are wanted.

    Without a `header` the columns are places (`"0"`, `"1"`, …) in the line.
    """

    file: str
    separator: str
    encoding: str
    header: bool
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """How one data set lies in a folder. `ratings` takes user, item, rating and time; the others may be absent."""

    name: str
    ratings: Source
    items: Source | None = None
    users: Source | None = None
    item_values: Callable[[Path, Sequence[str]], tuple[str, ...]] | None = None


def rows(folder: Path, source: Source) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Line number and the wanted values of each line. Raises DatasetError for a line that lacks some."""
    path = folder / source.file
    with path.open(encoding=source.encoding, newline="") as lines:
        records = _records(lines, source.separator)
        places = (
            _places(path, next(records, []), source) if source.header else [int(c) for c in source.columns]
        )
        least = max(places) + 1
        for number, record in enumerate(records, 2 if source.header else 1):
            if len(record) < least:
                if record in ([], [""]):
                    continue
                raise DatasetError(
                    f"{path}, line {number}: {len(record)} values and not {least} or more, separated by "
                    f"{source.separator!r}. Download the data again, or mend the line."
                )
            yield number, tuple(record[place] for place in places)


def _records(lines: Iterator[str], separator: str) -> Iterator[list[str]]:
    """Lines cut into values; only files separated by commas quote theirs."""
    if separator == ",":
        return csv.reader(lines)
    return (line.rstrip("\r\n").split(separator) for line in lines)


def _places(path: Path, header: Sequence[str], source: Source) -> list[int]:
    missing = [name for name in source.columns if name not in header]
    if missing:
        raise DatasetError(
            f"{path}, line 1: the column {missing[0]!r} is missing (found: {', '.join(header)}). "
            "Give a data set that has it."
        )
    return [list(header).index(name) for name in source.columns]


def ml_100k_item(folder: Path, values: Sequence[str]) -> tuple[str, ...]:
    """An item of `u.item`: id, title, and a flag for each genre in the order of `u.genre`."""
    names = _genres_of_100k(folder)
    genres = [name for name, flag in zip(names, values[2:], strict=False) if flag == "1"]
    return values[0], values[1], "|".join(genres)


def _genres_of_100k(folder: Path) -> list[str]:
    lines = (folder / "u.genre").read_text(encoding="latin-1").splitlines()
    return [line.split("|")[0] for line in lines if line]


def recbole_item(_: Path, values: Sequence[str]) -> tuple[str, ...]:
    """An item of RecBole's: id, title and genres separated by blanks."""
    return values[0], values[1], "|".join(values[2].split())


GROUPLENS: tuple[Layout, ...] = (
    Layout(
        name="ml-100k",
        ratings=Source("u.data", "\t", "utf-8", header=False, columns=("0", "1", "2", "3")),
        items=Source(
            "u.item",
            "|",
            "latin-1",
            header=False,
            columns=("0", "1", *(str(place) for place in range(5, 24))),
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
            columns=("item_id:token", "movie_title:token_seq", "class:token_seq"),
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
