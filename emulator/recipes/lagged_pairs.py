"""Sums over pairs of events of one user that lie a number of steps apart.

Every statistic of the sequence recipes is such a sum: matrix[i, j] = Σ weight(lag) over all pairs where a user took
item i and, `lag` events later, item j. It adds up over users, costs (events x lags), and needs no design matrix.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from emulator.recipes.events import Events


def pairs_at(events: Events, lag: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Positions (earlier, later) of all pairs of events of one user exactly `lag` events apart."""
    earlier = np.nonzero(events.events_after() >= lag)[0]
    return earlier, earlier + lag


def add_pairs(
    matrix: NDArray[np.float32],
    events: Events,
    lags: range,
    weight: Callable[[int, NDArray[np.int64]], NDArray[np.float32] | np.float32],
) -> None:
    """Adds weight(lag, later) to matrix[item of earlier, item of later] for every pair at the given lags.

    matrix: (size, size) float32, contiguous. Pairs with an item code of `size` or more are left out: codes are ranks
    of popularity, so a matrix covers the most popular `size` items. later: positions of the later events.
    """
    size = matrix.shape[0]
    flat = matrix.reshape(-1)
    for lag, earlier, later in _head_pairs(events, lags, size):
        index = events.items[earlier].astype(np.int64) * size + events.items[later]
        np.add.at(flat, index, np.broadcast_to(weight(lag, later), index.shape))


def _head_pairs(
    events: Events, lags: range, size: int
) -> Iterator[tuple[int, NDArray[np.int64], NDArray[np.int64]]]:
    after = events.events_after()
    head = events.items < size
    starts = np.nonzero(head)[0]
    for lag in lags:
        earlier = starts[after[starts] >= lag]
        if not len(earlier):
            return
        later = earlier + lag
        both = head[later]
        yield lag, earlier[both], later[both]
        starts = earlier
