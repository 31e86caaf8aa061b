"""Scores for items without history: the model's scores of known items, regressed on features, user by user.

For a user's scores s of the known items with features F the coefficients are those of ridge regression,
β = (FᵀF + λI)⁻¹ Fᵀ (s - s̄), and a new item with features f gets f β. F holds the features, pairs of values of one
column (a romantic comedy is not just romance plus comedy) and whole cells as they are, all centred. As F is the same
for everybody, the inverse is taken once, when the model is trained; a request costs two products.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse
from scipy.linalg import cho_factor, cho_solve

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

RIDGE = 60.0
MOST_FEATURES = 800
LEAST_ITEMS = 3
"""A feature or pair that fewer known items have teaches nothing."""


@dataclass(frozen=True)
class ColdScorer:
    """cold: codes of the items it scores; known: codes of those it learns from.

    weights: (known, features) that turn scores into coefficients; features: (cold, features).
    """

    cold: NDArray[np.int32]
    known: NDArray[np.int32]
    weights: NDArray[np.float32]
    features: NDArray[np.float32]

    def score(self, scores: NDArray[np.float32]) -> NDArray[np.float32]:
        """(requests, cold) from the model's scores of all items, (requests, items)."""
        known = scores[:, self.known]
        mean = known.mean(axis=1, keepdims=True)
        cold: NDArray[np.float32] = ((known - mean) @ self.weights @ self.features.T + mean).astype(
            np.float32
        )
        return cold


def fit_cold_scorer(
    features: sparse.csr_matrix, columns: Sequence[str], cold: NDArray[np.bool_], ridge: float = RIDGE
) -> ColdScorer | None:
    """features: (items, features); columns: the column of each.

    None when no item is cold, or when there is nothing to learn from.
    """
    cold_codes, known_codes = np.nonzero(cold)[0], np.nonzero(~cold)[0]
    design = with_combinations(features, columns)
    frequent = _frequent(design[known_codes])
    if not len(cold_codes) or not len(known_codes) or not len(frequent):
        return None
    learned = design[known_codes][:, frequent].toarray()
    centre = learned.mean(axis=0, keepdims=True)
    learned = learned - centre
    system = learned.T @ learned
    system[np.diag_indices_from(system)] += np.float32(ridge)
    weights = cho_solve(cho_factor(system, lower=True, overwrite_a=True), learned.T).T
    return ColdScorer(
        cold_codes.astype(np.int32),
        known_codes.astype(np.int32),
        np.ascontiguousarray(weights, np.float32),
        (design[cold_codes][:, frequent].toarray() - centre).astype(np.float32),
    )


def with_combinations(features: sparse.csr_matrix, columns: Sequence[str]) -> sparse.csr_matrix:
    """The features and, for each column, one for every two of its values and one for every whole cell.

    Pairs and cells that fewer than LEAST_ITEMS items have are left out, and so are columns whose cells hold one value.
    """
    blocks = [features]
    for column in dict.fromkeys(columns):
        chosen = [index for index, name in enumerate(columns) if name == column]
        values = features[:, chosen].tocsc()
        if values.sum(axis=1).max() <= 1:
            continue
        blocks.append(_cells(values.tocsr()))
        together = sparse.triu(values.T @ values, k=1).tocoo()
        often = np.nonzero(together.data >= LEAST_ITEMS)[0]
        often = often[np.argsort(-together.data[often], kind="stable")[:MOST_FEATURES]]
        if len(often):
            blocks.append(values[:, together.row[often]].multiply(values[:, together.col[often]]))
    return sparse.hstack(blocks, "csr")


def _cells(values: sparse.csr_matrix) -> sparse.csr_matrix:
    """(items, cells): which items have exactly the same values."""
    values.sort_indices()
    known: dict[bytes, int] = {}
    cell = [
        known.setdefault(values.indices[start:end].tobytes(), len(known))
        for start, end in zip(values.indptr[:-1], values.indptr[1:], strict=True)
    ]
    shape = (len(cell), len(known))
    return sparse.csr_matrix((np.ones(len(cell), np.float32), (np.arange(len(cell)), cell)), shape=shape)


def _frequent(design: sparse.csr_matrix) -> NDArray[np.int64]:
    """The columns that enough items have but not all, the most frequent ones if there are too many."""
    counts = np.asarray(design.sum(axis=0)).ravel()
    able = np.nonzero((counts >= LEAST_ITEMS) & (counts < design.shape[0]))[0]
    return np.sort(able[np.argsort(-counts[able], kind="stable")[:MOST_FEATURES]])
