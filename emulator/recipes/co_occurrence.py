"""What is counted for related items: which items come near which, in order, and how many users took each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from emulator.recipes.lagged_pairs import pairs_at

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from emulator.recipes.events import Events

REACH = 30
REACH_DECAY = 10.0
"""A pair of events of one user counts exp(-(lag - 1) / REACH_DECAY), and nothing beyond REACH events apart."""

BEFORE = 0.7
"""What came before an item counts so much as a neighbour, against 1 for what came after it."""

UNIT = 256
"""Sums are whole numbers of 1 / UNIT: they are exact, in whatever order users are added."""

PAIRS_AT_ONCE = 4_000_000
LEARNED_EVENTS = 500_000
"""Above this many events whole users are left out of the sums, evenly over the user codes."""


class CoOccurrence:
    """Sums that add up over users.

    counts: events of each item; takers: users of each item. together(): the weighted sums, often(): numbers of pairs.
    """

    def __init__(self, item_counts: NDArray[np.int64]) -> None:
        size = len(item_counts)
        self.counts = np.zeros(size, np.int64)
        self.takers = np.zeros(size, np.int64)
        self._after = sparse.csr_matrix((size, size), dtype=np.int32)
        self._pairs = sparse.csr_matrix((size, size), dtype=np.int32)
        self._stride = max(1, -(-int(item_counts.sum()) // LEARNED_EVENTS))

    def add(self, events: Events) -> None:
        """Takes in the sequences of some users."""
        self.counts += events.item_counts
        taken = np.unique(events.users.astype(np.int64) * events.n_items + events.items)
        self.takers += np.bincount(taken % events.n_items, minlength=events.n_items)
        learned = events if self._stride == 1 else events.where(events.users % self._stride == 0)
        lags = max(1, PAIRS_AT_ONCE // max(1, len(learned)))
        for first in range(1, REACH + 1, lags):
            found = [(lag, *pairs_at(learned, lag)) for lag in range(first, min(first + lags, REACH + 1))]
            earlier = learned.items[np.concatenate([pair[1] for pair in found])]
            later = learned.items[np.concatenate([pair[2] for pair in found])]
            weights = np.repeat([weight_of(lag) for lag, *_ in found], [len(pair[1]) for pair in found])
            self._after = self._after + self._sums(weights, earlier, later)
            self._pairs = self._pairs + self._sums(np.ones_like(weights), earlier, later)

    def _sums(
        self, values: NDArray[np.int64], rows: NDArray[np.int32], columns: NDArray[np.int32]
    ) -> sparse.csr_matrix:
        return sparse.csr_matrix((values.astype(np.int32), (rows, columns)), shape=self._after.shape)

    def together(self) -> sparse.coo_matrix:
        """(items, items): Σ of the weights of an item j after i, and BEFORE times those of j before i; i ≠ j."""
        return _off_diagonal(self._after.astype(np.float32) + np.float32(BEFORE) * self._after.T, 1 / UNIT)

    def often(self) -> sparse.coo_matrix:
        """(items, items): how many pairs there are, in either order; its entries are those of `together`."""
        return _off_diagonal(self._pairs + self._pairs.T, 1)


def weight_of(lag: int) -> int:
    """The weight of a pair that lies `lag` events apart, in units of 1 / UNIT."""
    return round(UNIT * float(np.exp(-(lag - 1) / REACH_DECAY)))


def _off_diagonal(matrix: sparse.csr_matrix, scale: float) -> sparse.coo_matrix:
    """Entries by row and column, so that matrices with the same pairs have them at the same places."""
    rows = sparse.csr_matrix(matrix)
    rows.sort_indices()
    found = rows.tocoo()
    apart = found.row != found.col
    values = (found.data[apart] * scale).astype(np.float32)
    return sparse.coo_matrix((values, (found.row[apart], found.col[apart])), shape=found.shape)


def between_percentiles(counts: NDArray[np.int64], chosen: Mapping[str, str]) -> NDArray[np.bool_]:
    """The items that are trained on: their number of events lies between two percentiles of all items' numbers."""
    able = counts[counts > 0]
    if not len(able):
        return np.zeros(len(counts), bool)
    low, high = (float(chosen[f"{bound}_item_interaction_count_percentile"]) for bound in ("min", "max"))
    fewest, most = np.quantile(able, [low, max(low, high)], method="inverted_cdf")
    within: NDArray[np.bool_] = (counts >= fewest) & (counts <= most)
    return within
