"""The user-personalization family.

The two-memory linear model over popular items, mixed with transition neighbours over all items, scored by a softmax
over the catalogue.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np
from scipy import sparse

from emulator.recipes.cold_items import ColdScorer, fit_cold_scorer
from emulator.recipes.context_lift import ContextLift
from emulator.recipes.contract import Recommender, Side, Trainer
from emulator.recipes.network_parameters import Tuning
from emulator.recipes.one_thread import ONE_THREAD
from emulator.recipes.recent_events import Recent
from emulator.recipes.sequential_linear import HISTORY, MEMORIES, LinearStatistics
from emulator.recipes.side_regression import Coefficients, solve_with_side
from emulator.recipes.transitions import TransitionStatistics
from emulator.recipes.user_traits import TraitStatistics

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from emulator.recipes.events import Events

LINEAR_SHARE = 0.65
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
"""So little popularity is added that it decides only between items of which the model says the same."""

TRAITS_OF_UNKNOWN = 0.5
"""What the traits of a user without history say, against a popularity of 1 for the most popular item."""


@dataclass(frozen=True)
class SequenceModel:
    """What was learned.

    coefficients: of the linear model, for (2 head) inputs and for traits; neighbours: (items, items) sparse;
    popularity: (items,), the share of events of each item over that of the most popular one; cold: scores items by
    their features, None without features or without such items; apart: whether those rank below all others; reach: how
    many of a user's newest events count; context: what the context of a request says, None where nothing.
    """

    coefficients: Coefficients
    neighbours: sparse.csr_matrix
    popularity: NDArray[np.float32]
    cold: ColdScorer | None = None
    apart: bool = True
    reach: int = HISTORY
    context: ContextLift | None = None


class SequenceRecommender(Recommender):
    """Scores items by the newest HISTORY events of a user, by the user's traits, and new items by their features."""

    scored: ClassVar[bool] = True
    history_length: ClassVar[int] = HISTORY
    sharpness: ClassVar[float] = SHARPNESS

    def __init__(self, model: SequenceModel) -> None:
        self._model = model
        self._known = _places(model.popularity > 0)
        self._untaken = _places(model.popularity <= 0)

    @property
    def n_items(self) -> int:
        """Size of the catalogue."""
        return len(self._model.popularity)

    def score(
        self, histories: Sequence[NDArray[np.int32]], traits: sparse.csr_matrix | None = None
    ) -> NDArray[np.float32]:
        """Known items by the mixed models; items without any event below them, sorted by their features."""
        model = self._model
        scores = self._mix(histories, traits)
        if model.cold is None or model.apart:
            floor = scores[:, self._known].min(axis=1, keepdims=True, initial=0.0) - 1
            by_features = None if model.cold is None else model.cold.score(scores)
            scores[:, self._untaken] = floor
            if model.cold is not None and by_features is not None:
                scores[:, model.cold.cold] = floor + _between_0_and_1(by_features)
        else:
            scores[:, model.cold.cold] = model.cold.score(scores)
        return scores

    def _mix(
        self, histories: Sequence[NDArray[np.int32]], traits: sparse.csr_matrix | None
    ) -> NDArray[np.float32]:
        """(requests, items): linear and transition scores, each scaled to a maximum of 1 per request, mixed."""
        model = self._model
        recent = Recent.of(histories, model.reach)
        coefficients = model.coefficients.items
        head = coefficients.shape[1]
        in_head = recent.below(head)
        linear = np.zeros((len(histories), head), np.float32)
        for block, tau in enumerate(MEMORIES):
            linear += in_head.decayed(tau, head) @ coefficients[block * head : (block + 1) * head]
        unknown = recent.lengths == 0
        known = len(model.coefficients.traits)
        if traits is not None and known:
            linear += traits[:, :known] @ model.coefficients.traits
        scores = (recent.decayed(TRANSITION_MEMORY, self.n_items) @ model.neighbours).toarray()
        scores = _scaled(scores) * np.float32(1 - LINEAR_SHARE)
        scores[:, :head] += _scaled(linear) * np.float32(LINEAR_SHARE)
        scores[unknown] *= np.float32(TRAITS_OF_UNKNOWN)
        # Where there is no history, popularity is the model; elsewhere it decides only between equals.
        weight = np.where(unknown, 1.0, POPULARITY_SHARE).astype(np.float32)
        scores += weight[:, None] * model.popularity
        if traits is not None and model.context is not None and traits.shape[1] > known:
            # The softmax is taken of SHARPNESS times the scores: this multiplies probabilities by the lift.
            scores += model.context.log_lifts(traits[:, known:]) / np.float32(SHARPNESS)
        return scores

    def save(self, folder: Path) -> None:
        """Some arrays."""
        model = self._model
        arrays = {
            "coefficients": model.coefficients.items,
            "traits": model.coefficients.traits,
            "popularity": model.popularity,
            "apart": np.array(model.apart),
            "reach": np.array(model.reach),
        }
        if model.cold is not None:
            arrays |= {f"cold_{name}": value for name, value in vars(model.cold).items()}
        for name, array in arrays.items():
            np.save(folder / f"{name}.npy", array)
        sparse.save_npz(folder / "neighbours.npz", model.neighbours, compressed=False)
        if model.context is not None:
            sparse.save_npz(folder / "context.npz", model.context.counts, compressed=False)
            np.save(folder / "context_columns.npy", model.context.columns)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Some arrays."""
        read = {path.stem: np.load(path) for path in folder.glob("*.npy")}
        context = None
        if "context_columns" in read:
            counts = sparse.csr_matrix(sparse.load_npz(folder / "context.npz"))
            context = ContextLift(counts, read["context_columns"])
        cold = {name.removeprefix("cold_"): array for name, array in read.items() if name.startswith("cold_")}
        return cls(
            SequenceModel(
                Coefficients(read["coefficients"], read["traits"]),
                sparse.csr_matrix(sparse.load_npz(folder / "neighbours.npz")),
                read["popularity"],
                ColdScorer(**cold) if cold else None,
                bool(read["apart"]),
                int(read["reach"]),
                context,
            )
        )


class SequenceTrainer(Trainer):
    """Adds up the statistics of all models."""

    def __init__(self, item_counts: NDArray[np.int64], side: Side, tuning: Tuning) -> None:
        head = min(int(np.sum(item_counts >= HEAD_MINIMUM)), HEAD_ITEMS)
        self._side, self._tuning = side, tuning
        self._linear = LinearStatistics.empty(head)
        self._traits = None if side.users is None else TraitStatistics.empty(head, side.users)
        columns = side.context_columns
        self._context = ContextLift.empty(columns, len(item_counts)) if columns else None
        self._transitions = TransitionStatistics(len(item_counts))
        self._counts = np.zeros(len(item_counts), dtype=np.int64)
        self._stride = max(1, -(-int(item_counts.sum()) // LEARNED_EVENTS))

    @classmethod
    def start(cls, item_counts: NDArray[np.int64], parameters: Mapping[str, str], side: Side) -> Self:
        """Starts with nothing seen."""
        return cls(item_counts, side, Tuning.of(parameters))

    def retuned(self, parameters: Mapping[str, str]) -> Self:
        """The statistics do not depend on what is tuned: the copy shares them."""
        other = copy(self)
        other._tuning = Tuning.of(parameters)  # noqa: SLF001 - it is of this class
        return other

    def add(self, events: Events) -> None:
        """Takes in some users' sequences; above LEARNED_EVENTS every n-th user stands for all."""
        self._counts += events.item_counts
        learned = events if self._stride == 1 else events.where(events.users % self._stride == 0)
        self._linear.add(learned)
        self._transitions.add(learned)
        if self._traits is not None:
            self._traits.add(learned)
        if self._context is not None:
            self._context = self._context.plus(events)

    def recommender(self) -> SequenceRecommender:
        """Solves for the coefficients."""
        with ONE_THREAD:
            return self._solved()

    def _solved(self) -> SequenceRecommender:
        popularity = (self._counts / max(1, self._counts.max(initial=0))).astype(np.float32)
        features = self._side.items
        tuning = self._tuning
        coefficients = solve_with_side(
            self._linear,
            None if features is None else features[: self._linear.size],
            self._traits,
            tuning.ridge,
            short_memory=tuning.recency,
        )
        cold = None
        if features is not None:
            cold = fit_cold_scorer(features, self._side.item_columns, self.cold())
        return SequenceRecommender(
            SequenceModel(
                coefficients,
                self._transitions.neighbours(),
                popularity,
                cold,
                self.apart,
                tuning.reach,
                self._context,
            )
        )

    apart: ClassVar[bool] = True
    """New items rank below all that somebody took, unless a filter or exploration asks for them."""

    def cold(self) -> NDArray[np.bool_]:
        """Which items are scored by their features: those without any event so far."""
        return np.equal(self._counts, 0)


class ColdStartTrainer(SequenceTrainer):
    """`aws-hrnn-coldstart`: young items with few events are scored by their features, too, and rank among all others.

    cold_start_max_interactions, cold_start_max_duration (days): what few and young mean. cold_start_relative_from is
    taken as latestItem always: a model must not change with the day on which it is trained.
    """

    apart: ClassVar[bool] = False
    _most: int
    _oldest: float

    @classmethod
    def start(cls, item_counts: NDArray[np.int64], parameters: Mapping[str, str], side: Side) -> Self:
        """Starts with nothing seen."""
        made = super().start(item_counts, parameters, side)
        made._most = int(  # noqa: SLF001 - it is of this class
            parameters.get("cold_start_max_interactions", "15")
        )
        made._oldest = float(  # noqa: SLF001 - it is of this class
            parameters.get("cold_start_max_duration", "5.0")
        )
        return made

    def cold(self) -> NDArray[np.bool_]:
        """Items with few events so far that are young; without any event an item is as young as can be."""
        ages = self._side.ages
        young = np.zeros(len(self._counts)) if ages is None else ages
        return np.logical_and(self._counts <= self._most, young <= self._oldest)


def _places(marked: NDArray[np.bool_]) -> slice | NDArray[np.int64]:
    """The columns that are marked True, as a slice where they follow each other, which is faster.

    Codes are ranks of popularity, so items without events are the last ones: unless the users who took them are left
    out of the training, as test users or by the length of their history.
    """
    found = np.nonzero(marked)[0]
    if len(found) and found[-1] - found[0] >= len(found):
        return found
    return slice(found[0], found[-1] + 1) if len(found) else slice(0, 0)


def _scaled(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows divided by their maximum, where that is positive."""
    highest = scores.max(axis=1, keepdims=True, initial=0.0)
    scaled: NDArray[np.float32] = (scores / np.where(highest > 0, highest, 1.0)).astype(np.float32)
    return scaled


def _between_0_and_1(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows moved and scaled so that their lowest is 0 and their highest 1."""
    lowest, highest = scores.min(axis=1, keepdims=True), scores.max(axis=1, keepdims=True)
    moved: NDArray[np.float32] = ((scores - lowest) / np.where(highest > lowest, highest - lowest, 1)).astype(
        np.float32
    )
    return moved
