"""Genres as distributions: what a user's history is made of, and how far a list is made of the same.

The distribution of a set of items is the mean of its items' distributions, each of which gives every genre of the
item the same weight (Steck 2018, "Calibrated recommendations", RecSys, equations 2 and 3, with equal weights).
Items without a genre are left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lambdas.evaluate.catalogue import Catalogue
    from lambdas.evaluate.interactions import EvaluationData
    from lambdas.evaluate.item_sets import ItemSets

FloatArray = NDArray[np.float64]

# Entries of the matrices (users times genres) that are held at once.
_BLOCK_ENTRIES = 4 << 20


@dataclass(frozen=True, slots=True)
class Genres:
    """The genres of all items, by item code: `sets` holds genre codes, `names` tells what they are called."""

    sets: ItemSets
    names: tuple[str, ...]

    @classmethod
    def of(cls, catalogue: Catalogue, data: EvaluationData) -> Genres:
        """The genres that the catalogue knows of the data's items."""
        sets, names = catalogue.genre_sets(data.items)
        return cls(sets, names)

    @property
    def known(self) -> bool:
        """Whether any item has a genre."""
        return bool(self.sets.items.size)

    def blocks(self, rows: int) -> Iterator[slice]:
        """Ranges of rows for which a matrix of rows times genres stays small."""
        size = max(1, _BLOCK_ENTRIES // max(len(self.names), 1))
        return (slice(begin, min(begin + size, rows)) for begin in range(0, rows, size))

    def of_lists(self, codes: NDArray[np.int32]) -> FloatArray:
        """The distribution of every list, shape (lists, genres); zeros where no item has a genre.

        codes: item codes, shape (lists, length); -1 and codes that no item has are left out.
        """
        rows = np.repeat(np.arange(len(codes)), codes.shape[1])
        flat = codes.ravel()
        known = (flat >= 0) & (flat < self.sets.n_users)
        return self._distributions(rows[known], flat[known], len(codes))

    def of_histories(self, seen: ItemSets, users: slice) -> FloatArray:
        """The distribution of the training items of a range of users, shape (users, genres)."""
        rows, items = _rows_of(seen, users)
        return self._distributions(rows, items, users.stop - users.start)

    def counts_in_histories(self, seen: ItemSets, users: slice) -> FloatArray:
        """How many training items of each of a range of users have each genre, shape (users, genres)."""
        rows, items = _rows_of(seen, users)
        return self._sums(rows, items, np.ones(len(items)), users.stop - users.start)

    def totals(self, values: FloatArray) -> FloatArray:
        """For every genre the sum of `values`, one per item code from 0, over its items, shape (genres,)."""
        items = np.arange(len(values), dtype=np.int32)
        return np.asarray(self._sums(np.zeros(len(items), dtype=np.int64), items, values, 1)[0])

    def _distributions(self, rows: NDArray[np.int64], items: NDArray[np.int32], n: int) -> FloatArray:
        """Mean distributions of the items in each of n rows. `rows` and `items` are parallel."""
        sizes = self.sets.sizes[items]
        sums = self._sums(rows, items, 1 / np.maximum(sizes, 1), n)
        with_genre = np.bincount(rows, weights=sizes > 0, minlength=n)
        return np.asarray(sums / np.maximum(with_genre, 1)[:, np.newaxis])

    def _sums(
        self, rows: NDArray[np.int64], items: NDArray[np.int32], values: FloatArray, n: int
    ) -> FloatArray:
        """For each of n rows and every genre the sum of the values of the row's items that have it."""
        sizes, width = self.sets.sizes[items], max(len(self.names), 1)
        begins = np.repeat(self.sets.starts[items] - (np.cumsum(sizes) - sizes), sizes)
        genres = self.sets.items[begins + np.arange(begins.size)]
        keys = np.repeat(rows, sizes) * width + genres
        weights = np.repeat(values, sizes)
        sums = np.bincount(keys, weights=weights, minlength=n * width)
        return sums.astype(np.float64, copy=False).reshape(n, width)


def _rows_of(seen: ItemSets, users: slice) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """All items of a range of users, each with its user's place in the range."""
    starts = seen.starts[users.start : users.stop + 1]
    rows = np.repeat(np.arange(users.stop - users.start), np.diff(starts))
    return rows, seen.items[starts[0] : starts[-1]]


def genre_agreement(first: FloatArray, second: FloatArray) -> FloatArray:
    """1 minus the Jensen-Shannon distance of each row's two distributions, shape (rows,).

    The distance is the square root of the Jensen-Shannon divergence with logarithms to base 2 (Lin 1991; a
    metric: Endres and Schindelin 2003): 0 for equal distributions, 1 for those that share no genre. It needs no
    smoothing where one of them is 0, as the Kullback-Leibler divergence does. NaN where a row of either is all
    zeros.
    """
    middle = (first + second) / 2
    divergence = (_relative_entropy(first, middle) + _relative_entropy(second, middle)) / 2
    agreement = 1 - np.sqrt(np.clip(divergence, 0, 1))
    defined = (first.sum(axis=1) > 0) & (second.sum(axis=1) > 0)
    return np.where(defined, agreement, np.nan)


def agreement_of_lists(genres: Genres, seen: ItemSets, codes: NDArray[np.int32]) -> FloatArray:
    """The genre agreement of every user's list with the user's training items, shape (users,).

    seen: the users' training items; codes: one list per user.
    """
    values = np.full(len(codes), np.nan)
    for users in genres.blocks(len(codes)):
        values[users] = genre_agreement(genres.of_histories(seen, users), genres.of_lists(codes[users]))
    return values


def _relative_entropy(first: FloatArray, second: FloatArray) -> FloatArray:
    """Sum of p log2(p / q) along each row; a term with p = 0 is 0."""
    quotient = np.ones_like(first)
    np.divide(first, second, out=quotient, where=first > 0)
    return np.asarray((first * np.log2(quotient)).sum(axis=1))
