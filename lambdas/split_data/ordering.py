"""The order of events that a split needs: by user and time, the same whatever order the rows came in.

One argsort of one packed integer a row is what makes 25 million rows a matter of seconds. Rows that share a
user and a second are then ordered by item, and rows that share these too by their remaining columns, so that
nothing depends on the order of rows or files; what is equal in every column is one event, as the service
counts it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lambdas.split_data.schema import ITEM_ID, KEYS, TIMESTAMP, USER_ID

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

_KEY_BITS = 63


@dataclass(frozen=True, slots=True)
class Histories:
    """Interactions in the order of user id, time, item id and remaining columns, without exact duplicates.

    `frame` holds the rows as they were read, duplicates too; `order` the positions in it, one an event;
    `users` the user's code of each event in that order; `duplicates` how many rows were left out.
    """

    frame: pd.DataFrame
    order: NDArray[np.int64]
    users: NDArray[np.int32]
    duplicates: int

    def codes(self, column: str) -> NDArray[np.int32]:
        """Codes of a categorical column, event by event."""
        return codes(self.frame, column)[self.order]

    def times(self) -> NDArray[np.int64]:
        """Unix seconds, event by event."""
        return self.frame[TIMESTAMP].to_numpy()[self.order]


def histories(frame: pd.DataFrame) -> Histories:
    """Order the rows of a frame as `reading` makes it, and leave out exact duplicates."""
    users = codes(frame, USER_ID)
    order, tied = _sort(users, frame[TIMESTAMP].to_numpy())
    repeated = np.zeros(0, dtype=np.int64)
    if len(tied):
        order, alike = _sort_ties(frame, order, tied)
        if len(alike):
            repeated = _settle(frame, order, alike)
    kept = np.delete(order, repeated) if len(repeated) else order
    return Histories(frame=frame, order=kept, users=users[kept], duplicates=len(repeated))


def codes(frame: pd.DataFrame, column: str) -> NDArray[np.int32]:
    """Codes of a categorical column, row by row, as 32-bit integers."""
    return np.asarray(frame[column].cat.codes, dtype=np.int32)


def _sort(
    major: NDArray[np.integer], minor: NDArray[np.integer]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Positions ordered by (major, minor), and the places in that order whose pair is not unique.

    `major` must not be negative. Both are packed into one integer where they fit, which they do for any
    plausible time; a sort by two keys takes over where they do not.
    """
    least = int(minor.min())
    low_bits = (int(minor.max()) - least).bit_length()
    if int(major.max()).bit_length() + low_bits > _KEY_BITS:
        order = np.lexsort((minor, major))
        pairs = np.stack((major[order], minor[order]))
        same = (pairs[:, 1:] == pairs[:, :-1]).all(axis=0)
    else:
        # In place: each array of this length is 200 MB at 25 million rows.
        key = major.astype(np.int64)
        key <<= low_bits
        key += minor
        key -= least
        order = np.argsort(key)
        key = key[order]
        same = key[1:] == key[:-1]
    tied = np.zeros(len(order), dtype=bool)
    tied[1:] = same
    tied[:-1] |= same
    return order, np.flatnonzero(tied)


def _sort_ties(
    frame: pd.DataFrame, order: NDArray[np.int64], tied: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Order the tied places by item; returns the order and the places that are alike in item too."""
    rows = order[tied]
    users, times = codes(frame, USER_ID)[rows], frame[TIMESTAMP].to_numpy()[rows]
    starts = np.ones(len(rows), dtype=bool)
    starts[1:] = (users[1:] != users[:-1]) | (times[1:] != times[:-1])
    by_item, alike = _sort(np.cumsum(starts), codes(frame, ITEM_ID)[rows])
    order[tied] = rows[by_item]
    return order, tied[alike]


def _settle(frame: pd.DataFrame, order: NDArray[np.int64], alike: NDArray[np.int64]) -> NDArray[np.int64]:
    """Order places alike in user, time and item by their other columns; returns those to leave out.

    Changes `order` in place. Of rows equal in all columns, which come to lie together, the first is kept.
    """
    rows = frame.iloc[order[alike]].reset_index(drop=True)
    others = [name for name in frame.columns if name not in KEYS]
    if others:
        rows = rows.sort_values([USER_ID, TIMESTAMP, ITEM_ID, *others])
        order[alike] = order[alike][rows.index.to_numpy()]
    again: NDArray[np.int64] = alike[rows.duplicated().to_numpy()]
    return again
