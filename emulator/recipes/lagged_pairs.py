"""Pairs of events of one user that lie a number of steps apart.

Every statistic of the sequence recipes is a sum over them: matrix[i, j] = Σ weight(lag) over all pairs where a user
took item i and, `lag` events later, item j. It adds up over users, costs (events x lags), needs no design matrix.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from emulator.recipes.events import Events


def pairs_at(events: Events, lag: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Positions (earlier, later) of all pairs of events of one user exactly `lag` events apart."""
    earlier = np.nonzero(events.events_after() >= lag)[0]
    return earlier, earlier + lag


def head_pairs(
    events: Events, furthest: int, size: int
) -> Iterator[tuple[int, NDArray[np.int64], NDArray[np.int64]]]:
    """(lag, earlier, later) for the lags from 1 to `furthest`, as long as there are pairs.

    Pairs with an item code of `size` or more are left out: codes are ranks of popularity, so what stays are pairs of
    the most popular `size` items.
    """
    after = events.events_after()
    head = events.items < size
    starts = np.nonzero(head)[0]
    for lag in range(1, furthest + 1):
        starts = starts[after[starts] >= lag]
        if not len(starts):
            return
        both = head[starts + lag]
        earlier = starts[both]
        yield lag, earlier, earlier + lag
