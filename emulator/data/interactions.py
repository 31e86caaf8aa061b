"""Turns an imported interactions dataset into the numbers that recipes learn from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from pyarrow import compute as pc
from pyarrow import parquet as pq

from emulator.recipes.events import Events

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


@dataclass(frozen=True)
class Interactions:
    """Events with the ids behind their codes: users[code], items[code] are strings."""

    events: Events
    users: list[str]
    items: list[str]


def load_interactions(path: Path, event_type: str | None, threshold: float | None) -> Interactions:
    """Reads a dataset file, keeps events of the type with at least the value, and sorts and codes the rest.

    An event without value passes no threshold. The result does not depend on the order of the rows.
    """
    columns = ["USER_ID", "ITEM_ID", "TIMESTAMP"]
    columns += ["EVENT_TYPE"] * (event_type is not None) + ["EVENT_VALUE"] * (threshold is not None)
    table = pq.read_table(path, columns=columns, read_dictionary=["USER_ID", "ITEM_ID"])
    if event_type is not None:
        table = table.filter(pc.equal(table["EVENT_TYPE"], event_type))
    if threshold is not None:
        table = table.filter(pc.greater_equal(table["EVENT_VALUE"], threshold))
    users, user_ids = _ranked(table["USER_ID"])
    item_ranks, item_ids = _ranked(table["ITEM_ID"])
    return _coded(users, user_ids, item_ranks, item_ids, table["TIMESTAMP"].to_numpy())


def _coded(
    users: NDArray[np.int64],
    user_ids: list[str],
    item_ranks: NDArray[np.int64],
    item_ids: list[str],
    times: NDArray[np.int64],
) -> Interactions:
    counts = np.bincount(item_ranks, minlength=len(item_ids))
    by_popularity = np.argsort(-counts, kind="stable")
    code = np.empty(len(item_ids), dtype=np.int32)
    code[by_popularity] = np.arange(len(item_ids), dtype=np.int32)
    order = np.lexsort((item_ranks, times, users))
    events = Events(
        users[order].astype(np.int32), code[item_ranks[order]], n_users=len(user_ids), n_items=len(item_ids)
    )
    return Interactions(events, user_ids, [item_ids[rank] for rank in by_popularity])


def _ranked(column: pa.ChunkedArray) -> tuple[NDArray[np.int64], list[str]]:
    """Each value's rank among the distinct values that occur, and those values in order (of code points)."""
    encoded = pc.dictionary_encode(column).combine_chunks()
    indices = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    occurring = np.unique(indices)
    values = encoded.dictionary.take(pa.array(occurring))
    order = pc.sort_indices(values)
    rank = np.zeros(len(encoded.dictionary), dtype=np.int64)
    rank[occurring[order.to_numpy()]] = np.arange(len(occurring))
    return rank[indices], values.take(order).to_pylist()
