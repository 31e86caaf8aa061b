"""Two-memory sequential linear model: closed-form regression from what a user did lately to what comes next.

For the position p in a user's sequence the input is two decayed histories, x_τ(p) = Σ_{a<p} exp(-(p-1-a)/τ) e(item a)
over the newest events, for a short and a long memory τ; the target is the window that follows, y(p) = Σ_{0≤j<W} w(p+j)
exp(-j/ω) e(item p+j), with the weights w of events, 1 where none are given. The coefficients are those of ridge
regression, (XᵀX + λI)⁻¹ XᵀY. Because both sides decay exponentially, every entry of XᵀX and XᵀY is a sum over pairs of
events with a weight that depends on their distance and on how many events follow, so the design matrix is never formed.
Close kin: EASE (Steck 2019, arXiv:1905.03375), here with order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from emulator.recipes.lagged_pairs import head_pairs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from emulator.recipes.events import Events

MEMORIES = (3.0, 30.0)
"""τ in events: a short memory for what goes on now, a long one for taste."""

RIDGE = 1000.0
WINDOW = 15
WINDOW_DECAY = 8.0
HISTORY = 60
REACHES = tuple(min(int(4 * tau), HISTORY) for tau in MEMORIES)
"""How many of the newest events a memory holds: 4 τ, as what lies beyond weighs under 2 %, and no more than HISTORY."""

EXACT_ITEMS = 500
"""Pairs of the so many most popular items are added up in double precision: sums over somebody who took one item a
hundred thousand times are so large that single precision would lose most of what is added to them."""


@dataclass
class LinearStatistics:
    """XᵀX and XᵀY of the `size` most popular items; add up over users.

    ordered: (2 size, 2 size), the part of XᵀX that comes from pairs of events with the older one as the row; own: (2,
    2, size), the part of its diagonals that comes from events paired with themselves; cross: (2 size, size), XᵀY. The
    memories' blocks follow one another.
    """

    ordered: NDArray[np.float32]
    own: NDArray[np.float32]
    cross: NDArray[np.float32]

    @classmethod
    def empty(cls, size: int) -> LinearStatistics:
        """Nothing seen yet."""
        memories = len(MEMORIES)
        wide = memories * size
        return cls(
            np.zeros((wide, wide), np.float32),
            np.zeros((memories, memories, size), np.float32),
            np.zeros((wide, size), np.float32),
        )

    @property
    def size(self) -> int:
        """Number of items covered."""
        return int(self.cross.shape[1])

    def add(self, events: Events) -> None:
        """Takes in the sequences of some users."""
        after = np.minimum(events.events_after(), HISTORY).astype(np.int8)
        head = events.items < self.size
        items, lasting = events.items[head], after[head]
        for row, column, seen in _by_memories():
            weights = seen[np.minimum(lasting, _overlap(0, row, column))]
            self.own[row, column] += np.bincount(items, weights, minlength=self.size).astype(np.float32)
        memories, exact = len(MEMORIES), min(self.size, EXACT_ITEMS)
        ordered = np.zeros((memories, exact, memories, exact))
        cross = np.zeros((memories, exact, exact))
        all_ordered = self.ordered.reshape(memories, self.size, memories, self.size)
        all_cross = self.cross.reshape(memories, self.size, self.size)
        for lag, earlier, later in head_pairs(events, max(REACHES) + WINDOW, self.size):
            popular = (events.items[earlier] < exact) & (events.items[later] < exact)
            _add_pairs((ordered, cross), events, after, lag, (earlier[popular], later[popular]))
            _add_pairs((all_ordered, all_cross), events, after, lag, (earlier[~popular], later[~popular]))
        all_ordered[:, :exact, :, :exact] += ordered
        all_cross[:, :exact, :exact] += cross

    def fill_gram(self, target: NDArray[np.float32]) -> None:
        """Writes XᵀX into a (2 size, 2 size) array."""
        np.add(self.ordered, self.ordered.T, out=target)
        diagonal = np.arange(self.size)
        for row, column in np.ndindex(self.own.shape[:2]):
            target[row * self.size + diagonal, column * self.size + diagonal] += self.own[row, column]


def _add_pairs(
    sums: tuple[NDArray[np.floating], NDArray[np.floating]],
    events: Events,
    after: NDArray[np.int8],
    lag: int,
    pairs: tuple[NDArray[np.int64], NDArray[np.int64]],
) -> None:
    """Adds pairs of events, `lag` apart, to `ordered`, (2, size, 2, size), and `cross`, (2, size, size)."""
    (ordered, cross), (earlier, later) = sums, pairs
    older, newer = events.items[earlier].astype(np.int64), events.items[later].astype(np.int64)
    size = cross.shape[1]
    for row, column, seen in _by_memories():
        if (overlap := _overlap(lag, row, column)) > 0:
            # With weights of another type than the sums, np.add.at takes many times as long.
            decayed = (np.float32(np.exp(-lag / MEMORIES[row])) * seen).astype(ordered.dtype)
            places = (row * size + older) * len(MEMORIES) * size + column * size + newer
            np.add.at(ordered.reshape(-1), places, decayed[np.minimum(after[later], overlap)])
    for row in range(len(MEMORIES)):
        if (weight := _into_window(lag, row)) > 0:
            counted = 1.0 if events.weights is None else events.weights[later]
            weights = np.broadcast_to(np.float32(weight) * counted, later.shape).astype(cross.dtype)
            np.add.at(cross.reshape(-1), (row * size + older) * size + newer, weights)


def solve_symmetric(
    system: NDArray[np.float32], target: NDArray[np.float32], ridge: float
) -> NDArray[np.float32]:
    """(system + ridge I)⁻¹ target; the system is overwritten."""
    system[np.diag_indices_from(system)] += np.float32(ridge)
    # LAPACK works on columns: the transposed view of a symmetric matrix saves it a copy.
    factor = cho_factor(system.T, lower=True, overwrite_a=True, check_finite=False)
    solved: NDArray[np.float32] = cho_solve(factor, target, check_finite=False)
    return solved


def positions_seeing(decay: float, most: int) -> NDArray[np.float32]:
    """Σ_{k=0..n-1} decay^k for n from 0 to `most`: how much so many positions after an event see of it."""
    return np.concatenate([[0.0], np.cumsum(decay ** np.arange(most))]).astype(np.float32)


def _by_memories() -> Iterator[tuple[int, int, NDArray[np.float32]]]:
    """Every two memories, and what positions see of two events that are in the one and in the other."""
    for row, tau in enumerate(MEMORIES):
        for column, other in enumerate(MEMORIES):
            yield row, column, positions_seeing(float(np.exp(-1 / tau - 1 / other)), HISTORY)


def _overlap(lag: int, row: int, column: int) -> int:
    """How many positions have both of two events in memory: the older in the one, the newer in the other."""
    return min(REACHES[row] - lag, REACHES[column])


def _into_window(lag: int, row: int) -> float:
    """Σ_p exp(-(p-1-a)/τ) exp(-(c-p)/ω) over the positions p that have event a in memory and c, lag later, in view."""
    ahead = np.arange(min(WINDOW, lag))
    behind = lag - 1 - ahead
    weights = np.exp(-behind / MEMORIES[row] - ahead / WINDOW_DECAY)
    return float(np.sum(weights[behind < REACHES[row]]))
