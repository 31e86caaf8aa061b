"""What a recipe is: a trainer that takes in events, and a recommender that it makes.

Trainers add: events may be given in parts (whole users), and a recommender can be made after any part. The training
job uses it to make the model behind the service's metrics (90 % of the users) and the final model from one pass over
the data. Room that later recipes grow into: `Features` of items and users beside the events, `related`, `rank`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from emulator.recipes.events import Events


@dataclass(frozen=True)
class Ranking:
    """Lists for several requests, best first.

    items: (requests, count) item codes. scores: the same shape, or None for recipes without scores.
    """

    items: NDArray[np.int32]
    scores: NDArray[np.float64] | None


class Recommender(ABC):
    """A trained model. Knows item codes, not ids; holds no user: a user is the list of what they did."""

    scored: ClassVar[bool]
    """Whether the service returns scores for this family (softmax over the catalogue)."""

    history_length: ClassVar[int]
    """How many of a user's newest events the model looks at."""

    @abstractmethod
    def recommend(self, histories: Sequence[NDArray[np.int32]], count: int) -> Ranking:
        """Ranks the catalogue for each history (item codes, oldest first; empty = nothing known of the user).

        Returns min(count, number of items) items per request. Items of the history are not left out: the service
        does not either. An empty history gets popular items.
        """

    @abstractmethod
    def save(self, folder: Path) -> None:
        """Writes the model into an existing folder."""

    @classmethod
    @abstractmethod
    def load(cls, folder: Path) -> Self:
        """Reads what `save` wrote; gives the same answers."""


class Trainer(ABC):
    """Collects events and makes recommenders."""

    @classmethod
    @abstractmethod
    def start(cls, item_counts: NDArray[np.int64], parameters: Mapping[str, str]) -> Self:
        """A trainer for a catalogue whose items are coded by popularity.

        item_counts: events per item over all parts that will be added. parameters: the recipe's checked
        hyperparameters as the API has them, strings.
        """

    @abstractmethod
    def add(self, events: Events) -> None:
        """Takes in the whole sequences of some users, each user once."""

    @abstractmethod
    def recommender(self) -> Recommender:
        """The model of all events added so far."""


def fit(trainer: type[Trainer], events: Events, parameters: Mapping[str, str]) -> Recommender:
    """Trains in one go."""
    started = trainer.start(events.item_counts, parameters)
    started.add(events)
    return started.recommender()
