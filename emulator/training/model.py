"""A trained model as jobs and campaigns use it: ids in, ids out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np
import pyarrow as pa
from pyarrow import feather

from emulator.recipes.catalogue import RECIPES
from emulator.recipes.popularity import PopularityRecommender, PopularityTrainer
from emulator.recipes.sequence import SequenceRecommender, SequenceTrainer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from emulator.data.interactions import Interactions
    from emulator.recipes.contract import Ranking, Recommender, Trainer

_RECOMMENDERS: dict[type[Trainer], type[Recommender]] = {
    PopularityTrainer: PopularityRecommender,
    SequenceTrainer: SequenceRecommender,
}
NOTHING = np.empty(0, dtype=np.int32)


def recommender_class(trainer: type[Trainer] | None) -> type[Recommender]:
    """The class of the models that a trainer makes; raises ValueError for a recipe without one."""
    if trainer is None:
        raise ValueError("This recipe has no model in this emulator")
    return _RECOMMENDERS[trainer]


@dataclass(frozen=True)
class TrainedModel:
    """A recommender with the ids of its items and the newest events of its users.

    users: id to row of the histories; histories: item codes, oldest first, `starts[row]:starts[row + 1]`.
    """

    recommender: Recommender
    items: list[str]
    users: dict[str, int]
    histories: NDArray[np.int32]
    starts: NDArray[np.int64]

    @classmethod
    def of(cls, recommender: Recommender, interactions: Interactions) -> Self:
        """Joins a recommender to the data it was trained on."""
        recent = interactions.events.last(recommender.history_length)
        users = {user: row for row, user in enumerate(interactions.users)}
        return cls(recommender, interactions.items, users, recent.items, recent.offsets)

    def history(self, user_id: str) -> NDArray[np.int32]:
        """What the user did last; empty for a user who was not in the training data."""
        row = self.users.get(user_id)
        return NOTHING if row is None else self.histories[self.starts[row] : self.starts[row + 1]]

    def for_users(self, user_ids: Sequence[str], count: int) -> Ranking:
        """A list per user; unknown users get popular items."""
        return self.recommender.recommend([self.history(user_id) for user_id in user_ids], count)

    def save(self, folder: Path) -> None:
        """Writes everything into a new folder."""
        (folder / "recommender").mkdir(parents=True)
        self.recommender.save(folder / "recommender")
        feather.write_feather(pa.table({"id": self.items}), str(folder / "items.arrow"))
        feather.write_feather(pa.table({"id": list(self.users)}), str(folder / "users.arrow"))
        np.save(folder / "histories.npy", self.histories)
        np.save(folder / "starts.npy", self.starts)

    @classmethod
    def load(cls, folder: Path, recipe_arn: str) -> Self:
        """Reads what `save` wrote for a version of this recipe."""
        users = feather.read_table(str(folder / "users.arrow"))["id"].to_pylist()
        return cls(
            recommender_class(RECIPES[recipe_arn].trainer).load(folder / "recommender"),
            feather.read_table(str(folder / "items.arrow"))["id"].to_pylist(),
            {user: row for row, user in enumerate(users)},
            np.load(folder / "histories.npy"),
            np.load(folder / "starts.npy"),
        )
