"""From lists of item codes to marked lists: what is a hit, and what is popular."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lambdas.evaluate.metrics import JudgedLists

if TYPE_CHECKING:
    from lambdas.evaluate.interactions import EvaluationData


def judge(codes: NDArray[np.int32], data: EvaluationData) -> JudgedLists:
    """Mark hits and popular items. An item that a list repeats can hit at its first place only."""
    hits = data.truth.contains(np.arange(data.n_users), codes)
    hits &= ~repeated(codes, len(data.items))
    popular = (codes >= 0) & (codes < data.head_size)
    return JudgedLists(codes=codes, hits=hits, popular=popular, relevant=data.truth.sizes)


def repeated(codes: NDArray[np.int32], n_items: int) -> NDArray[np.bool_]:
    """Places whose item stands earlier in the same list. Padding and unknown items are not looked at."""
    repeated = np.zeros(codes.shape, dtype=np.bool_)
    ordered = np.sort(codes, axis=1)
    same = (ordered[:, 1:] == ordered[:, :-1]) & (ordered[:, 1:] >= 0) & (ordered[:, 1:] < n_items)
    rows = np.flatnonzero(same.any(axis=1))  # hardly ever any: the service does not repeat items
    if rows.size:
        order = np.argsort(codes[rows], axis=1, kind="stable")
        later = np.zeros(order.shape, dtype=np.bool_)
        later[:, 1:] = same[rows]
        np.put_along_axis(later, order, later.copy(), axis=1)
        repeated[rows] = later
    return repeated
