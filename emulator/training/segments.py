"""How good the user segments of a model are that has not seen the newest fifth of what every user did."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from emulator.recipes.catalogue import ITEM_ATTRIBUTES
from emulator.recipes.contract import fit
from emulator.recipes.segments import Candidates, best_users
from emulator.training.holdout import newest_fifth
from emulator.training.metrics import segment_metrics

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from emulator.recipes.catalogue import Recipe
    from emulator.recipes.contract import Side
    from emulator.recipes.events import Events

MEASURED_QUERIES = 1000
"""The metrics are means over at most this many items or attributes, evenly drawn."""

MEASURED_USERS = 20_000
"""Segments are drawn from at most this many users, evenly drawn from all."""


def measured_segments(
    recipe: Recipe, events: Events, parameters: Mapping[str, str], side: Side
) -> dict[str, float]:
    """`segment_metrics` of a model of the other four fifths.

    A query is each item that somebody took in the newest fifth, and its truth is who did. For
    aws-item-attribute-affinity it is each feature of items (a value of a categorical column, a fifth of a numeric one)
    that somebody took an item of. Users who have taken the item before can be in a segment, and in a truth. Above
    MEASURED_USERS users a hundredth of them is a hundredth of those drawn, which makes hits_at_1_percent smaller than
    it is on the service and leaves the other two comparable.
    """
    if recipe.trainer is None:
        raise ValueError(f"The recipe {recipe.name} has no model")
    held = newest_fifth(events)
    past = events.where(~held)
    takers = sparse.csr_matrix(
        (np.ones(held.sum(), np.float32), (events.items[held], events.users[held])),
        shape=(events.n_items, events.n_users),
    )
    users = _drawn(np.arange(events.n_users), MEASURED_USERS)
    asked = _queries(recipe, events.n_items, side)
    truths = sparse.csr_matrix(asked.T @ takers[:, users])
    measured = _drawn(np.nonzero(np.diff(truths.indptr))[0], MEASURED_QUERIES)
    histories = np.split(past.items, past.offsets[1:-1])
    candidates = Candidates(
        [histories[user] for user in users], None if side.users is None else side.users[users]
    )
    model = fit(recipe.trainer, past, parameters, side)
    segments = best_users(model, candidates, asked[:, measured], -(-len(users) // 100))
    expected = [truths.indices[truths.indptr[query] : truths.indptr[query + 1]] for query in measured]
    return segment_metrics(segments, expected, len(users))


def _queries(recipe: Recipe, n_items: int, side: Side) -> sparse.csc_matrix:
    """(items, queries): 1 for the items that each query asks for."""
    if recipe.request != ITEM_ATTRIBUTES:
        return sparse.csc_matrix(sparse.identity(n_items, np.float32))
    return sparse.csc_matrix((n_items, 0), dtype=np.float32) if side.items is None else side.items.tocsc()


def _drawn(codes: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """At most so many of them, evenly over their order."""
    places = np.unique(np.linspace(0, len(codes) - 1, min(most, len(codes))).astype(int))
    return codes.take(places)
