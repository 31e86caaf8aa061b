"""Recommenders of others: implicit's BM25 and ALS, Cornac's GRU4Rec, and EASE, which is a formula.

All learn from the same interactions, by their libraries' defaults where nothing else is said. Libraries are imported
where they are used: they are no dependencies of the project.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from benchmarks.quality.asking import LENGTH, Questions, Train
from benchmarks.recipe_data import Tables
from emulator.data.interactions import Interactions, code_interactions
from emulator.recipes.ranking import top_items

ALS_FACTORS = 64
EASE_RIDGE = 1000.0
GRU_HISTORY = 100
"""So many of a user's newest events are looked at when GRU4Rec is asked; it learns from all."""

GRU_BATCH = 64
"""Cornac's 512 histories at once would leave too few steps an epoch where there are a thousand."""

GRU_JUDGES = 200
"""The last training event of so many users says which epoch was the best; nobody's is learned from."""

SEED = 7
_AT_ONCE = 500


@dataclass(frozen=True)
class Peer:
    """A recommender of others: how it is called in the table, and the library that it needs, if any."""

    label: str
    train: Train
    library: str | None = None


@dataclass(frozen=True)
class Known:
    """The training interactions as codes, in the order of time, and the ids behind them."""

    interactions: Interactions

    @classmethod
    def of(cls, tables: Tables) -> Known:
        """Codes the ids."""
        return cls(code_interactions(tables.interactions, None, None))

    @cached_property
    def user_codes(self) -> dict[str, int]:
        """Id to code."""
        return {user: code for code, user in enumerate(self.interactions.users)}

    @cached_property
    def item_codes(self) -> dict[str, int]:
        """Id to code."""
        return {item: code for code, item in enumerate(self.interactions.items)}

    def rows(self, users: list[str]) -> NDArray[np.int64]:
        """The codes of users."""
        return np.array([self.user_codes[user] for user in users])

    def names(self, codes: NDArray[np.int32]) -> list[str]:
        """The ids of items."""
        return [self.interactions.items[code] for code in codes.tolist()]

    def user_items(self) -> sparse.csr_matrix:
        """(users, items) of 1 where there is any interaction."""
        events = self.interactions.events
        ones = np.ones(len(events), np.float32)
        shape = (events.n_users, events.n_items)
        matrix = sparse.csr_matrix((ones, (events.users, events.items)), shape=shape)
        matrix.data[:] = 1
        return matrix


@dataclass(frozen=True)
class Scored:
    """A peer that scores the catalogue: `scores` makes (users, items) of the codes of some users."""

    known: Known
    scores: Callable[[NDArray[np.int64]], NDArray[np.float32]]

    def lists(self, questions: Questions) -> list[list[str]]:
        """The best of the scores, without what is removed."""
        found: list[list[str]] = []
        for start in range(0, len(questions.users), _AT_ONCE):
            part = questions.part(slice(start, start + _AT_ONCE))
            scores = self.scores(self.known.rows(part.users))
            for row, removed in zip(scores, part.removed, strict=False):
                row[[self.known.item_codes[item] for item in removed]] = -np.inf
            best = top_items(scores, LENGTH)
            kept = np.isfinite(np.take_along_axis(scores, best.astype(np.int64), axis=1))
            found += [self.known.names(items[there]) for items, there in zip(best, kept, strict=True)]
        return found


@dataclass(frozen=True)
class Implicit:
    """A model of implicit, asked by its own `recommend`: it can leave out what the user had, and nothing else."""

    known: Known
    model: Any
    matrix: sparse.csr_matrix

    def lists(self, questions: Questions) -> list[list[str]]:
        """The lists of all users in one call."""
        rows = self.known.rows(questions.users)
        items, _ = self.model.recommend(
            rows, self.matrix[rows], N=LENGTH, filter_already_liked_items=any(questions.removed)
        )
        return [self.known.names(row[row >= 0]) for row in items]


def train_bm25(tables: Tables, _seconds: float) -> Implicit:
    """Item-item neighbours, weighted by Okapi BM25."""
    from implicit.nearest_neighbours import BM25Recommender

    return _implicit(tables, BM25Recommender)


def train_als(tables: Tables, _seconds: float) -> Implicit:
    """Factorisation by alternating least squares (Hu, Koren and Volinsky 2008)."""
    from implicit.als import AlternatingLeastSquares

    return _implicit(tables, lambda: AlternatingLeastSquares(factors=ALS_FACTORS, random_state=SEED))


def _implicit(tables: Tables, make: Callable[[], Any]) -> Implicit:
    from threadpoolctl import threadpool_limits

    known = Known.of(tables)
    matrix = known.user_items()
    with threadpool_limits(1, "blas"):  # as implicit advises: it has threads of its own
        model = make()
        model.fit(matrix, show_progress=False)
    return Implicit(known, model, matrix)


def train_ease(tables: Tables, _seconds: float) -> Scored:
    """EASE with λ = EASE_RIDGE."""
    known = Known.of(tables)
    matrix = known.user_items()
    weights = ease(matrix, EASE_RIDGE)
    return Scored(known, lambda users: np.asarray(matrix[users] @ weights, np.float32))


def ease(matrix: sparse.csr_matrix, ridge: float) -> NDArray[np.float32]:
    """Weights (items, items) that best predict the rows of (users, items) from themselves, with an empty diagonal.

    With P = (XᵀX + λI)⁻¹ the weight of item i for item j is -P[i, j] / P[j, j] (Steck 2019, "Embarrassingly Shallow
    Autoencoders for Sparse Data", WWW, equation 8).
    """
    gram = (matrix.T @ matrix).toarray().astype(np.float64)
    gram[np.diag_indices_from(gram)] += ridge
    inverse = np.linalg.inv(gram)
    weights = inverse / -np.diag(inverse)
    np.fill_diagonal(weights, 0)
    return np.asarray(weights, np.float32)


def train_gru4rec(tables: Tables, seconds: float) -> Scored:
    """GRU4Rec (Hidasi et al. 2016) over whole histories, for as many epochs as fit into the seconds.

    Of these epochs the best is taken, by the last training event of GRU_JUDGES users: it soon overfits. An epoch that
    is trained before, to see how long it takes, is in the measured time, too.
    """
    import torch
    from cornac.data.dataset import SequentialDataset

    torch.set_num_threads(1)  # the steps are small: a second thread waits more than it works
    known = Known.of(tables)
    events = known.interactions.events
    times = np.zeros(len(events), np.int64) if events.times is None else events.times
    # One session a user. Events come in the order of user and time.
    users = events.users.tolist()
    rows = list(zip(users, users, events.items.tolist(), times.tolist(), strict=True))
    sequences = SequentialDataset.build(
        [row for row, kept in zip(rows, (events.events_after() >= 1).tolist(), strict=True) if kept],
        fmt="USIT",
    )
    judges = set(np.unique(np.linspace(0, events.n_users - 1, GRU_JUDGES).astype(int)).tolist())
    validation = SequentialDataset.build(
        [row for row in rows if row[0] in judges],
        fmt="USIT",
        global_uid_map=sequences.uid_map,
        global_sid_map=sequences.sid_map,
        global_iid_map=sequences.iid_map,
        exclude_unknowns=True,
    )
    started = time.perf_counter()
    _gru4rec(epochs=1).fit(sequences, validation)
    epoch = time.perf_counter() - started
    model = _gru4rec(epochs=max(1, int(seconds / epoch))).fit(sequences, validation)
    # An item whose only event was kept for the validation is like no item at all.
    code = np.full(events.n_items, model.total_items, np.int64)
    code[list(sequences.iid_map)] = list(sequences.iid_map.values())
    recent = events.last(GRU_HISTORY)
    starts = recent.offsets

    def scores(users: NDArray[np.int64]) -> NDArray[np.float32]:
        histories = [code[recent.items[starts[user] : starts[user + 1]]] for user in users]
        found = _gru4rec_scores(model, histories)
        return np.pad(found, ((0, 0), (0, 1)), constant_values=-np.inf)[:, code]

    return Scored(known, scores)


def _gru4rec_scores(model: Any, histories: list[NDArray[np.int64]]) -> NDArray[np.float32]:
    """What `model.score` gives for each history, for all at once: they are aligned at their ends."""
    import torch

    network = model.model
    network.eval()
    length = max(len(history) for history in histories)
    padded = np.full((len(histories), length), model.total_items)
    for row, history in zip(padded, histories, strict=True):
        row[length - len(history) :] = history
    states = [torch.zeros((len(histories), size)) for size in model.layers]
    scores = torch.zeros((len(histories), model.total_items))
    with torch.no_grad():
        for items in padded.T:
            scores = network(torch.from_numpy(items.copy()), states, None)
            for state in states:
                state[items == model.total_items] = 0
    found: NDArray[np.float32] = scores[:, : model.total_items].numpy()
    return found


def _gru4rec(epochs: int) -> Any:
    from cornac.models import GRU4Rec

    return GRU4Rec(
        n_epochs=epochs,
        batch_size=GRU_BATCH,
        model_selection="best",
        val_eval_every=1,
        val_metric="mrr",
        seed=SEED,
    )


PEERS = {
    "bm25": Peer("implicit BM25", train_bm25, "implicit"),
    "als": Peer(f"implicit ALS, {ALS_FACTORS} factors", train_als, "implicit"),
    "ease": Peer(f"EASE, λ {EASE_RIDGE:g}", train_ease),
    "gru4rec": Peer("Cornac GRU4Rec", train_gru4rec, "cornac"),
}
