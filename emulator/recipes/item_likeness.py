"""How alike items are by their metadata: the cosine of their features, rare features weighing more."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse


class Likeness:
    """features: (items, features), weighted, rows of length 1 (or 0 for items without features)."""

    def __init__(self, features: sparse.csr_matrix) -> None:
        self.features = features

    @cached_property
    def _by_feature(self) -> sparse.csr_matrix:
        return sparse.csr_matrix(self.features.T)

    def of(self, items: NDArray[np.int64]) -> NDArray[np.float32]:
        """(items asked, items): cosines from 0 to 1."""
        return np.asarray((self.features[items] @ self._by_feature).toarray(), dtype=np.float32)


def likeness(features: sparse.csr_matrix, most: int) -> Likeness | None:
    """Weighs features by log(items / items that have it); of more than `most` the most frequent ones count."""
    counts = np.asarray(features.sum(axis=0)).ravel()
    able = np.nonzero(counts > 0)[0]
    able = np.sort(able[np.argsort(-counts[able], kind="stable")[:most]])
    if not len(able):
        return None
    rarity = np.log(features.shape[0] / counts[able])
    weighted = sparse.csr_matrix(features[:, able] @ sparse.diags_array(rarity))
    length = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1)).ravel())
    scale = np.divide(1, length, out=np.zeros_like(length), where=length > 0)
    return Likeness(sparse.csr_matrix(sparse.diags_array(scale) @ weighted, dtype=np.float32))
