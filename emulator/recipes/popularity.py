"""`aws-popularity-count`: the items with the most interactions, the same list for everybody, without scores."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np

from emulator.recipes.contract import Recommender, Side, Trainer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from scipy import sparse

    from emulator.recipes.events import Events


class PopularityRecommender(Recommender):
    """counts: events of each item; an item without any is never recommended."""

    scored: ClassVar[bool] = False
    history_length: ClassVar[int] = 0

    def __init__(self, counts: NDArray[np.int64]) -> None:
        self._counts = counts
        self._scores = popular_scores(counts)

    @property
    def n_items(self) -> int:
        """Size of the catalogue."""
        return len(self._counts)

    def score(
        self, histories: Sequence[NDArray[np.int32]], traits: sparse.csr_matrix | None = None
    ) -> NDArray[np.float32]:
        """The same for every request."""
        del traits
        return np.tile(self._scores, (len(histories), 1))

    def save(self, folder: Path) -> None:
        """One array."""
        np.save(folder / "counts.npy", self._counts)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """One array."""
        return cls(np.load(folder / "counts.npy"))


def popular_scores(counts: NDArray[np.int64]) -> NDArray[np.float32]:
    """Scores that sort by count, ties by code; -inf without events.

    They are places, not counts: float32 cannot tell counts above 2^24 apart.
    """
    order = np.argsort(-counts, kind="stable")
    scores = np.empty(len(counts), np.float32)
    scores[order] = -np.arange(len(counts), dtype=np.float32)
    return np.where(counts > 0, scores, np.float32(-np.inf)).astype(np.float32)


class PopularityTrainer(Trainer):
    """Counts."""

    def __init__(self, n_items: int) -> None:
        self._counts = np.zeros(n_items, dtype=np.int64)

    @classmethod
    def start(cls, item_counts: NDArray[np.int64], parameters: Mapping[str, str], side: Side) -> Self:
        """The recipe has no parameters and looks at nothing but events."""
        del parameters, side
        return cls(len(item_counts))

    def add(self, events: Events) -> None:
        """Adds the events of each item."""
        self._counts += events.item_counts

    def recommender(self) -> PopularityRecommender:
        """The counts so far."""
        return PopularityRecommender(self._counts.copy())
