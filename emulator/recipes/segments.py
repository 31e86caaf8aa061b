"""The users who are most likely to take some items: users are scored in parts, and only the best of them are kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from emulator.recipes.ranking import SCORES_AT_ONCE, codes_of, highest_keys, sort_keys

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from scipy import sparse

    from emulator.recipes.contract import Recommender

USERS_AT_ONCE = 8192
KEPT_AT_ONCE = 20_000_000
"""Pairs of query and user that are kept at the same time, 8 bytes each and twice while they are sorted. Queries that
would need more are answered in another pass over the users."""

OUTSIDE = np.float32(-1)
"""In the place of the probability of a user whom a query must not find."""


@dataclass(frozen=True)
class Candidates:
    """The users that segments are drawn from. histories, traits: as `Recommender.score` takes them, one row each."""

    histories: Sequence[NDArray[np.int32]]
    traits: sparse.csr_matrix | None = None

    def __len__(self) -> int:
        return len(self.histories)

    def affinity(
        self, recommender: Recommender, items: NDArray[np.int32], part: slice
    ) -> NDArray[np.float32]:
        """`Recommender.affinity` of some of them."""
        traits = None if self.traits is None else self.traits[part]
        return recommender.affinity(self.histories[part], items, traits)


def best_users(
    recommender: Recommender,
    users: Candidates,
    asked: sparse.csc_matrix,
    count: int,
    allowed: Sequence[NDArray[np.bool_] | None] = (),
) -> list[NDArray[np.int32]]:
    """For each query the rows of the `count` best users, best first; equal ones in their order.

    asked: (items, queries), 1 for the items of a query; users go by the sum of their probabilities of these. allowed:
    for each query one flag per user, None allows all; without any all are allowed everywhere.
    """
    per_pass = max(1, KEPT_AT_ONCE // max(1, min(count, len(users))))
    best: list[NDArray[np.int32]] = []
    for start in range(0, asked.shape[1], per_pass):
        queries = slice(start, start + per_pass)
        best += _one_pass(recommender, users, asked[:, queries], count, allowed[queries])
    return best


def _one_pass(
    recommender: Recommender,
    users: Candidates,
    asked: sparse.csc_matrix,
    count: int,
    allowed: Sequence[NDArray[np.bool_] | None],
) -> list[NDArray[np.int32]]:
    items = np.unique(asked.indices).astype(np.int32)
    weights = asked[items].astype(np.float32)
    at_once = max(1, min(USERS_AT_ONCE, SCORES_AT_ONCE // max(1, len(items))))
    kept = np.empty((asked.shape[1], 0), np.int64)
    waiting: list[NDArray[np.int64]] = []
    for start in range(0, len(users), at_once):
        part = slice(start, start + at_once)
        scores = np.ascontiguousarray((users.affinity(recommender, items, part) @ weights).T, np.float32)
        for query, mask in enumerate(allowed):
            if mask is not None:
                scores[query, ~mask[part]] = OUTSIDE
        waiting.append(sort_keys(scores, np.arange(start, start + scores.shape[1])))
        # A sort costs as much as what is kept: it is worth it only once as much has come.
        if sum(keys.shape[1] for keys in waiting) >= count:
            kept, waiting = highest_keys(np.hstack([kept, *waiting]), count), []
    kept = -np.sort(-highest_keys(np.hstack([kept, *waiting]), count), axis=1)
    return [codes_of(row[row >= 0]) for row in kept]
