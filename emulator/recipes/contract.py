"""What a recipe is: a trainer that takes in events, and a recommender that it makes.

Trainers add: events may be given in parts (whole users), and a recommender can be made after any part. The training
job uses it to make the model behind the service's metrics (90 % of the users) and the final model from one pass over
the data.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np

from emulator.recipes.ranking import SCORES_AT_ONCE, softmax_of, top_items

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from scipy import sparse

    from emulator.recipes.events import Events

NOBODY = -1
"""Stands in a list where there is no item: the list is shorter than what was asked for."""


@dataclass(frozen=True)
class Ranking:
    """Lists for several requests, best first.

    items: (requests, count) item codes, NOBODY after the end of a shorter list. scores: the same shape, NaN for items
    that have none, or None for recipes without scores.
    """

    items: NDArray[np.int32]
    scores: NDArray[np.float64] | None


@dataclass(frozen=True)
class Side:
    """What is known besides events. A recipe takes what it can use.

    items: (items, features), users: (users, features), both sparse 0 and 1, or None. item_columns: of each item
    feature the column that it comes from. ages: days since each item was created, or None. context_columns: the column
    of each feature of the contexts of events.
    """

    items: sparse.csr_matrix | None = None
    users: sparse.csr_matrix | None = None
    item_columns: tuple[str, ...] = ()
    ages: NDArray[np.float64] | None = None
    context_columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Order:
    """What lists are sorted by, (requests, items), highest first.

    scored marks the items that show a score, None = all. moved: the order is not that of the scores. best: where it is
    given, (requests, best items), nothing else is needed: these are the highest items, and all that show a score.
    """

    values: NDArray[np.float32]
    scored: NDArray[np.bool_] | None = None
    moved: bool = False
    best: NDArray[np.int32] | None = None


Rerank = Callable[["NDArray[np.float32]", "NDArray[np.bool_] | None", slice], Order]
"""Changes the order of some requests before the best are taken: from scores (requests, items), what is allowed there
(as in `Recommender.recommend`), and which of the requests these are."""


class Recommender(ABC):
    """A trained model. Knows item codes, not ids; holds no user: a user is the list of what they did, and traits."""

    scored: ClassVar[bool]
    """Whether the service returns scores for this family (softmax over the catalogue)."""

    history_length: ClassVar[int]
    """How many of a user's newest events the model looks at; 0 = it is the same for everybody."""

    sharpness: ClassVar[float] = 1.0
    """Scores are the softmax of this multiple of what `score` gives."""

    @abstractmethod
    def score(
        self, histories: Sequence[NDArray[np.int32]], traits: sparse.csr_matrix | None = None
    ) -> NDArray[np.float32]:
        """How good each item of the catalogue is for each request: (requests, items).

        histories: item codes, oldest first; empty = nothing known, which gets popular items. traits: (requests,
        features) of the users who ask, and behind them, where it is known, of the context in which they ask. Items of
        the history are not left out: the service does not either. -inf stands for what the model never recommends
        there.
        """

    def recommend(
        self,
        histories: Sequence[NDArray[np.int32]],
        count: int,
        traits: sparse.csr_matrix | None = None,
        allowed: NDArray[np.bool_] | None = None,
        rerank: Rerank | None = None,
    ) -> Ranking:
        """Ranks the catalogue for each request, some requests at a time.

        allowed: (requests, items) or (1, items) for all; what is not allowed is left out after the scores are made, so
        those are still probabilities over the whole catalogue.
        """
        parts = []
        for part in self._parts(len(histories)):
            scores = self.score(histories[part], None if traits is None else traits[part])
            within = None if allowed is None else allowed if len(allowed) == 1 else allowed[part]
            order = Order(scores) if rerank is None else rerank(scores, within, part)
            parts.append(self._best(scores, order, within, count))
        if not parts:
            return Ranking(np.empty((0, 0), np.int32), np.empty((0, 0)) if self.scored else None)
        shown = [part.scores for part in parts if part.scores is not None]
        return Ranking(np.vstack([part.items for part in parts]), np.vstack(shown) if shown else None)

    def rank(
        self,
        histories: Sequence[NDArray[np.int32]],
        lists: Sequence[NDArray[np.int32]],
        traits: sparse.csr_matrix | None = None,
    ) -> list[tuple[NDArray[np.int32], NDArray[np.float64]]]:
        """Orders a list of items for each request: the items, best first, and their scores, which sum to 1.

        lists: codes of different items, one list per request. Equal items go by popularity.
        """
        ranked = []
        for part in self._parts(len(histories)):
            scores = self.score(histories[part], None if traits is None else traits[part])
            for row, items in zip(scores, lists[part], strict=True):
                order = items[np.lexsort((items, -row[items]))]
                shown = softmax_of(
                    row[order][None, :], np.arange(len(order), dtype=np.int32)[None, :], self.sharpness
                )
                ranked.append((order, shown[0]))
        return ranked

    def affinity(
        self,
        histories: Sequence[NDArray[np.int32]],
        items: NDArray[np.int32],
        traits: sparse.csr_matrix | None = None,
    ) -> NDArray[np.float32]:
        """How likely each of the users with these histories is to take each of the items: (users, items).

        Their probabilities over the whole catalogue, the same as the scores of `recommend`, so that users can be
        compared with each other.
        """
        likely = np.empty((len(histories), len(items)), np.float32)
        for part in self._parts(len(histories)):
            scores = self.score(histories[part], None if traits is None else traits[part])
            asked = np.broadcast_to(items, (len(scores), len(items)))
            likely[part] = softmax_of(scores, asked, self.sharpness)
        return likely

    def _best(
        self, scores: NDArray[np.float32], order: Order, within: NDArray[np.bool_] | None, count: int
    ) -> Ranking:
        if order.best is not None:
            highest = np.take_along_axis(scores, order.best.astype(np.int64), axis=1)
            places = np.broadcast_to(np.arange(count, dtype=np.int32), (len(highest), count))
            return Ranking(order.best[:, :count], softmax_of(highest, places, self.sharpness))
        values = order.values if within is None else np.where(within, order.values, np.float32(-np.inf))
        items = top_items(values, count)
        present = np.isfinite(np.take_along_axis(values, items.astype(np.int64), axis=1))
        listed = np.where(present, items, np.int32(NOBODY))
        if not self.scored:
            return Ranking(listed, None)
        probabilities = softmax_of(scores, items, self.sharpness, order.scored)
        if order.moved:
            # Lists are sorted by score: an item that was moved up shows no less than what now follows it. All are
            # then divided by what that makes the sum over the catalogue.
            shown = np.where(present, probabilities, 0.0)
            probabilities = np.maximum.accumulate(shown[:, ::-1], axis=1)[:, ::-1]
            probabilities = probabilities / (1 + (probabilities - shown).sum(axis=1, keepdims=True))
        return Ranking(listed, np.where(present, probabilities, np.nan))

    @property
    @abstractmethod
    def n_items(self) -> int:
        """Size of the catalogue."""

    def _parts(self, requests: int) -> list[slice]:
        at_once = max(1, SCORES_AT_ONCE // max(1, self.n_items))
        return [slice(start, start + at_once) for start in range(0, requests, at_once)]

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
    def start(cls, item_counts: NDArray[np.int64], parameters: Mapping[str, str], side: Side) -> Self:
        """A trainer for a catalogue whose items are coded by popularity.

        item_counts: events per item over all parts that will be added; 0 for items that only the items dataset has.
        parameters: the recipe's checked hyperparameters, algorithm's and featurization's, as the API has them,
        strings; those left out have their defaults.
        """

    @abstractmethod
    def add(self, events: Events) -> None:
        """Takes in the whole sequences of some users, each user once."""

    @abstractmethod
    def recommender(self) -> Recommender:
        """The model of all events added so far."""

    def retuned(self, parameters: Mapping[str, str]) -> Self:
        """A trainer with the same events and other hyperparameters; this one where the recipe has none."""
        del parameters
        return self


def fit(
    trainer: type[Trainer], events: Events, parameters: Mapping[str, str], side: Side | None = None
) -> Recommender:
    """Trains in one go."""
    started = trainer.start(events.item_counts, parameters, side or Side())
    started.add(events)
    return started.recommender()
