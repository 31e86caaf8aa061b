"""`aws-popularity-count`: the items with the most interactions, the same list for everybody, without scores."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np

from emulator.recipes.contract import Ranking, Recommender, Trainer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from emulator.recipes.events import Events


class PopularityRecommender(Recommender):
    """order: all item codes, most interactions first, ties by code."""

    scored: ClassVar[bool] = False
    history_length: ClassVar[int] = 0

    def __init__(self, order: NDArray[np.int32]) -> None:
        self._order = order

    def recommend(self, histories: Sequence[NDArray[np.int32]], count: int) -> Ranking:
        """The same list for every request."""
        return Ranking(np.tile(self._order[:count], (len(histories), 1)), None)

    def save(self, folder: Path) -> None:
        """One array."""
        np.save(folder / "order.npy", self._order)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """One array."""
        return cls(np.load(folder / "order.npy"))


class PopularityTrainer(Trainer):
    """Counts."""

    def __init__(self, n_items: int) -> None:
        self._counts = np.zeros(n_items, dtype=np.int64)

    @classmethod
    def start(cls, item_counts: NDArray[np.int64], parameters: Mapping[str, str]) -> Self:
        """The recipe has no parameters."""
        del parameters
        return cls(len(item_counts))

    def add(self, events: Events) -> None:
        """Adds the events of each item."""
        self._counts += events.item_counts

    def recommender(self) -> PopularityRecommender:
        """Sorts by count; the sort is stable, so equal counts keep the order of their codes."""
        return PopularityRecommender(np.argsort(-self._counts, kind="stable").astype(np.int32))
