"""Histories as rows of a matrix, newer events weighing more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


@dataclass(frozen=True)
class Recent:
    """The newest events of several requests in a row: items, how many events ago, events per request."""

    items: NDArray[np.int32]
    lags: NDArray[np.int64]
    lengths: NDArray[np.int64]

    @classmethod
    def of(cls, histories: Sequence[NDArray[np.int32]], length: int) -> Recent:
        recent = [history[-length:] for history in histories]
        lengths = np.array([len(history) for history in recent], dtype=np.int64)
        lags = np.repeat(np.cumsum(lengths), lengths) - np.arange(lengths.sum()) - 1
        return cls(np.concatenate([*recent, np.empty(0, np.int32)]), lags, lengths)

    def below(self, size: int) -> Recent:
        """Without the events of items whose code is `size` or more; the others stay as many events ago."""
        keep = self.items < size
        requests = np.repeat(np.arange(len(self.lengths)), self.lengths)[keep]
        return Recent(self.items[keep], self.lags[keep], np.bincount(requests, minlength=len(self.lengths)))

    def decayed(self, tau: float, n_items: int) -> sparse.csr_matrix:
        """(requests, n_items): Σ exp(-lag/tau) over the events of each item."""
        starts = np.concatenate([[0], np.cumsum(self.lengths)])
        values = np.exp(-self.lags / tau).astype(np.float32)
        return sparse.csr_matrix((values, self.items, starts), shape=(len(self.lengths), n_items))
