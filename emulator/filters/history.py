"""What users did, as filters see it: the newest interactions of each user and event type, bulk and live."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from pyarrow import compute as pc

if TYPE_CHECKING:
    import pyarrow as pa

NEWEST = 100
"""The service looks at so many interactions of each user and event type."""

Deed = tuple[str, str]
"""Event type in lower case ("" where the dataset has none), and item id."""


class BulkHistory:
    """The bulk interactions of a dataset, by user."""

    def __init__(self, table: pa.Table) -> None:
        users = pc.dictionary_encode(table["USER_ID"].combine_chunks())
        codes = users.indices.to_numpy(zero_copy_only=False)
        order = np.lexsort((table["TIMESTAMP"].to_numpy(), codes))
        self._rows = {user: code for code, user in enumerate(users.dictionary.to_pylist())}
        self._starts = np.searchsorted(codes[order], np.arange(len(self._rows) + 1))
        self._table = table.select([name for name in ("ITEM_ID", "EVENT_TYPE") if name in table.column_names])
        self._order = order

    def deeds(self, user_id: str) -> list[Deed]:
        """Everything that the user did, oldest first."""
        row = self._rows.get(user_id)
        if row is None:
            return []
        mine = self._table.take(self._order[self._starts[row] : self._starts[row + 1]])
        items = mine["ITEM_ID"].to_pylist()
        types = mine["EVENT_TYPE"].to_pylist() if "EVENT_TYPE" in mine.column_names else [""] * len(items)
        return [(kind.lower(), item) for kind, item in zip(types, items, strict=True)]


def newest(deeds: list[Deed]) -> list[Deed]:
    """The last NEWEST of each event type."""
    seen: dict[str, int] = {}
    kept = []
    for kind, item in reversed(deeds):
        seen[kind] = seen.get(kind, 0) + 1
        if seen[kind] <= NEWEST:
            kept.append((kind, item))
    return kept[::-1]
