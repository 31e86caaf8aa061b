"""What models are asked, what they answer, and how both travel between processes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import pyarrow as pa
from pyarrow import feather

from benchmarks.recipe_data import Tables

LENGTH = 25
_LISTS = pa.list_(pa.string())


@dataclass(frozen=True)
class Questions:
    """One list is asked for each of `users`; the other members are parallel to it, or empty.

    items: the item whose relatives are wanted, for models of related items. recent: what the user took after the
    training, oldest first. removed: what must not be in the list. only: the items that may be, None = all.
    """

    users: list[str]
    items: list[str] = field(default_factory=list)
    recent: list[list[str]] = field(default_factory=list)
    removed: list[list[str]] = field(default_factory=list)
    only: list[str] | None = None

    def write(self, path: Path) -> None:
        """Write a file that `read` reads."""
        count = len(self.users)
        table = pa.table(
            {
                "users": pa.array(self.users, pa.string()),
                "items": pa.array(self.items or [""] * count, pa.string()),
                "recent": pa.array(self.recent or [[]] * count, _LISTS),
                "removed": pa.array(self.removed or [[]] * count, _LISTS),
            }
        )
        if self.only is not None:
            table = table.append_column(
                "only", pa.array([self.only] * min(1, count) + [[]] * (count - 1), _LISTS)
            )
        feather.write_feather(table, str(path))

    def part(self, rows: slice) -> Questions:
        """Some of the questions."""
        return Questions(self.users[rows], self.items[rows], self.recent[rows], self.removed[rows], self.only)

    @classmethod
    def read(cls, path: Path) -> Questions:
        """What `write` wrote."""
        columns = feather.read_table(str(path)).to_pydict()
        only = columns.pop("only", None)
        return cls(**columns, only=None if only is None else only[0])


class Model(Protocol):
    """A trained recommender that knows ids."""

    def lists(self, questions: Questions) -> list[list[str]]:
        """LENGTH items for each question, best first; fewer where there are no more."""


Train = Callable[[Tables, float], Model]
"""Makes a model of tables. The seconds are for models that are never done: so long they may train."""


def write_lists(lists: Sequence[Sequence[str]], path: Path) -> None:
    """Write the answers to a file of questions."""
    feather.write_feather(pa.table({"lists": pa.array(lists, _LISTS)}), str(path))


def read_lists(path: Path) -> list[list[str]]:
    """What `write_lists` wrote."""
    lists: list[list[str]] = feather.read_table(str(path))["lists"].to_pylist()
    return lists
