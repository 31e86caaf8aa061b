"""The sequential linear model with metadata: one ridge regression on histories, their features, and users' traits.

Features of items enter as two more blocks of inputs, the decayed histories times the features, x G: how much of each
feature the user took in lately. They are combinations of the columns that are there already, so what changes is the
penalty: what items of one feature have in common may be learned once, instead of item by item. That every such block
can be computed from the Gram matrix, and folded back into the coefficients of the items, makes a request cost nothing
more. Traits of users enter as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse
from scipy.linalg import LinAlgError

from emulator.recipes.sequential_linear import MEMORIES, RIDGE, solve_symmetric

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from emulator.recipes.sequential_linear import LinearStatistics
    from emulator.recipes.user_traits import TraitStatistics

ITEM_FEATURE_SCALE = 0.55
TRAIT_SCALE = 0.55
"""Inputs of metadata are multiplied by this, which divides their penalty by its square against that of the histories:
with the ridge that histories need, metadata would be believed too much."""

STEPS_OF_RIDGE = (1.0, 10.0, 100.0, 1e3, 1e4, 1e5, 1e6)
"""What the ridge is multiplied by in turn until the equations can be solved. More than the first is needed only where
rounding is larger than the ridge: where somebody took one item very often in a row, both memories of it are the same
input, and sums in single precision lose what tells them apart."""


@dataclass(frozen=True)
class Coefficients:
    """items: (2 size, size) with the features' share folded in; traits: (traits, size)."""

    items: NDArray[np.float32]
    traits: NDArray[np.float32]


def solve_with_side(
    statistics: LinearStatistics,
    features: sparse.csr_matrix | None,
    traits: TraitStatistics | None,
    ridge: float = RIDGE,
    *,
    short_memory: bool = True,
) -> Coefficients:
    """features: (size, features) of the items of the head. The statistics stay as they are.

    short_memory: False gives the inputs of the short memory coefficients of 0.
    """
    size = statistics.size
    spread = _spread(features, size)
    if size == 0:
        return Coefficients(statistics.cross.copy(), np.zeros((0, size), np.float32))
    solved = _solved(statistics, spread, traits, ridge, short_memory=short_memory)
    wide, shared = len(MEMORIES) * size, spread.shape[1]
    items = solved[:wide] + spread @ solved[wide : wide + shared] if shared else solved[:wide]
    return Coefficients(
        # LAPACK answers in column order; a request reads rows.
        np.ascontiguousarray(items, np.float32),
        np.ascontiguousarray(solved[wide + shared :] * np.float32(TRAIT_SCALE), np.float32),
    )


def _solved(
    statistics: LinearStatistics,
    spread: sparse.csr_matrix,
    traits: TraitStatistics | None,
    ridge: float,
    *,
    short_memory: bool,
) -> NDArray[np.float32]:
    """The coefficients of all inputs: (inputs, size)."""
    size = statistics.size
    for step in STEPS_OF_RIDGE:
        system, target = _system(statistics, spread, traits)
        if not short_memory:
            _leave_out(system, target, slice(0, size))
            wide = len(MEMORIES) * size
            _leave_out(system, target, slice(wide, wide + spread.shape[1] // 2))
        try:
            return solve_symmetric(system, target, ridge * step)
        except LinAlgError:
            continue
    raise LinAlgError(
        "The normal equations have no solution with any ridge; are there numbers that are none?"
    )


def _leave_out(system: NDArray[np.float32], target: NDArray[np.float32], inputs: slice) -> None:
    """Takes inputs out of the equations: what is left of them is the ridge alone, so their coefficients are 0."""
    system[inputs, :] = 0
    system[:, inputs] = 0
    target[inputs] = 0


def _spread(features: sparse.csr_matrix | None, size: int) -> sparse.csr_matrix:
    """(2 size, 2 features): from the histories of items to those of features, for both memories."""
    if features is None:
        return sparse.csr_matrix((len(MEMORIES) * size, 0), dtype=np.float32)
    scaled = features * np.float32(ITEM_FEATURE_SCALE)
    return sparse.csr_matrix(sparse.block_diag([scaled] * len(MEMORIES), "csr"))


def _system(
    statistics: LinearStatistics, spread: sparse.csr_matrix, traits: TraitStatistics | None
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """XᵀX and XᵀY for the inputs (x, x G, u)."""
    size, shared = statistics.size, spread.shape[1]
    wide, known = len(MEMORIES) * size, 0 if traits is None else traits.cross.shape[0]
    system = np.empty((wide + shared + known,) * 2, np.float32)
    target = np.empty((wide + shared + known, size), np.float32)
    x, xg, u = slice(0, wide), slice(wide, wide + shared), slice(wide + shared, None)
    statistics.fill_gram(system[x, x])
    target[x] = statistics.cross
    if shared:
        system[xg, x] = spread.T @ system[x, x]
        system[xg, xg] = spread.T @ system[xg, x].T
        target[xg] = spread.T @ statistics.cross
    if traits is not None:
        scale = np.float32(TRAIT_SCALE)
        system[u, x] = traits.with_history.T * scale
        system[u, xg] = system[u, x] @ spread
        system[u, u] = traits.with_traits * scale**2
        target[u] = traits.cross * scale
    system[x, xg], system[x, u], system[xg, u] = system[xg, x].T, system[u, x].T, system[u, xg].T
    return system, target
