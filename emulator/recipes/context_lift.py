"""What the context of a request says about items: how much more often an item is taken in it than otherwise.

For a feature c of the context (one value of one column) and an item i,

    lift(c, i) = P(c | i) / P(c),   P(c | i) = (n(c, i) + κ P(c)) / (n(i) + κ)

where n counts events that have a value in the column, and κ events as they usually are keep rare items near 1. By
Bayes' rule the probability of an item is multiplied by its lift: P(i | history, c) is proportional to P(i | history)
lift(c, i), if history and context are independent given the item. Several columns are taken as independent, too. This
is contextual post-filtering by weights (Adomavicius and Tuzhilin 2011, "Context-Aware Recommender Systems").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from emulator.recipes.events import Events

SMOOTHING = 10.0
"""κ, in events."""


@dataclass(frozen=True)
class ContextLift:
    """counts: (features, items), events of each item with each feature; columns: of each feature a column's number."""

    counts: sparse.csr_matrix
    columns: NDArray[np.int32]

    @classmethod
    def empty(cls, columns: Sequence[str], n_items: int) -> ContextLift:
        """Nothing seen yet. columns: the name of each feature's column."""
        names = list(dict.fromkeys(columns))
        numbers = np.array([names.index(name) for name in columns], np.int32)
        return cls(sparse.csr_matrix((len(columns), n_items), dtype=np.float32), numbers)

    def plus(self, events: Events) -> ContextLift:
        """With further events; those without context change nothing."""
        if events.context is None:
            return self
        starts = np.arange(len(events) + 1)
        items = sparse.csr_matrix(
            (np.ones(len(events), np.float32), events.items, starts), shape=(len(events), events.n_items)
        )
        return ContextLift(sparse.csr_matrix(self.counts + events.context.T @ items), self.columns)

    def log_lifts(self, contexts: sparse.csr_matrix) -> NDArray[np.float32]:
        """(requests, items): Σ log lift over the features of each context, (requests, features) of 0 and 1."""
        found = np.zeros((contexts.shape[0], self.counts.shape[1]), np.float32)
        for row, feature in zip(*contexts.nonzero(), strict=True):
            found[row] += self._log_lift(int(feature))
        return found

    def _log_lift(self, feature: int) -> NDArray[np.float32]:
        column = self.counts[self.columns == self.columns[feature]]
        events = np.asarray(column.sum(axis=0)).ravel()
        with_feature = self.counts[[feature]].toarray().ravel()
        usual = with_feature.sum() / max(1.0, events.sum())
        if not usual:
            return np.zeros(len(events), np.float32)
        lift = (with_feature + SMOOTHING * usual) / (events + SMOOTHING) / usual
        logarithms: NDArray[np.float32] = np.log(lift).astype(np.float32)
        return logarithms
