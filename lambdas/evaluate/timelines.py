"""A few users to show: who they are, what they did last, and what they did next.

They are chosen by a hash of their ids and nothing else: the same users in every run of the same data, whatever the
model answered, and a user who comes or goes changes the choice only by being among the chosen.
"""

from __future__ import annotations

import hashlib
import heapq
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

# How many distinct items of a user's past and future are kept.
PAST_ITEMS = 5
FUTURE_ITEMS = 10


@dataclass(frozen=True, slots=True)
class Timeline:
    """A user (code) to show. Ids of distinct items: the past newest first, the future oldest first."""

    user: int
    past: tuple[str, ...]
    future: tuple[str, ...]


class Rows(Protocol):
    """Interactions as codes into their own dictionaries of user and item ids."""

    @property
    def item_ids(self) -> pa.Array:
        """Ids by item code."""

    @property
    def users(self) -> NDArray[np.int32]:
        """User code of every row."""

    @property
    def items(self) -> NDArray[np.int32]:
        """Item code of every row."""

    @property
    def times(self) -> NDArray[np.int64]:
        """Time of every row."""


def chosen_users(ids: pa.Array, count: int) -> list[int]:
    """Places of the `count` ids with the lowest SHA-256 of their UTF-8 bytes, lowest first; fewer if there are."""
    if not count:
        return []
    digests = [hashlib.sha256(text.encode()).digest() for text in ids.to_pylist()]
    return heapq.nsmallest(count, range(len(digests)), key=digests.__getitem__)


def timelines(
    chosen: Sequence[int],
    past: tuple[Rows, NDArray[np.int32]],
    future: tuple[Rows, NDArray[np.int32]],
) -> tuple[Timeline, ...]:
    """The timelines of the chosen users; each part comes with the user (code) of each of its own user codes."""
    before, after = (_in_order(chosen, rows, owners) for rows, owners in (past, future))
    return tuple(
        Timeline(
            user,
            tuple(dict.fromkeys(reversed(before[user])))[:PAST_ITEMS],
            tuple(dict.fromkeys(after[user]))[:FUTURE_ITEMS],
        )
        for user in chosen
    )


def _in_order(chosen: Sequence[int], rows: Rows, owners: NDArray[np.int32]) -> dict[int, list[str]]:
    """Item ids of the chosen users' rows by time, then by id: the order in which split_data puts events."""
    wanted = np.isin(owners, chosen)  # one flag a user: a pass over the rows then finds the few that count
    places = np.flatnonzero(wanted[rows.users])
    ids = rows.item_ids.take(pa.array(rows.items[places])).to_pylist()
    found: dict[int, list[str]] = {user: [] for user in chosen}
    events = zip(owners[rows.users[places]].tolist(), rows.times[places].tolist(), ids, strict=True)
    for user, _, item in sorted(events):
        found[user].append(item)
    return found
