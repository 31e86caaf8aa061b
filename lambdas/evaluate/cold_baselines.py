"""What a recommender of cold items must beat. Nothing is known of them but their genres.

Popularity can recommend none of them. Ties are broken by one seeded order of the cold items, never by their ids:
ids often grow with time or with popularity, and would tell the baseline what nobody can know.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lambdas.evaluate.baselines import COLD_BASELINES

if TYPE_CHECKING:
    from lambdas.evaluate.genres import FloatArray, Genres
    from lambdas.evaluate.interactions import EvaluationData

# With this many times fewer candidates than places it pays to shuffle them all for every user.
_FEW = 8
_BLOCK_ENTRIES = 4 << 20
# Items of average popularity that every genre is given.
_PRIOR_ITEMS = 10


def cold_baseline_lists(
    name: str,
    data: EvaluationData,
    genres: Genres,
    candidates: NDArray[np.int64],
    *,
    length: int,
    seed: int,
) -> NDArray[np.int32]:
    """The lists of one baseline, shape (users, length), -1 where there are fewer candidates.

    candidates: the codes of the cold items, ascending. Raises KeyError for a name that is not known.
    """
    if name not in COLD_BASELINES:
        raise KeyError(name)
    generator = np.random.default_rng([seed, COLD_BASELINES.index(name)])
    if name == "random_held_out":
        return random_lists(candidates, data.n_users, length, generator)
    # The same order for both genre baselines, so that they differ by their weights alone.
    order = np.random.default_rng([seed, len(COLD_BASELINES)]).permutation(candidates)
    everybody = GenrePopularity.of(data, genres)
    if name == "popular_genres":
        one = lists_by_genre(everybody.weights[np.newaxis], genres, order, length)
        return np.broadcast_to(one[0], (data.n_users, length))
    lists = np.empty((data.n_users, length), dtype=np.int32)
    for users in genres.blocks(data.n_users):
        lists[users] = lists_by_genre(everybody.of_users(data, genres, users), genres, order, length)
    return lists


@dataclass(frozen=True, slots=True)
class GenrePopularity:
    """How popular genres are: by how many interactions each has for each of its training items.

    Not by how many it has in all: a genre of many items that nobody wants has many, too. So that a genre of few
    items is not judged by them alone, _PRIOR_ITEMS of average popularity are added to each (a Bayesian average).

    weights: for everybody together, shape (genres,). items: number of training items of each genre.
    """

    weights: FloatArray
    items: FloatArray

    @classmethod
    def of(cls, data: EvaluationData, genres: Genres) -> GenrePopularity:
        """Counted from all training interactions."""
        counts = data.counts.astype(np.float64)
        items = genres.totals(np.ones(data.catalogue_size))
        average = counts.sum() / max(data.catalogue_size, 1)
        return cls(_averaged(genres.totals(counts), average, items), items)

    def of_users(self, data: EvaluationData, genres: Genres, users: slice) -> FloatArray:
        """The same of the distinct training items of each of a range of users, shape (users, genres).

        A user without an item that has a genre has the weights of everybody.
        """
        counts = genres.counts_in_histories(data.seen, users)
        average = data.seen.sizes[users] / max(data.catalogue_size, 1)
        weights = _averaged(counts, average[:, np.newaxis], self.items)
        weights[counts.sum(axis=1) == 0] = self.weights
        return weights


def _averaged(counts: FloatArray, average: FloatArray | float, items: FloatArray) -> FloatArray:
    return np.asarray((counts + _PRIOR_ITEMS * average) / (items + _PRIOR_ITEMS))


def random_lists(
    candidates: NDArray[np.int64], n_users: int, length: int, generator: np.random.Generator
) -> NDArray[np.int32]:
    """For every user an independent draw of candidates without replacement, in random order."""
    n = len(candidates)
    lists = np.full((n_users, length), -1, dtype=np.int32)
    block = max(1, _BLOCK_ENTRIES // max(n, 1))
    for begin in range(0, n_users, block):
        rows = slice(begin, min(begin + block, n_users))
        size = rows.stop - rows.start
        if n <= _FEW * length:
            drawn = generator.random((size, n)).argsort(axis=1)[:, :length]
        else:
            drawn = _distinct_draws(n, size, length, generator)
        lists[rows, : drawn.shape[1]] = candidates[drawn]
    return lists


def lists_by_genre(
    weights: FloatArray, genres: Genres, order: NDArray[np.int64], length: int
) -> NDArray[np.int32]:
    """The cold items by how well their genres fit, shape (rows, length), padded with -1.

    weights: how much every row likes every genre, shape (rows, genres). order: candidates in the order in which
    ties are broken. The score of an item is the cosine of the row's weights and the item's genres, up to a factor
    of the row: the sum of the weights of its genres, divided by the root of their number; 0 without a genre.

    Items with the same genres score the same, so combinations of genres are scored and ranked, not items.
    """
    combinations, members = _combinations(genres, order)
    scores = np.round(weights @ combinations.T, 12)
    ranked = np.argsort(-scores, axis=1, kind="stable")[:, :length]
    sizes = np.array([len(items) for items in members])
    begins = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    ends = np.cumsum(sizes[ranked], axis=1)
    lists = np.full((len(weights), length), -1, dtype=np.int32)
    grouped = np.concatenate(members)
    for place in range(min(length, len(order))):
        # The combination in which this place falls, and the item's place within it.
        column = np.argmax(ends > place, axis=1)[:, np.newaxis]
        chosen = np.take_along_axis(ranked, column, axis=1)[:, 0]
        within = place - (np.take_along_axis(ends, column, axis=1)[:, 0] - sizes[chosen])
        lists[:, place] = grouped[begins[chosen] + within]
    return lists


def _combinations(genres: Genres, order: NDArray[np.int64]) -> tuple[FloatArray, list[NDArray[np.int64]]]:
    """The distinct combinations of genres among the candidates, as rows of length 1, with the items of each.

    Combinations come in the order of their first item, items in the order given.
    """
    by_genres: dict[bytes, list[int]] = {}
    for item in order.tolist():
        own = genres.sets.items[genres.sets.starts[item] : genres.sets.starts[item + 1]]
        by_genres.setdefault(own.tobytes(), []).append(item)
    rows = np.zeros((len(by_genres), max(len(genres.names), 1)))
    for row, key in zip(rows, by_genres, strict=True):
        codes = np.frombuffer(key, dtype=genres.sets.items.dtype)
        row[codes] = 1 / np.sqrt(max(codes.size, 1))
    return rows, [np.array(items, dtype=np.int64) for items in by_genres.values()]


def _distinct_draws(n: int, rows: int, length: int, generator: np.random.Generator) -> NDArray[np.int64]:
    """`length` different numbers below n for every row: the first different ones of endless draws."""
    drawn = generator.integers(0, n, size=(rows, 2 * length))
    while True:
        fresh = _first_times(drawn)
        short = np.count_nonzero(fresh, axis=1) < length
        if not short.any():
            break
        drawn = np.hstack([drawn, generator.integers(0, n, size=(rows, length))])
    place = np.cumsum(fresh, axis=1) - 1
    at = np.nonzero(fresh & (place < length))
    out = np.empty((rows, length), dtype=np.int64)
    out[at[0], place[at]] = drawn[at]
    return out


def _first_times(drawn: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Where a number stands in its row for the first time."""
    by_value = np.argsort(drawn, axis=1, kind="stable")
    ordered = np.take_along_axis(drawn, by_value, axis=1)
    fresh = np.ones(drawn.shape, dtype=np.bool_)
    again = ordered[:, 1:] == ordered[:, :-1]
    np.put_along_axis(fresh, by_value[:, 1:], ~again, axis=1)
    return fresh
