"""Turns the rows of datasets into the numbers that recipes learn from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from pyarrow import compute as pc

from emulator.data.context import ContextColumns
from emulator.data.features import row_features
from emulator.recipes.events import Events

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from emulator.data.features import Features
    from emulator.data.schema import Field

SECONDS_PER_DAY = 86400.0


@dataclass(frozen=True)
class Interactions:
    """Events with the ids behind their codes: users[code], items[code] are strings.

    items: those with events, most popular first, then those that only the items dataset has. users: those with events,
    then those that only the users dataset has. item_features, user_features: one row for each of `items` and `users`,
    None without metadata. ages: days from the creation of each of `items` to the newest event. item_attributes: see
    emulator/data/attributes.py; None where nobody can ask for them. context: what contexts are made of; the features
    of each event are in `events`.
    """

    events: Events
    users: list[str]
    items: list[str]
    item_features: Features | None = None
    user_features: Features | None = None
    ages: NDArray[np.float64] | None = None
    item_attributes: pa.Table | None = None
    context: ContextColumns | None = None


@dataclass(frozen=True)
class EventWeight:
    """Events of a type with at least the value, and how much they count as something to predict, from 0 to 1."""

    event_type: str
    threshold: float | None
    weight: float


def event_weights(config: Mapping[str, Any]) -> tuple[EventWeight, ...]:
    """The eventsConfig of a checked solutionConfig."""
    return tuple(
        EventWeight(given["eventType"], given.get("eventValueThreshold"), float(given.get("weight", 1.0)))
        for given in (config.get("eventsConfig") or {}).get("eventParametersList") or ()
    )


def code_interactions(
    table: pa.Table,
    event_type: str | None,
    threshold: float | None,
    catalogue: Sequence[str] = (),
    *,
    weights: Sequence[EventWeight] = (),
    context: Sequence[Field] = (),
) -> Interactions:
    """Keeps events of the type with at least the value, and sorts and codes them.

    An event without value passes no threshold. catalogue: ids of items that belong to it even without events. weights:
    where given, only events of one of them are kept, the first that fits counts, and weights are divided by their mean
    over all events. context: columns that tell the circumstances of an event. The result does not depend on the order
    of the rows.
    """
    if event_type is not None:
        table = table.filter(pc.equal(table["EVENT_TYPE"], event_type))
    if threshold is not None:
        table = table.filter(pc.greater_equal(table["EVENT_VALUE"], threshold))
    counted = None
    if weights:
        table, counted = _weighed(table, weights)
    features = row_features(table, context) if context else None
    users, user_ids = _ranked(table["USER_ID"])
    item_ranks, item_ids = _ranked(table["ITEM_ID"])
    others = sorted(set(catalogue) - set(item_ids))
    times = table["TIMESTAMP"].to_numpy()
    counts = np.bincount(item_ranks, minlength=len(item_ids))
    by_popularity = np.argsort(-counts, kind="stable")
    code = np.empty(len(item_ids), dtype=np.int32)
    code[by_popularity] = np.arange(len(item_ids), dtype=np.int32)
    order = _sorted(users, times, [*_last_keys(counted, features), item_ranks])
    n_items = len(item_ids) + len(others)
    events = Events(
        users[order].astype(np.int32),
        code[item_ranks[order]],
        n_users=len(user_ids),
        n_items=n_items,
        times=times[order],
        weights=None if counted is None else counted[order],
        context=None if features is None else features.matrix[order],
    )
    items = [item_ids[rank] for rank in by_popularity] + others
    return Interactions(
        events,
        user_ids,
        items,
        ages=_ages(events.items, times[order], n_items),
        context=None if features is None else ContextColumns.of(features, context),
    )


def _weighed(table: pa.Table, weights: Sequence[EventWeight]) -> tuple[pa.Table, NDArray[np.float32]]:
    """The rows that a weight is given for, and their weights, 1 in the mean."""
    counted = np.full(len(table), np.nan)
    for rule in reversed(weights):
        fits = pc.equal(table["EVENT_TYPE"], rule.event_type)
        if rule.threshold is not None:
            fits = pc.and_kleene(fits, pc.greater_equal(table["EVENT_VALUE"], rule.threshold))
        counted[pc.fill_null(fits, False).to_numpy()] = rule.weight
    kept = np.isfinite(counted)
    mean = counted[kept].mean() if kept.any() else 1.0
    return table.filter(pa.array(kept)), (counted[kept] / (mean or 1.0)).astype(np.float32)


def _sorted(
    users: NDArray[np.int64], times: NDArray[np.int64], last: Sequence[NDArray[Any]]
) -> NDArray[np.int64]:
    """The order by user, then time, then the last of the other keys, and so on; as np.lexsort, but faster.

    User and time become one key; only rows with the same one are compared by the others.
    """
    if not len(users):
        return np.empty(0, np.int64)
    bits = (int(times.max()) - int(times.min())).bit_length()
    if bits + int(users.max()).bit_length() > 63:
        return np.lexsort((*last, times, users))
    keys = (users << bits) | (times - times.min())
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    same = keys[1:] == keys[:-1]
    tied = np.nonzero(np.concatenate([same, [False]]) | np.concatenate([[False], same]))[0]
    rows = order[tied]
    order[tied] = rows[np.lexsort((*[key[rows] for key in last], keys[tied]))]
    return order


def _last_keys(weights: NDArray[np.float32] | None, features: Features | None) -> list[NDArray[np.floating]]:
    """Tells rows of one user, time and item apart."""
    keys: list[NDArray[np.floating]] = [] if weights is None else [weights]
    if features is not None:
        keys.append(features.matrix @ np.sqrt(np.arange(2.0, 2.0 + features.matrix.shape[1])))
    return keys


def _ages(items: NDArray[np.int32], times: NDArray[np.int64], n_items: int) -> NDArray[np.float64]:
    """Days from an item's first event to the newest event of all; an item without events is as new as can be."""
    if not len(times):
        return np.zeros(n_items)
    newest = times.max()
    first = np.full(n_items, newest)
    np.minimum.at(first, items, times)
    # As decimals: the distance between the lowest and the highest long is none.
    return np.asarray((float(newest) - first.astype(np.float64)) / SECONDS_PER_DAY)


def _ranked(column: pa.ChunkedArray) -> tuple[NDArray[np.int64], list[str]]:
    """Each value's rank among the distinct values that occur, and those values in order (of code points)."""
    encoded = pc.dictionary_encode(column).combine_chunks()
    indices = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    occurring = np.nonzero(np.bincount(indices, minlength=len(encoded.dictionary)))[0]
    values = encoded.dictionary.take(pa.array(occurring))
    order = pc.sort_indices(values)
    rank = np.zeros(len(encoded.dictionary), dtype=np.int64)
    rank[occurring[order.to_numpy()]] = np.arange(len(occurring))
    return rank[indices], values.take(order).to_pylist()
