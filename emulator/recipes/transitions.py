"""Transition nearest neighbours: which items follow which, within a few steps, sparse and for the whole catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from emulator.recipes.lagged_pairs import pairs_at

if TYPE_CHECKING:
    from emulator.recipes.events import Events

STEPS = 10
STEP_DECAY = 3.0
SOURCE_POWER = 0.5
TARGET_POWER = 0.3
"""T[i, j] = Σ exp(-(lag-1)/3) over i → j within 10 steps, over count(i)^.5 count(j)^.3: popular items count, but less
than their counts say."""

NEIGHBOURS = 200


class TransitionStatistics:
    """Weighted counts of i → j; add up over users. Held as (items, items) sparse rows."""

    def __init__(self, n_items: int) -> None:
        self._sums = sparse.csr_matrix((n_items, n_items), dtype=np.float32)
        self._counts = np.zeros(n_items, dtype=np.int64)

    def add(self, events: Events) -> None:
        """Takes in the sequences of some users, one lag at a time: memory is that of one lag's pairs."""
        self._counts += events.item_counts
        for lag in range(1, STEPS + 1):
            earlier, later = pairs_at(events, lag)
            weights = np.full(len(earlier), np.exp(-(lag - 1) / STEP_DECAY), np.float32)
            if events.weights is not None:
                weights *= events.weights[later]
            pairs = (events.items[earlier], events.items[later])
            self._sums += sparse.csr_matrix((weights, pairs), shape=self._sums.shape)

    def neighbours(self) -> sparse.csr_matrix:
        """T with the strongest NEIGHBOURS entries of each row."""
        counts = np.maximum(self._counts, 1).astype(np.float64)
        scaled = sparse.diags_array(counts**-SOURCE_POWER) @ self._sums
        scaled = sparse.csr_matrix(scaled @ sparse.diags_array(counts**-TARGET_POWER), dtype=np.float32)
        return strongest(scaled, NEIGHBOURS)


def strongest(matrix: sparse.csr_matrix, per_row: int) -> sparse.csr_matrix:
    """Keeps the highest `per_row` values of each row; of equal ones those of the popular items (lower columns)."""
    matrix.sort_indices()
    kept = np.ones(matrix.nnz, bool)
    for row in np.nonzero(np.diff(matrix.indptr) > per_row)[0]:
        part = slice(matrix.indptr[row], matrix.indptr[row + 1])
        values = matrix.data[part]
        least = np.partition(values, len(values) - per_row)[len(values) - per_row]
        above = values > least
        kept[part] = above
        kept[part.start + np.nonzero(values == least)[0][: per_row - np.count_nonzero(above)]] = True
    starts = np.concatenate([[0], np.cumsum(kept)])[matrix.indptr]
    return sparse.csr_matrix((matrix.data[kept], matrix.indices[kept], starts), shape=matrix.shape)
