"""`aws-sims` and `aws-similar-items`: items that go with an item.

Item-to-item collaborative filtering (Linden, Smith and York 2003) from what lies near each other in users' histories.
W[i, j] sums exp(-(lag - 1) / 10) over the pairs of events up to 30 apart where j came after i, and 0.7 of that where j
came before i. W[i] is its sum over j, p(j) the share of all events that are of j, so W[i] p(j) is what W[i, j] would
be if i said nothing about j. How much more it is, the lift, is shrunk as a gamma-Poisson model does (DuMouchel 1999):

    lift(i, j) = (W[i, j] + a m(i, j)) / (W[i] p(j) + a),   a = 0.1 e(i) e(j) √(count(j) / median count)

e is the number of events per user of an item: who takes the same things again and again is one witness, not many. m is
1, for similar items what metadata lets one expect: 1 + 10 cosine, scaled to a mean of 1 over all events. A fifth is
left to popularity alone (linear smoothing, Jelinek and Mercer 1980), and items are ranked by

    (0.8 lift(i, j) + 0.2) p(j) / count(j) ^ (popularity_discount_factor ^ 2)

0 ranks by how likely j is next, 1 by the lift alone, by what is rare but typical; the square is this emulator's own.
A pair that was seen fewer than min_cointeraction_count times counts as never seen. Items outside the percentiles of
interaction counts are not trained on: nothing is learned about each of them, only how often all of them together come
near i, and that common lift is theirs.

So every item has a place, and short lists fill up by popularity. An unknown item gets popular ones. The item itself
is in no list.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np
from scipy import sparse

from emulator.recipes.co_occurrence import CoOccurrence, between_percentiles
from emulator.recipes.contract import Recommender, Side, Trainer
from emulator.recipes.item_likeness import Likeness, likeness
from emulator.recipes.popularity import popular_scores
from emulator.recipes.transitions import strongest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from emulator.recipes.events import Events

SHRINKAGE = 0.1
POPULARITY_SHARE = 0.2
LIKE_GAIN = 10.0
TINY = np.float32(1e-9)
UNTAKEN = 0.5
"""Beside metadata, an item without any event counts as if it had half a one."""

NEIGHBOURS = 500
"""The service answers with 500 items at most."""

MOST_FEATURES = 1000
DEFAULT_DIMENSION = 100
"""With this many dimensions of the service's network, NEIGHBOURS and MOST_FEATURES hold; they grow in proportion."""


@dataclass(frozen=True)
class RelatedModel:
    """What was learned, by item; rows of matrices are causes.

    counts: events. mass: W[i]. share: p. repeats: e. doubt: a over e(i). trained: between the percentiles. outside:
    the common lift of the items that are not. weight: p(j) over the discount, up to a factor. neighbours: (items,
    items) sparse, what the pairs that were seen add to an item's score. like: likeness by metadata, for the recipe
    that uses it.
    """

    counts: NDArray[np.int64]
    mass: NDArray[np.float32]
    share: NDArray[np.float32]
    repeats: NDArray[np.float32]
    doubt: NDArray[np.float32]
    trained: NDArray[np.bool_]
    outside: NDArray[np.float32]
    weight: NDArray[np.float32]
    neighbours: sparse.csr_matrix
    like: Likeness | None = None


class RelatedRecommender(Recommender):
    """Scores items by the last item of a history."""

    scored: ClassVar[bool] = False
    history_length: ClassVar[int] = 1

    def __init__(self, model: RelatedModel) -> None:
        self._model = model
        self._popular = popular_scores(model.counts)
        self._never = model.weight == 0

    @property
    def n_items(self) -> int:
        """Size of the catalogue."""
        return len(self._model.counts)

    def score(
        self, histories: Sequence[NDArray[np.int32]], traits: sparse.csr_matrix | None = None
    ) -> NDArray[np.float32]:
        """By the formula above; popular items where there is no history."""
        del traits
        asked = np.array([row for row, history in enumerate(histories) if len(history)], dtype=np.int64)
        causes = np.array([histories[row][-1] for row in asked], dtype=np.int64)
        related = self._related(causes)
        if len(asked) == len(histories):
            return related
        scores = np.tile(self._popular, (len(histories), 1))
        scores[asked] = related
        return scores

    def _related(self, causes: NDArray[np.int64]) -> NDArray[np.float32]:
        model = self._model
        prior = model.repeats[causes][:, None] * model.doubt
        scores: NDArray[np.float32] = np.divide(
            prior, model.mass[causes][:, None] * model.share + prior, dtype=np.float32
        )
        if model.like is not None:
            expected = 1 + LIKE_GAIN * model.like.of(causes)
            mean = (expected * model.share).sum(axis=1, keepdims=True)
            scores *= expected / np.maximum(mean, TINY)
        if not model.trained.all():
            scores[:, ~model.trained] = model.outside[causes][:, None]
        scores *= np.float32(1 - POPULARITY_SHARE)
        scores += np.float32(POPULARITY_SHARE)
        scores *= model.weight
        near = model.neighbours[causes]
        rows = np.repeat(np.arange(len(causes)), np.diff(near.indptr))
        scores[rows, near.indices] += near.data
        scores[:, self._never] = -np.inf
        scores[np.arange(len(causes)), causes] = -np.inf
        return scores

    def save(self, folder: Path) -> None:
        """Some arrays."""
        for name, value in vars(self._model).items():
            if isinstance(value, np.ndarray):
                np.save(folder / f"{name}.npy", value)
        sparse.save_npz(folder / "neighbours.npz", self._model.neighbours, compressed=False)
        if self._model.like is not None:
            sparse.save_npz(folder / "like.npz", self._model.like.features, compressed=False)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Some arrays."""
        read = {path.stem: np.load(path) for path in folder.glob("*.npy")}
        neighbours = sparse.csr_matrix(sparse.load_npz(folder / "neighbours.npz"))
        like = folder / "like.npz"
        features = Likeness(sparse.csr_matrix(sparse.load_npz(like))) if like.exists() else None
        return cls(RelatedModel(**read, neighbours=neighbours, like=features))


class SimsTrainer(Trainer):
    """Counts pairs of events; looks at no metadata."""

    DEFAULTS: ClassVar[Mapping[str, str]] = {
        "popularity_discount_factor": "0.5",
        "min_cointeraction_count": "3",
        "min_item_interaction_count_percentile": "0.01",
        "max_item_interaction_count_percentile": "0.9",
    }

    def __init__(self, item_counts: NDArray[np.int64], parameters: Mapping[str, str], side: Side) -> None:
        self._chosen = {**self.DEFAULTS, **parameters}
        self._sums = CoOccurrence(item_counts)
        self._trained = between_percentiles(item_counts, self._chosen)
        self._side = side

    @classmethod
    def start(cls, item_counts: NDArray[np.int64], parameters: Mapping[str, str], side: Side) -> Self:
        """Starts with nothing seen."""
        return cls(item_counts, parameters, side)

    def retuned(self, parameters: Mapping[str, str]) -> Self:
        """The sums do not depend on what is tuned: the copy shares them."""
        other = copy(self)
        other._chosen = {**self.DEFAULTS, **parameters}  # noqa: SLF001 - it is of this class
        return other

    def add(self, events: Events) -> None:
        """Takes in the sequences of some users."""
        self._sums.add(events)

    def recommender(self) -> RelatedRecommender:
        """Weighs and prunes; the sums stay as they are."""
        together, often, counts = self._sums.together(), self._sums.often(), self._sums.counts
        like = self._like()
        share = (counts / max(1, counts.sum())).astype(np.float32)
        repeats = (np.maximum(counts, 1) / np.maximum(self._sums.takers, 1)).astype(np.float32)
        relative = np.maximum(counts, UNTAKEN) / np.median(counts[counts > 0]) if counts.any() else 1
        doubt = (SHRINKAGE * repeats * np.sqrt(relative)).astype(np.float32)
        kept = 1 - float(self._chosen["popularity_discount_factor"]) ** 2
        taken = np.maximum(counts, UNTAKEN) ** kept
        weight = (taken if like else np.where(counts > 0, taken, 0)).astype(np.float32)
        mass = np.bincount(together.row, together.data, len(counts)).astype(np.float32)
        seen = often.data >= int(self._chosen["min_cointeraction_count"])
        seen &= self._trained[together.col]
        rows, columns = together.row[seen], together.col[seen]
        lift = together.data[seen] / (mass[rows] * share[columns] + repeats[rows] * doubt[columns])
        found = (lift * weight[columns] * (1 - POPULARITY_SHARE)).astype(np.float32)
        neighbours = strongest(sparse.csr_matrix((found, (rows, columns)), together.shape), self._most)
        outside = _common_lift(together, mass, share, repeats, ~self._trained)
        return RelatedRecommender(
            RelatedModel(
                counts.copy(), mass, share, repeats, doubt, self._trained, outside, weight, neighbours, like
            )
        )

    @property
    def _most(self) -> int:
        """How many neighbours an item keeps."""
        return (
            NEIGHBOURS * int(self._chosen.get("item_id_hidden_dim", DEFAULT_DIMENSION)) // DEFAULT_DIMENSION
        )

    def _like(self) -> Likeness | None:
        return None


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

    def _like(self) -> Likeness | None:
        dimension = int(self._chosen.get("item_metadata_hidden_dim", DEFAULT_DIMENSION))
        features = self._side.items
        return (
            None if features is None else likeness(features, MOST_FEATURES * dimension // DEFAULT_DIMENSION)
        )


def _common_lift(
    together: sparse.coo_matrix,
    mass: NDArray[np.float32],
    share: NDArray[np.float32],
    repeats: NDArray[np.float32],
    members: NDArray[np.bool_],
) -> NDArray[np.float32]:
    """(items,): the lift, after each item, of the items marked True, taken as one."""
    among = members[together.col]
    near = np.bincount(together.row[among], together.data[among], len(mass))
    total = float(share[members].sum())
    again = float((share * repeats)[members].sum()) / total if total else 1.0
    prior = SHRINKAGE * repeats * again
    lift: NDArray[np.float32] = ((near + prior) / (mass * total + prior)).astype(np.float32)
    return lift
