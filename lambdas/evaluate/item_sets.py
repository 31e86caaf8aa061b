"""A set of items for each user, kept as two flat arrays, and membership of whole lists at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Iterator

IntArray = NDArray[np.integer[Any]]
BoolArray = NDArray[np.bool_]

# Bytes of the table of flags that membership works with: it should stay in a processor's cache.
FLAG_BYTES = 16 << 20


@dataclass(frozen=True, slots=True)
class ItemSets:
    """The distinct items of n users: user u has `items[starts[u]:starts[u + 1]]`, ascending item codes."""

    starts: NDArray[np.int64]
    items: NDArray[np.int32]
    n_items: int

    @classmethod
    def of_pairs(cls, users: IntArray, items: IntArray, *, n_users: int, n_items: int) -> ItemSets:
        """Sets from parallel arrays of user codes and item codes, in any order, pairs repeated or not."""
        width = max(n_items, 1)
        keys = users.astype(np.int64)
        keys *= width
        keys += items
        keys.sort()
        if keys.size:
            first = np.empty(keys.size, dtype=np.bool_)
            first[0] = True
            np.not_equal(keys[1:], keys[:-1], out=first[1:])
            keys = keys[first]
        starts = np.searchsorted(keys, np.arange(n_users + 1, dtype=np.int64) * width)
        keys %= width
        return cls(starts.astype(np.int64), keys.astype(np.int32), n_items)

    @property
    def n_users(self) -> int:
        """How many users there are, with or without items."""
        return len(self.starts) - 1

    @property
    def sizes(self) -> NDArray[np.int64]:
        """Number of distinct items of every user, shape (n_users,)."""
        return np.diff(self.starts)

    def contains(self, users: IntArray, lists: NDArray[np.int32]) -> BoolArray:
        """Which entries of each user's list are in that user's set.

        `users` has shape (m,), `lists` (m, length) with item codes; codes outside 0..n_items-1 (padding,
        unknown items) are in no set. The work is one pass over the users' items and one over the lists.
        """
        width = self.n_items + 2  # one column in front for padding (-1), one behind for unknown items
        rows = max(1, min(len(users), FLAG_BYTES // width))
        flags = np.zeros(rows * width, dtype=np.bool_)
        found = np.empty(lists.shape, dtype=np.bool_)
        for begin in range(0, len(users), rows):
            block = slice(begin, begin + rows)
            row, items = _items_of(self, users[block])
            marks = row * width + items + 1
            flags[marks] = True
            codes = np.clip(lists[block], -1, self.n_items).astype(np.int64)
            codes += np.arange(len(codes), dtype=np.int64)[:, np.newaxis] * width + 1
            found[block] = flags[codes]
            flags[marks] = False
        return found

    def shared_with(self, other: ItemSets) -> int:
        """Number of (user, item) pairs that both have. Both are over the same users and items."""
        width = max(self.n_items, 1)
        rows = max(1, min(self.n_users, FLAG_BYTES // width))
        flags = np.zeros(rows * width, dtype=np.bool_)
        shared = 0
        for begin in range(0, self.n_users, rows):
            users = np.arange(begin, min(begin + rows, self.n_users))
            mine, theirs = (
                row * width + items for row, items in (_items_of(self, users), _items_of(other, users))
            )
            flags[mine] = True
            shared += int(np.count_nonzero(flags[theirs]))
            flags[mine] = False
        return shared

    def blocks(self, max_items: int) -> Iterator[tuple[int, int]]:
        """Ranges of users, each with at most `max_items` items, or a single user."""
        begin = 0
        while begin < self.n_users:
            limit = self.starts[begin] + max_items
            end = int(np.searchsorted(self.starts, limit, side="right")) - 1
            end = min(max(end, begin + 1), self.n_users)
            yield begin, end
            begin = end


def _items_of(sets: ItemSets, users: IntArray) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """All items of these users, each with the position of its user in `users`."""
    begins = sets.starts[users]
    sizes = sets.starts[np.asarray(users) + 1] - begins
    row = np.repeat(np.arange(len(users), dtype=np.int64), sizes)
    offsets = np.arange(row.size, dtype=np.int64) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return row, sets.items[np.repeat(begins, sizes) + offsets]
