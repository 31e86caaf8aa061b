"""What features of users add to the sequential linear model: sums that join its normal equations.

The traits u of a user are further inputs at every position of the user's sequence. As they do not change along it, each
entry of XᵀX and XᵀY with a trait is a sum over the user's events, weighted by how many positions follow (for the
histories) or come before (for the targets): like all other statistics it needs no design matrix and adds up over users.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from emulator.recipes.sequential_linear import MEMORIES, REACHES, WINDOW, WINDOW_DECAY, positions_seeing

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from emulator.recipes.events import Events


@dataclass
class TraitStatistics:
    """with_history: (2 size, traits), with_traits: (traits, traits), cross: (traits, size).

    users: (users, traits) of 0 and 1.
    """

    users: sparse.csr_matrix
    with_history: NDArray[np.float32]
    with_traits: NDArray[np.float32]
    cross: NDArray[np.float32]

    @classmethod
    def empty(cls, size: int, users: sparse.csr_matrix) -> TraitStatistics:
        """Nothing seen yet."""
        traits = users.shape[1]
        return cls(
            users,
            np.zeros((len(MEMORIES) * size, traits), np.float32),
            np.zeros((traits, traits), np.float32),
            np.zeros((traits, size), np.float32),
        )

    def add(self, events: Events) -> None:
        """Takes in the sequences of some users."""
        size = self.cross.shape[1]
        users = self.users[: events.n_users]
        after = events.events_after()
        for block, tau in enumerate(MEMORIES):
            lasting = positions_seeing(float(np.exp(-1 / tau)), REACHES[block])
            seen = _by_user(events, lasting[np.minimum(after, REACHES[block])], size)
            self.with_history[block * size : (block + 1) * size] += (seen.T @ users).toarray()
        positions = np.bincount(events.users, minlength=events.n_users).astype(np.float32)
        self.with_traits += (users.T @ sparse.diags_array(positions) @ users).toarray()
        before = np.arange(len(events)) - events.offsets[events.users]
        ahead = np.cumsum(np.exp(-np.arange(WINDOW) / WINDOW_DECAY))[np.minimum(before, WINDOW - 1)]
        targets = _by_user(events, ahead if events.weights is None else ahead * events.weights, size)
        self.cross += (users.T @ targets).toarray()


def _by_user(events: Events, weights: NDArray[np.floating], size: int) -> sparse.csr_matrix:
    """(users, size): Σ of the weights of each user's events of each item of the head."""
    head = events.items < size
    return sparse.csr_matrix(
        (weights[head].astype(np.float32), (events.users[head], events.items[head])),
        shape=(events.n_users, size),
    )
