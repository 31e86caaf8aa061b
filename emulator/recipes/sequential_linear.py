"""Two-memory sequential linear model: closed-form regression from what a user did lately to what comes next.

For the position p in a user's sequence the input is two decayed histories, x_τ(p) = Σ_{a<p} exp(-(p-1-a)/τ) e(item a),
for a short and a long memory τ; the target is the window that follows, y(p) = Σ_{0≤j<W} exp(-j/ω) e(item p+j). The
coefficients are those of ridge regression, (XᵀX + λI)⁻¹ XᵀY. Because both sides decay exponentially, every entry of XᵀX
and XᵀY is a sum over pairs of events with a weight that depends on their distance only (and on how many events follow),
so the design matrix is never formed. Close kin: EASE (Steck 2019, arXiv:1905.03375), here with order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from emulator.recipes.lagged_pairs import add_pairs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from emulator.recipes.events import Events

MEMORIES = (3.0, 30.0)
"""τ in events: a short memory for what goes on now, a long one for taste."""

RIDGE = 1000.0
WINDOW = 15
WINDOW_DECAY = 8.0
FURTHEST = 4.0
"""A memory reaches back this many τ; what lies beyond weighs under 2 %."""


@dataclass
class LinearStatistics:
    """XᵀX and XᵀY of the `size` most popular items; add up over users.

    gram: (2 size, 2 size), cross: (2 size, size); the memories' blocks follow one another.
    """

    gram: NDArray[np.float32]
    cross: NDArray[np.float32]

    @classmethod
    def empty(cls, size: int) -> LinearStatistics:
        """Nothing seen yet."""
        wide = len(MEMORIES) * size
        return cls(np.zeros((wide, wide), np.float32), np.zeros((wide, size), np.float32))

    @property
    def size(self) -> int:
        """Number of items covered."""
        return int(self.cross.shape[1])

    def add(self, events: Events) -> None:
        """Takes in the sequences of some users."""
        after = events.events_after()
        for row, tau in enumerate(MEMORIES):
            rows = self._block(row)
            self.cross[rows] += self._cross_block(events, tau)
            for column, other in enumerate(MEMORIES):
                block = self._older_first(events, after, tau, other)
                self.gram[rows, self._block(column)] += block
                self.gram[self._block(column), rows] += block.T
                twice = self._paired_with_itself(events, _following(after, tau, other))
                diagonal = np.arange(self.size)
                self.gram[rows, self._block(column)][diagonal, diagonal] -= twice

    def _block(self, memory: int) -> slice:
        return slice(memory * self.size, (memory + 1) * self.size)

    def _older_first(
        self, events: Events, after: NDArray[np.int64], tau: float, other: float
    ) -> NDArray[np.float32]:
        """Σ over pairs (a older or equal, b) of Σ_{p>b} exp(-(p-1-a)/tau) exp(-(p-1-b)/other)."""
        block = np.zeros((self.size, self.size), np.float32)
        following = _following(after, tau, other)
        lags = range(int(FURTHEST * tau) + 1)
        add_pairs(block, events, lags, lambda lag, later: np.float32(np.exp(-lag / tau)) * following[later])
        return block

    def _paired_with_itself(self, events: Events, following: NDArray[np.float32]) -> NDArray[np.float32]:
        """An event paired with itself was counted in a block and in the transposed one; it belongs there once."""
        head = events.items < self.size
        twice = np.bincount(events.items[head], following[head], minlength=self.size)
        return twice.astype(np.float32)

    def _cross_block(self, events: Events, tau: float) -> NDArray[np.float32]:
        """Σ over pairs (a, c) with a < c of Σ_{p=a+1..c, c-p<W} exp(-(p-1-a)/tau) exp(-(c-p)/ω)."""
        block = np.zeros((self.size, self.size), np.float32)

        def weight(lag: int, _later: NDArray[np.int64]) -> np.float32:
            ahead = np.arange(min(WINDOW, lag))
            return np.float32(np.sum(np.exp(-(lag - 1 - ahead) / tau - ahead / WINDOW_DECAY)))

        add_pairs(block, events, range(1, int(FURTHEST * tau) + WINDOW), weight)
        return block

    def solve(self, ridge: float = RIDGE) -> NDArray[np.float32]:
        """Ridge coefficients (2 size, size); the statistics stay as they are."""
        if self.size == 0:
            return self.cross.copy()
        system = self.gram.copy()
        system[np.diag_indices_from(system)] += np.float32(ridge)
        factor = cho_factor(system, lower=True, overwrite_a=True, check_finite=False)
        # LAPACK answers in column order; a request reads rows.
        return np.ascontiguousarray(cho_solve(factor, self.cross, check_finite=False))


def _following(after: NDArray[np.int64], tau: float, other: float) -> NDArray[np.float32]:
    """Σ_{k=0..after-1} exp(-k (1/tau + 1/other)): how much the positions after an event see of it."""
    ratio = np.exp(-1 / tau - 1 / other)
    following: NDArray[np.float32] = ((1 - ratio**after) / (1 - ratio)).astype(np.float32)
    return following
