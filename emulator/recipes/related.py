"""`aws-sims` and `aws-similar-items`: items that go with an item.

Co-occurrence counts pairs of events of one user, the nearer the more: W[i, j] = Σ exp(-(distance - 1) / 30) over all
pairs of events up to 60 events apart, in either order. Two movies watched the same week say more about each other than
two that lie years apart. A pair that was seen fewer than min_cointeraction_count times is nothing, and the rest is
W[i, j] / count(j) ^ popularity_discount_factor: 0 prefers what is popular anyway, 1 what is rare but typical.

A request is a history of one item. An unknown item, or one without neighbours, gets popular items; they also fill up
lists that have too few neighbours.
"""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np
from scipy import sparse

from emulator.recipes.contract import Recommender, Side, Trainer
from emulator.recipes.item_likeness import Likeness, likeness
from emulator.recipes.lagged_pairs import pairs_at
from emulator.recipes.transitions import strongest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from emulator.recipes.events import Events

REACH = 60
REACH_DECAY = 30.0
NEIGHBOURS = 500
"""The service answers with 500 items at most."""

MOST_FEATURES = 1000
DEFAULT_DIMENSION = 100
"""With this many dimensions of the service's network, NEIGHBOURS and MOST_FEATURES hold; they grow in proportion."""

PAIRS_AT_ONCE = 4_000_000
LEARNED_EVENTS = 500_000
"""Above this many events whole users are left out of the sums, evenly over the user codes."""

HISTORY_FOR_HALF = 5.0
"""With so many events an item's co-occurrences and its metadata weigh the same; the service calls items with fewer
cold."""


class RelatedRecommender(Recommender):
    """neighbours: (items, items) sparse, rows scaled to a maximum of 1; counts: events of each item.

    like: likeness by metadata, for the recipe that uses it.
    """

    scored: ClassVar[bool] = False
    history_length: ClassVar[int] = 1

    def __init__(
        self, neighbours: sparse.csr_matrix, counts: NDArray[np.int64], like: Likeness | None = None
    ) -> None:
        self._neighbours, self._counts, self._like = neighbours, counts, like
        share = counts / max(1, counts.max(initial=0))
        self._popular = np.where(counts > 0, share, -np.inf).astype(np.float32)

    @property
    def n_items(self) -> int:
        """Size of the catalogue."""
        return len(self._counts)

    def score(
        self, histories: Sequence[NDArray[np.int32]], traits: sparse.csr_matrix | None = None
    ) -> NDArray[np.float32]:
        """Neighbours of each history's last item from 1 up, then popular items; the item itself never."""
        del traits
        scores = np.tile(self._popular, (len(histories), 1))
        asked = np.array([row for row, history in enumerate(histories) if len(history)], dtype=np.int64)
        causes = np.array([histories[row][-1] for row in asked], dtype=np.int64)
        if len(asked):
            near = self._neighbours[causes].toarray()
            if self._like is not None:
                near = self._mixed(near, causes)
            scores[asked] = np.where(near > 0, 1 + near, scores[asked])
            scores[asked, causes] = -np.inf
        return scores

    def _mixed(self, near: NDArray[np.float32], causes: NDArray[np.int64]) -> NDArray[np.float32]:
        """Co-occurrence and likeness; the less history the item has, the more its metadata counts."""
        if self._like is None:
            return near
        share = (HISTORY_FOR_HALF / (HISTORY_FOR_HALF + self._counts[causes])).astype(np.float32)[:, None]
        mixed: NDArray[np.float32] = (1 - share) * near + share * self._like.of(causes)
        return mixed

    def save(self, folder: Path) -> None:
        """Some arrays."""
        np.save(folder / "counts.npy", self._counts)
        sparse.save_npz(folder / "neighbours.npz", self._neighbours, compressed=False)
        if self._like is not None:
            sparse.save_npz(folder / "like.npz", self._like.features, compressed=False)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Some arrays."""
        like = folder / "like.npz"
        return cls(
            sparse.csr_matrix(sparse.load_npz(folder / "neighbours.npz")),
            np.load(folder / "counts.npy"),
            Likeness(sparse.csr_matrix(sparse.load_npz(like))) if like.exists() else None,
        )


class SimsTrainer(Trainer):
    """Counts pairs of events; looks at no metadata."""

    def __init__(
        self, item_counts: NDArray[np.int64], parameters: Mapping[str, str], defaults: Mapping[str, str]
    ) -> None:
        chosen = {**defaults, **parameters}
        self._chosen = chosen
        self._taught = between_percentiles(item_counts, chosen)
        self._counts = np.zeros(len(item_counts), np.int64)
        self._sums = sparse.csr_matrix((len(item_counts),) * 2, dtype=np.float32)
        self._pairs = sparse.csr_matrix((len(item_counts),) * 2, dtype=np.float32)
        self._stride = max(1, -(-int(item_counts.sum()) // LEARNED_EVENTS))

    @property
    def _kept(self) -> int:
        """How many neighbours an item keeps."""
        return (
            NEIGHBOURS * int(self._chosen.get("item_id_hidden_dim", DEFAULT_DIMENSION)) // DEFAULT_DIMENSION
        )

    DEFAULTS: ClassVar[Mapping[str, str]] = {
        "popularity_discount_factor": "0.5",
        "min_cointeraction_count": "3",
        "min_item_interaction_count_percentile": "0.01",
        "max_item_interaction_count_percentile": "0.9",
    }

    def retuned(self, parameters: Mapping[str, str]) -> Self:
        """The sums do not depend on what is tuned: the copy shares them."""
        other = copy(self)
        other._chosen = {**self.DEFAULTS, **parameters}  # noqa: SLF001 - it is of this class
        return other

    @classmethod
    def start(cls, item_counts: NDArray[np.int64], parameters: Mapping[str, str], side: Side) -> Self:
        """Metadata is not looked at."""
        del side
        return cls(item_counts, parameters, cls.DEFAULTS)

    def add(self, events: Events) -> None:
        """Takes in the sequences of some users."""
        self._counts += events.item_counts
        learned = events if self._stride == 1 else events.where(events.users % self._stride == 0)
        lags, size = max(1, PAIRS_AT_ONCE // max(1, len(learned))), len(self._counts)
        for first in range(1, REACH + 1, lags):
            found = [(lag, *pairs_at(learned, lag)) for lag in range(first, min(first + lags, REACH + 1))]
            earlier = learned.items[np.concatenate([pair[1] for pair in found])]
            later = learned.items[np.concatenate([pair[2] for pair in found])]
            weights = np.repeat(
                [np.exp(-(lag - 1) / REACH_DECAY) for lag, *_ in found], [len(pair[1]) for pair in found]
            )
            for data, total in ((weights, "_sums"), (np.ones(len(weights)), "_pairs")):
                added = sparse.csr_matrix((data.astype(np.float32), (earlier, later)), shape=(size, size))
                setattr(self, total, getattr(self, total) + added)

    def recommender(self) -> RelatedRecommender:
        """Weighs and prunes; statistics stay as they are."""
        return RelatedRecommender(self.neighbours(), self._counts.copy())

    def neighbours(self) -> sparse.csr_matrix:
        """(items, items): the strongest neighbours of each item, its best one at 1."""
        discount = float(self._chosen["popularity_discount_factor"])
        together, often = _symmetric(self._sums), _symmetric(self._pairs)
        keep = (
            (often.data >= int(self._chosen["min_cointeraction_count"]))
            & (together.row != together.col)
            & self._taught[together.col]
        )
        rows, columns = together.row[keep], together.col[keep]
        values = together.data[keep] / np.maximum(self._counts, 1)[columns] ** discount
        matrix = sparse.csr_matrix((values.astype(np.float32), (rows, columns)), shape=together.shape)
        matrix = strongest(matrix, self._kept)
        highest = matrix.max(axis=1).toarray().ravel()
        scale = np.divide(1, highest, out=np.zeros_like(highest), where=highest > 0)
        return sparse.csr_matrix(sparse.diags_array(scale) @ matrix, dtype=np.float32)


class SimilarItemsTrainer(SimsTrainer):
    """Co-occurrence and metadata of items.

    `item_id_hidden_dim` and `item_metadata_hidden_dim`, sizes of the service's network, have counterparts that limit
    what is learned in the same sense: how many neighbours an item keeps, and how many of the features count.
    """

    DEFAULTS: ClassVar[Mapping[str, str]] = {
        "popularity_discount_factor": "0.0",
        "min_cointeraction_count": "1",
        "min_item_interaction_count_percentile": "0.0",
        "max_item_interaction_count_percentile": "1.0",
    }
    _side: Side

    @classmethod
    def start(cls, item_counts: NDArray[np.int64], parameters: Mapping[str, str], side: Side) -> Self:
        """Features of items are what is taken from `side`."""
        made = cls(item_counts, parameters, cls.DEFAULTS)
        made._side = side
        return made

    def recommender(self) -> RelatedRecommender:
        """As for sims, with the likeness of items beside it."""
        features = self._side.items
        dimension = int(self._chosen.get("item_metadata_hidden_dim", DEFAULT_DIMENSION))
        like = (
            None if features is None else likeness(features, MOST_FEATURES * dimension // DEFAULT_DIMENSION)
        )
        return RelatedRecommender(self.neighbours(), self._counts.copy(), like)


def _symmetric(matrix: sparse.csr_matrix) -> sparse.coo_matrix:
    """M + Mᵀ with its entries in order: matrices with the same pairs then have them at the same places."""
    both = sparse.csr_matrix(matrix + matrix.T)
    both.sort_indices()
    return both.tocoo()


def between_percentiles(counts: NDArray[np.int64], chosen: Mapping[str, str]) -> NDArray[np.bool_]:
    """The items that can be neighbours: their number of events lies between two percentiles of all items' numbers.

    An item outside can still be asked about: what goes with it was learned from the others.
    """
    able = counts[counts > 0]
    if not len(able):
        return np.zeros(len(counts), bool)
    low, high = (float(chosen[f"{bound}_item_interaction_count_percentile"]) for bound in ("min", "max"))
    fewest, most = np.quantile(able, [low, max(low, high)], method="inverted_cdf")
    within: NDArray[np.bool_] = (counts >= fewest) & (counts <= most)
    return within
