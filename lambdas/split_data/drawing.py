"""Seeded draws that depend on nothing but the seed and the ids: not on rows, files, platform or library."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


def drawn_order(ids: Sequence[str], seed: int, purpose: str) -> NDArray[np.int64]:
    """Positions of the ids in a random order: the first n of them are a sample of n without replacement.

    Ids are ordered by a hash of seed, purpose and id. A generator's numbers would be dealt out by position, so
    that one new id changed everybody's luck; here an id keeps its place among the others. Draws for different
    purposes are independent under one seed.
    """
    prefix = f"{seed}/{purpose}/".encode()
    lots = [hashlib.blake2b(prefix + text.encode(), digest_size=16).digest() for text in ids]
    return np.array(sorted(range(len(lots)), key=lots.__getitem__), dtype=np.int64)
