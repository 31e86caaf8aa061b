"""A trained model as jobs and campaigns use it: ids in, ids out."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Self

import numpy as np
import pyarrow as pa
from pyarrow import feather
from scipy import sparse

from emulator.data.context import ContextColumns
from emulator.errors import InvalidInputError
from emulator.recipes.affinity import AffinityTrainer
from emulator.recipes.catalogue import RECIPES
from emulator.recipes.popularity import PopularityRecommender, PopularityTrainer
from emulator.recipes.related import RelatedRecommender, SimilarItemsTrainer, SimsTrainer
from emulator.recipes.sequence import ColdStartTrainer, SequenceRecommender, SequenceTrainer
from emulator.recipes.trending import TrendingRecommender, TrendingTrainer
from emulator.training.reorder import Exploration, Reorder, unscored

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from emulator.data.interactions import Interactions
    from emulator.recipes.contract import Ranking, Recommender, Trainer

_RECOMMENDERS: dict[type[Trainer], type[Recommender]] = {
    PopularityTrainer: PopularityRecommender,
    SequenceTrainer: SequenceRecommender,
    ColdStartTrainer: SequenceRecommender,
    AffinityTrainer: SequenceRecommender,
    SimsTrainer: RelatedRecommender,
    SimilarItemsTrainer: RelatedRecommender,
    TrendingTrainer: TrendingRecommender,
}
NOTHING = np.empty(0, dtype=np.int32)
SCORED_ITEMS = 1000
"""The second version scores a subset of the catalogue; here it is so many of the best items of each user."""


def recommender_class(trainer: type[Trainer] | None) -> type[Recommender]:
    """The class of the models that a trainer makes; raises ValueError for a recipe without one."""
    if trainer is None:
        raise ValueError("This recipe has no model in this emulator")
    return _RECOMMENDERS[trainer]


@dataclass(frozen=True)
class Asked:
    """One request. recent: ids of items that the user took since the training, oldest first.

    allowed: one flag per item of the model; None allows all. Related items are asked for by item_id, all else by
    user_id. item_list: different items to rank. context: values by column; empty = unknown.
    """

    user_id: str = ""
    item_id: str = ""
    recent: tuple[str, ...] = ()
    allowed: NDArray[np.bool_] | None = None
    item_list: tuple[str, ...] = ()
    context: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class RankedList:
    """Item ids in their new order, and their scores, None for those that have none."""

    items: list[str]
    scores: list[float | None]


@dataclass(frozen=True)
class TrainedModel:
    """A recommender with the ids of its items and the newest events of its users.

    users: id to row; those with a row beyond the histories are known by their traits only. histories: item codes,
    oldest first, `starts[row]:starts[row + 1]`. traits: (users, features) or None. counts, ages: events and days since
    creation of each item. attributes: columns of the items, for recipes that are asked by them. context: what contexts
    of requests are made of, None where they say nothing.
    """

    recommender: Recommender
    items: list[str]
    users: dict[str, int]
    histories: NDArray[np.int32]
    starts: NDArray[np.int64]
    counts: NDArray[np.int64]
    ages: NDArray[np.float64]
    traits: sparse.csr_matrix | None = None
    top_up: bool = False
    attributes: pa.Table | None = None
    context: ContextColumns | None = None

    @classmethod
    def of(cls, recommender: Recommender, interactions: Interactions, *, top_up: bool = False) -> Self:
        """Joins a recommender to the data it was trained on. top_up: see SCORED_ITEMS."""
        recent = interactions.events.last(recommender.history_length)
        traits = interactions.user_features
        ages = interactions.ages
        return cls(
            recommender,
            interactions.items,
            {user: row for row, user in enumerate(interactions.users)},
            recent.items,
            recent.offsets,
            interactions.events.item_counts,
            np.zeros(len(interactions.items)) if ages is None else ages,
            None if traits is None else traits.matrix,
            top_up,
            interactions.item_attributes,
            interactions.context,
        )

    @cached_property
    def _unscored(self) -> NDArray[np.float32]:
        return unscored(self.counts)

    @cached_property
    def codes(self) -> dict[str, int]:
        """Item id to code."""
        return {item: code for code, item in enumerate(self.items)}

    def history(self, user_id: str) -> NDArray[np.int32]:
        """What the user did last; empty for a user who has no events in the training data."""
        row = self.users.get(user_id, len(self.starts))
        return (
            NOTHING
            if row >= len(self.starts) - 1
            else self.histories[self.starts[row] : self.starts[row + 1]]
        )

    def for_users(self, user_ids: Sequence[str], count: int) -> Ranking:
        """A list per user; unknown users get popular items."""
        return self.answer([Asked(user_id) for user_id in user_ids], count)

    def answer(self, asked: Sequence[Asked], count: int, exploration: Exploration | None = None) -> Ranking:
        """A list per request. Items of `recent` that the model does not know change nothing."""
        reorder = Reorder(
            count,
            exploration,
            [request.user_id for request in asked],
            self.counts,
            self.ages,
            SCORED_ITEMS if self.top_up else None,
            self._unscored,
        )
        return self.recommender.recommend(
            [self._history(request) for request in asked],
            count,
            self._traits(asked),
            self._allowed(asked),
            reorder if reorder.changes else None,
        )

    def rank(self, asked: Sequence[Asked]) -> list[RankedList]:
        """The item_list of each request in the order for its user.

        Items with events in the training come first, by scores that sum to 1. The others, known or not, have none and
        follow in the order in which they were given.
        """
        learned = [
            {item: code for item in request.item_list if (code := self._learned(item)) is not None}
            for request in asked
        ]
        ranked = self.recommender.rank(
            [self._history(request) for request in asked],
            [np.array(list(codes.values()), np.int32) for codes in learned],
            self._traits(asked),
        )
        found = []
        for request, known, (codes, scores) in zip(asked, learned, ranked, strict=True):
            others = [item for item in request.item_list if item not in known]
            listed = [self.items[code] for code in codes.tolist()] + others
            found.append(RankedList(listed, scores.tolist() + [None] * len(others)))
        return found

    def _learned(self, item: str) -> int | None:
        """The code of an item with events in the training."""
        code = self.codes.get(item)
        return code if code is not None and self.counts[code] else None

    def _history(self, request: Asked) -> NDArray[np.int32]:
        if request.item_id:
            code = self.codes.get(request.item_id)
            return NOTHING if code is None else np.array([code], np.int32)
        known = self.history(request.user_id)
        fresh = [self.codes[item] for item in request.recent if item in self.codes]
        longest = self.recommender.history_length
        if not fresh or not longest:
            return known
        return np.concatenate([known, np.array(fresh, np.int32)])[-longest:]

    def _traits(self, asked: Sequence[Asked]) -> sparse.csr_matrix | None:
        """Traits of the users who ask, and the contexts in which they ask where one of them has one."""
        blocks = []
        if self.traits is not None:
            rows = np.array([self.users.get(request.user_id, -1) for request in asked], dtype=np.int64)
            known = sparse.csr_matrix(self.traits[np.maximum(rows, 0)])
            blocks.append(sparse.diags_array((rows >= 0).astype(np.float32)) @ known)
        if self.context is not None and any(request.context for request in asked):
            contexts = [self.context.encode(request.context) for request in asked]
            blocks.append(sparse.csr_matrix(np.stack(contexts)))
        return sparse.csr_matrix(sparse.hstack(blocks)) if blocks else None

    def check_context(self, context: Mapping[str, str]) -> None:
        """Raises InvalidInputError for a context that cannot be read."""
        if context and self.context is None:
            raise InvalidInputError(
                "context: the interactions dataset has no column for it that the solution trains on"
            )
        if self.context is not None:
            self.context.encode(context)

    def _allowed(self, asked: Sequence[Asked]) -> NDArray[np.bool_] | None:
        masks = [request.allowed for request in asked]
        if all(mask is None for mask in masks):
            return None
        first = masks[0]
        if first is not None and all(mask is first for mask in masks):
            return first[None, :]
        everything = np.ones(len(self.items), bool)
        return np.stack([everything if mask is None else mask for mask in masks])

    def save(self, folder: Path) -> None:
        """Writes everything into a new folder."""
        (folder / "recommender").mkdir(parents=True)
        self.recommender.save(folder / "recommender")
        feather.write_feather(pa.table({"id": self.items}), str(folder / "items.arrow"))
        feather.write_feather(pa.table({"id": list(self.users)}), str(folder / "users.arrow"))
        for name in ("histories", "starts", "counts", "ages"):
            np.save(folder / f"{name}.npy", getattr(self, name))
        if self.traits is not None:
            sparse.save_npz(folder / "traits.npz", self.traits)
        if self.context is not None:
            (folder / "context.json").write_text(json.dumps(asdict(self.context)), encoding="utf-8")
        if self.attributes is not None:
            feather.write_feather(self.attributes, str(folder / "attributes.arrow"))

    @classmethod
    def load(cls, folder: Path, recipe_arn: str) -> Self:
        """Reads what `save` wrote for a version of this recipe."""
        recipe = RECIPES[recipe_arn]
        users = feather.read_table(str(folder / "users.arrow"))["id"].to_pylist()
        traits, attributes, context = (
            folder / name for name in ("traits.npz", "attributes.arrow", "context.json")
        )
        read = {name: np.load(folder / f"{name}.npy") for name in ("histories", "starts", "counts", "ages")}
        return cls(
            recommender_class(recipe.trainer).load(folder / "recommender"),
            feather.read_table(str(folder / "items.arrow"))["id"].to_pylist(),
            {user: row for row, user in enumerate(users)},
            **read,
            traits=sparse.csr_matrix(sparse.load_npz(traits)) if traits.exists() else None,
            top_up=recipe.second_version,
            attributes=feather.read_table(str(attributes)) if attributes.exists() else None,
            context=ContextColumns.read(context.read_text(encoding="utf-8")) if context.exists() else None,
        )
