"""The best of many scores, with ties that never depend on chance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

BLOCKS_PER_ITEM = 16
"""The catalogue is cut into so many blocks for each item of a list, so that few besides the best stay in the draw."""

SCORES_AT_ONCE = 4_000_000
"""Scores (requests x items) held at the same time; bounds the memory of large batch jobs to some 150 MB."""


def top_items(scores: NDArray[np.float32], count: int) -> NDArray[np.int32]:
    """Codes of the `count` highest scores of each row, best first; equal scores go by code, the popular item first.

    scores: (requests, items) float32, -inf for what must come last, never NaN.
    """
    requests, width = scores.shape
    count = min(count, width)
    if not requests or not count:
        return np.empty((requests, count), np.int32)
    # As many blocks as items are wanted have a maximum of at least `last`, so there are enough items as high as that.
    block = width // (BLOCKS_PER_ITEM * count)
    maxima = scores if block < 2 else np.maximum.reduceat(scores, np.arange(0, width, block), axis=1)
    last = np.partition(maxima, maxima.shape[1] - count, axis=1)[:, -count, None]
    rows, codes = np.nonzero(scores >= last)
    order = np.lexsort((codes, -scores[rows, codes], rows))
    starts = np.searchsorted(rows, np.arange(requests))
    best: NDArray[np.int32] = codes[order[starts[:, None] + np.arange(count)]].astype(np.int32)
    return best


_LOW_BITS = 0xFFFFFFFF


def sort_keys(scores: NDArray[np.float32], codes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Each score and the code of its column as one integer, so that a partial sort has no ties to break.

    Keys sort by score, equal scores by code, the lower code being the higher key; those of scores from 0 are not
    negative, those of scores below are.
    """
    # The bits of a float order like integers once those of negative numbers are flipped; + 0.0 makes -0.0 equal 0.0.
    bits = (scores + np.float32(0.0)).view(np.int32)
    ordered = np.where(bits < 0, bits ^ np.int32(0x7FFFFFFF), bits).astype(np.int64)
    return np.asarray((ordered << 32) | (_LOW_BITS - codes))


def highest_keys(keys: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """The `count` highest keys of each row, in no order."""
    width = keys.shape[1]
    return keys if count >= width else np.partition(keys, width - count, axis=1)[:, width - count :]


def codes_of(keys: NDArray[np.int64]) -> NDArray[np.int32]:
    """The codes that keys were made of."""
    codes: NDArray[np.int32] = (_LOW_BITS - (keys & _LOW_BITS)).astype(np.int32)
    return codes


def softmax_of(
    scores: NDArray[np.float32],
    items: NDArray[np.int32],
    sharpness: float,
    among: NDArray[np.bool_] | None = None,
) -> NDArray[np.float64]:
    """Probabilities of the given items of each row: exp(sharpness x score) over the sum of that over the row.

    among: which items the sum runs over; the others have no probability (NaN). Items of score -inf have 0.
    """
    # Taken from the highest score on, powers are at most 1, and single precision is enough for them.
    highest = scores.max(axis=1, keepdims=True, initial=np.float32(np.finfo(np.float32).min))
    powers = np.exp(np.float32(sharpness) * (scores - highest))
    total = powers.sum(axis=1, keepdims=True, dtype=np.float64, where=True if among is None else among)
    codes = items.astype(np.int64)
    shown: NDArray[np.float64] = np.take_along_axis(powers, codes, axis=1) / total
    return shown if among is None else np.where(np.take_along_axis(among, codes, axis=1), shown, np.nan)
