"""What a model must beat: lists made by counting, from the training part only.

Item codes are places in the order of popularity (see interactions.py), so the popularity list is 0, 1, 2, …
Ties are broken by popularity and then by item id: the order of the rows changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from lambdas.evaluate.interactions import EvaluationData
    from lambdas.evaluate.item_sets import ItemSets

PRIMARY_BASELINE = "popularity_without_seen"
BASELINES = ("popularity", PRIMARY_BASELINE, "recent_popularity", "recent_popularity_without_seen")

# For items that training does not hold; see cold_baselines.py.
PRIMARY_COLD_BASELINE = "popular_genres"
COLD_BASELINES = ("random_held_out", PRIMARY_COLD_BASELINE, "popular_genres_of_user")

# Items of users handled at once: bounds the memory of `first_unseen` to some 100 MB.
_BLOCK_ITEMS = 4 << 20


def baseline_lists(name: str, data: EvaluationData, length: int) -> NDArray[np.int32]:
    """The lists of one baseline, shape (users, length), -1 where the catalogue is exhausted.

    Raises KeyError for a name that is not in BASELINES.
    """
    if name not in BASELINES:
        raise KeyError(name)
    order = np.arange(data.catalogue_size)
    if name.startswith("recent_"):
        order = by_recent_popularity(data.recent_counts)
    if name.endswith("_without_seen"):
        return first_unseen(order, data.seen, length)
    same = np.full(length, -1, dtype=np.int32)
    same[: min(length, order.size)] = order[:length]
    return np.broadcast_to(same, (data.n_users, length))


def by_recent_popularity(recent_counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Item codes by descending number of recent interactions; ties keep the order of overall popularity."""
    return np.argsort(-recent_counts, kind="stable")


def first_unseen(order: NDArray[np.int64], seen: ItemSets, length: int) -> NDArray[np.int32]:
    """The first `length` items of one order that each user has not seen, shape (users, length), padded with -1.

    Let r0 < r1 < … be the places of a user's seen items in the order. Exactly those seen items with
    r_i - i <= j stand before the j-th unseen item (j from 0), so its place is j plus their number: a count and a
    running sum instead of a walk through the order for every user.
    """
    place = np.empty(seen.n_items, dtype=np.int64)
    place[order] = np.arange(order.size)
    lists = np.empty((seen.n_users, length), dtype=np.int32)
    wanted = np.arange(length)
    for begin, end in seen.blocks(_BLOCK_ITEMS):
        starts = seen.starts[begin : end + 1]
        rows = np.repeat(np.arange(end - begin), np.diff(starts))
        places = np.sort(rows * seen.n_items + place[seen.items[starts[0] : starts[-1]]])
        places -= rows * seen.n_items
        before = places - (np.arange(rows.size) - (starts[:-1] - starts[0])[rows])
        early = before < length
        counts = np.bincount(rows[early] * length + before[early], minlength=(end - begin) * length)
        target = counts.reshape(end - begin, length).cumsum(axis=1) + wanted
        # One more place behind the catalogue stands for "nothing left".
        lists[begin:end] = np.append(order, -1)[np.minimum(target, order.size)]
    return lists
