"""Interactions as numbers: what every recipe learns from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy import sparse


@dataclass(frozen=True)
class Events:
    """Interactions sorted by user, then time, then item.

    users, items: int32 codes, one per event. Item codes are ranks of popularity (0 = most events; ties by id), user
    codes follow the order of the ids: so the same data give the same codes whatever the order of their rows.

    What only some recipes need may be missing. times: seconds since 1970, one per event. weights: how much each event
    counts as something to predict, None = all the same. context: (events, features) of 0 and 1, the circumstances of
    each event.
    """

    users: NDArray[np.int32]
    items: NDArray[np.int32]
    n_users: int
    n_items: int
    times: NDArray[np.int64] | None = None
    weights: NDArray[np.float32] | None = None
    context: sparse.csr_matrix | None = None

    def __len__(self) -> int:
        return len(self.users)

    @property
    def offsets(self) -> NDArray[np.int64]:
        """Start of each user's events, and the end: shape (n_users + 1,)."""
        counts = np.bincount(self.users, minlength=self.n_users)
        return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)

    @property
    def item_counts(self) -> NDArray[np.int64]:
        """Number of events of each item: shape (n_items,)."""
        return np.bincount(self.items, minlength=self.n_items).astype(np.int64)

    def events_after(self) -> NDArray[np.int64]:
        """For each event, how many later events its user has: shape (len,)."""
        return self.offsets[self.users + 1] - np.arange(len(self)) - 1

    def of_users(self, chosen: NDArray[np.bool_]) -> Events:
        """The events of the users marked True; codes stay."""
        return self.where(chosen[self.users])

    def where(self, keep: NDArray[np.bool_]) -> Events:
        """The events marked True; codes stay."""
        return Events(
            self.users[keep],
            self.items[keep],
            self.n_users,
            self.n_items,
            None if self.times is None else self.times[keep],
            None if self.weights is None else self.weights[keep],
            None if self.context is None else self.context[keep],
        )

    def history(self, user: int) -> NDArray[np.int32]:
        """Items of one user, oldest first."""
        offsets = self.offsets
        return self.items[offsets[user] : offsets[user + 1]]

    def last(self, count: int) -> Events:
        """The newest `count` events of each user."""
        return self.where(self.events_after() < count)
