"""How alike two ranked lists are, and how different a number of lists are from one another.

Formulas and odd cases are told again for readers of the report in docs/metrics.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Sequence


def overlap(first: Sequence[str], second: Sequence[str], k: int) -> float:
    """Distinct items that both lists have in their first k places, divided by k.

    The divisor stays k for short lists, as it does in precision: a list gains nothing by being short.
    """
    return len(set(first[:k]) & set(second[:k])) / k


def rank_biased_overlap(first: Sequence[str], second: Sequence[str], p: float) -> float:
    """Extrapolated rank-biased overlap, RBO_ext, of two lists of whatever lengths; 1 when they are equal.

    Webber, Moffat and Zobel 2010, "A similarity measure for indefinite rankings", ACM TOIS 28(4), equation 32.
    `p` is the persistence: the first d places have the share 1 - p^d of the weight or more, so that p = 0.9 looks
    at some ten. With X_d the number of items that both lists have in their first d places, s and l the lengths of
    the shorter and the longer list:

        (1 - p) / p * (sum_{d=1..l} X_d / d * p^d  +  sum_{d=s+1..l} X_s (d - s) / (s d) * p^d)
        + ((X_l - X_s) / l + X_s / s) * p^l

    Beyond what is seen the agreement is taken to stay what it is; the truncated sum could not reach 1. An item
    that a list repeats counts at its first place, and the later ones move up. 0 when either list is empty.
    """
    one, two = list(dict.fromkeys(first)), list(dict.fromkeys(second))
    shorter, longer = sorted((one, two), key=len)
    s, length = len(shorter), len(longer)
    if s == 0:
        return 0.0
    shared = _shared_by_depth(shorter, longer)
    at_s, at_end = shared[s - 1], shared[length - 1]
    total = 0.0
    for depth, common in enumerate(shared, start=1):
        beyond = at_s * (depth - s) / (s * depth) if depth > s else 0.0
        total += (common / depth + beyond) * p**depth
    return (1 - p) / p * total + ((at_end - at_s) / length + at_s / s) * p**length


def _shared_by_depth(shorter: Sequence[str], longer: Sequence[str]) -> list[int]:
    """X_d for d from 1 to the length of the longer list: all of the shorter one when d is beyond it."""
    seen: set[str] = set()
    shared, counts = 0, []
    for depth, item in enumerate(longer):
        for candidate in (item, shorter[depth]) if depth < len(shorter) else (item,):
            shared += candidate in seen
            seen.add(candidate)
        counts.append(shared)
    return counts


def mean_list_distance(lists: NDArray[np.int32], k: int) -> float:
    """Mean over all pairs of lists of 1 - overlap@k: how different the lists are from one another.

    lists: item codes, shape (n, length), padded with -1; unknown items must have codes of their own or be -1.
    Zhou et al. 2010, "Solving the apparent diversity-accuracy dilemma of recommender systems", PNAS 107(10),
    personalisation: there between users' lists. An item that c lists have in their first k places is shared by
    c (c - 1) / 2 pairs, so counting items replaces a walk through all pairs. NaN with fewer than two lists.
    """
    n = len(lists)
    if n < 2:
        return float("nan")
    first = np.sort(lists[:, :k], axis=1)
    distinct = first >= 0
    distinct[:, 1:] &= first[:, 1:] != first[:, :-1]
    counts = np.bincount(first[distinct]).astype(np.float64)
    shared = float((counts * (counts - 1)).sum())
    return 1 - shared / (k * n * (n - 1))
