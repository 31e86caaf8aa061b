"""The lists that a replay got, pair by pair, as it wrote them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet

from lambdas.shared.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_COLUMNS = pa.schema(
    [
        ("pair", pa.int32()),
        ("user_a", pa.string()),
        ("user_b", pa.string()),
        ("events", pa.int32()),
        ("list_a", pa.list_(pa.string())),
        ("list_b", pa.list_(pa.string())),
    ]
)

Items = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two users. lists: by the number of B's events that A had been sent, A's list and B's at that moment.

    It begins with 0 events; the last number is that of all of B's events.
    """

    number: int
    user_a: str
    user_b: str
    lists: Mapping[int, tuple[Items, Items]]

    @property
    def all_events(self) -> int:
        """How many of B's events the replay sent at most."""
        return max(self.lists)

    def at(self, events: int | None) -> tuple[Items, Items]:
        """The lists after `events` of B's events, or after all of them (None, or when B has fewer)."""
        known = max(count for count in self.lists if events is None or count <= events)
        return self.lists[known]


@dataclass(frozen=True, slots=True)
class ReplayFile:
    """The pairs that can be judged, ascending by number, and what else was found in the file."""

    pairs: tuple[Pair, ...]
    rows: int
    duplicate_rows: int
    incomplete_pairs: int


def read_replay(path: Path) -> ReplayFile:
    """Read the lists that a replay got. Raises DataError when the file or a value cannot be used.

    A second row of a pair and number of events is counted and not used; a pair without a row before the first
    event or without one after it is counted and left out.
    """
    try:
        table = pyarrow.parquet.read_table(path, columns=_COLUMNS.names).cast(_COLUMNS)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, KeyError, ValueError, OSError) as error:
        raise DataError(
            f"Replay {path.name} cannot be read: it needs the columns {', '.join(_COLUMNS.names)}, as the replay "
            f"writes them; {error}"
        ) from error
    for name in ("pair", "user_a", "user_b", "events"):
        if table[name].null_count:
            raise DataError(f"Replay {path.name}: column {name} has {table[name].null_count} missing values.")
    users: dict[int, tuple[str, str]] = {}
    lists: dict[int, dict[int, tuple[Items, Items]]] = {}
    duplicates = 0
    for row in table.to_pylist():
        own = lists.setdefault(row["pair"], {})
        if users.setdefault(row["pair"], (row["user_a"], row["user_b"])) != (row["user_a"], row["user_b"]):
            raise DataError(f"Replay {path.name}: pair {row['pair']} has rows of different users.")
        duplicates += row["events"] in own
        own.setdefault(row["events"], (_items(row["list_a"]), _items(row["list_b"])))
    whole = (number for number in sorted(lists) if 0 in lists[number] and max(lists[number]) > 0)
    pairs = tuple(Pair(number, *users[number], lists[number]) for number in whole)
    return ReplayFile(pairs, table.num_rows, duplicates, len(lists) - len(pairs))


def _items(values: Iterable[str | None] | None) -> Items:
    """A list without repeats and missing values; a missing list is an empty one."""
    return tuple(dict.fromkeys(item for item in values or () if item is not None))
