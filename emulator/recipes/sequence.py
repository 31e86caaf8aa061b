"""The user-personalization family.

The two-memory linear model over popular items, mixed with transition neighbours over all items, scored by a softmax
over the catalogue.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np
from scipy import sparse

from emulator.recipes.contract import Ranking, Recommender, Trainer
from emulator.recipes.ranking import SCORES_AT_ONCE, top_items
from emulator.recipes.sequential_linear import MEMORIES, LinearStatistics
from emulator.recipes.transitions import TransitionStatistics

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from emulator.recipes.events import Events

LINEAR_SHARE = 0.7
HISTORY = 60
TRANSITION_MEMORY = 20.0
HEAD_ITEMS = 4000
"""The linear model covers at most this many items: its memory grows with the square, its time with the cube."""

HEAD_MINIMUM = 5
"""Items with fewer events teach a regression nothing."""

LEARNED_EVENTS = 2_000_000
"""Above this many events whole users are left out of the sums, evenly over the user codes."""

SHARPNESS = 5.0
"""Mixed scores run from about 0 to 1; the softmax is taken of this multiple. It sets how much probability the head of
a list gets, not the order. Among 3 to 10, 5 gave held-out events the highest likelihood (MovieLens-100K)."""

POPULARITY_SHARE = 1e-3
"""So little popularity is added that it decides only where the model says nothing: an empty or unheard-of history."""


@dataclass(frozen=True)
class _Recent:
    """The newest HISTORY events of several requests in a row: items, how many events ago, events per request."""

    items: NDArray[np.int32]
    lags: NDArray[np.int64]
    lengths: NDArray[np.int64]

    @classmethod
    def of(cls, histories: Sequence[NDArray[np.int32]]) -> _Recent:
        recent = [history[-HISTORY:] for history in histories]
        lengths = np.array([len(history) for history in recent], dtype=np.int64)
        lags = np.repeat(np.cumsum(lengths), lengths) - np.arange(lengths.sum()) - 1
        return cls(np.concatenate([*recent, np.empty(0, np.int32)]), lags, lengths)

    def below(self, size: int) -> _Recent:
        """Without the events of items whose code is `size` or more; the others stay as many events ago."""
        keep = self.items < size
        requests = np.repeat(np.arange(len(self.lengths)), self.lengths)[keep]
        return _Recent(self.items[keep], self.lags[keep], np.bincount(requests, minlength=len(self.lengths)))

    def decayed(self, tau: float, n_items: int) -> sparse.csr_matrix:
        """(requests, n_items): Σ exp(-lag/tau) over the events of each item."""
        starts = np.concatenate([[0], np.cumsum(self.lengths)])
        values = np.exp(-self.lags / tau).astype(np.float32)
        return sparse.csr_matrix((values, self.items, starts), shape=(len(self.lengths), n_items))


class SequenceRecommender(Recommender):
    """Scores items by the newest HISTORY events of a user.

    coefficients: (2 head, head) of the linear model; neighbours: (items, items) sparse; popularity: (items,), the
    share of events of each item over that of the most popular one.
    """

    scored: ClassVar[bool] = True
    history_length: ClassVar[int] = HISTORY

    def __init__(
        self,
        coefficients: NDArray[np.float32],
        neighbours: sparse.csr_matrix,
        popularity: NDArray[np.float32],
    ) -> None:
        self._coefficients = coefficients
        self._neighbours = neighbours
        self._popularity = popularity

    def recommend(self, histories: Sequence[NDArray[np.int32]], count: int) -> Ranking:
        """Ranks some requests at a time; scores are probabilities over the whole catalogue."""
        at_once = max(1, SCORES_AT_ONCE // max(1, len(self._popularity)))
        parts = [
            self._recommend(histories[start : start + at_once], count)
            for start in range(0, len(histories), at_once)
        ]
        if not parts:
            return Ranking(np.empty((0, 0), np.int32), np.empty((0, 0)))
        return Ranking(np.vstack([items for items, _ in parts]), np.vstack([scores for _, scores in parts]))

    def _recommend(
        self, histories: Sequence[NDArray[np.int32]], count: int
    ) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
        mixed = self._mix(histories)
        items = top_items(mixed, count)
        powers = np.exp(SHARPNESS * mixed.astype(np.float64))
        scores = np.take_along_axis(powers, items.astype(np.int64), axis=1) / powers.sum(
            axis=1, keepdims=True
        )
        return items, scores

    def _mix(self, histories: Sequence[NDArray[np.int32]]) -> NDArray[np.float32]:
        """(requests, items): linear and transition scores, each scaled to a maximum of 1 per request, mixed."""
        recent = _Recent.of(histories)
        head, n_items = self._coefficients.shape[1], len(self._popularity)
        in_head = recent.below(head)
        linear = np.zeros((len(histories), head), np.float32)
        for block, tau in enumerate(MEMORIES):
            linear += in_head.decayed(tau, head) @ self._coefficients[block * head : (block + 1) * head]
        scores = (recent.decayed(TRANSITION_MEMORY, n_items) @ self._neighbours).toarray()
        scores = _scaled(scores) * np.float32(1 - LINEAR_SHARE)
        scores[:, :head] += _scaled(linear) * np.float32(LINEAR_SHARE)
        scores += np.float32(POPULARITY_SHARE) * self._popularity
        # An empty history has no scores at all: there popularity is the model.
        scores[recent.lengths == 0] = self._popularity
        return scores

    def save(self, folder: Path) -> None:
        """Three arrays."""
        np.save(folder / "coefficients.npy", self._coefficients)
        np.save(folder / "popularity.npy", self._popularity)
        sparse.save_npz(folder / "neighbours.npz", self._neighbours, compressed=False)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Three arrays."""
        return cls(
            np.load(folder / "coefficients.npy"),
            sparse.csr_matrix(sparse.load_npz(folder / "neighbours.npz")),
            np.load(folder / "popularity.npy"),
        )


class SequenceTrainer(Trainer):
    """Adds up the statistics of both models."""

    def __init__(self, item_counts: NDArray[np.int64]) -> None:
        head = min(int(np.sum(item_counts >= HEAD_MINIMUM)), HEAD_ITEMS)
        self._linear = LinearStatistics.empty(head)
        self._transitions = TransitionStatistics(len(item_counts))
        self._counts = np.zeros(len(item_counts), dtype=np.int64)
        self._stride = max(1, -(-int(item_counts.sum()) // LEARNED_EVENTS))

    @classmethod
    def start(cls, item_counts: NDArray[np.int64], parameters: Mapping[str, str]) -> Self:
        """Starts with nothing seen.

        The service's network parameters (`hidden_dimension`, `bptt`, `recency_mask`, `apply_recency_bias`) have no
        counterpart in this model and change nothing; that they are valid has been checked before.
        """
        del parameters
        return cls(item_counts)

    def add(self, events: Events) -> None:
        """Takes in some users' sequences; above LEARNED_EVENTS every n-th user stands for all."""
        self._counts += events.item_counts
        learned = events if self._stride == 1 else events.where(events.users % self._stride == 0)
        self._linear.add(learned)
        self._transitions.add(learned)

    def recommender(self) -> SequenceRecommender:
        """Solves for the coefficients."""
        popularity = (self._counts / max(1, self._counts.max(initial=0))).astype(np.float32)
        return SequenceRecommender(self._linear.solve(), self._transitions.neighbours(), popularity)


def _scaled(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows divided by their maximum, where that is positive."""
    highest = scores.max(axis=1, keepdims=True, initial=0.0)
    scaled: NDArray[np.float32] = (scores / np.where(highest > 0, highest, 1.0)).astype(np.float32)
    return scaled
