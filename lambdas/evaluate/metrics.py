"""The metrics: one function each, from a whole matrix of hits to one value per user.

Relevance is binary: an item counts when the user touched it in the held-out part, once, however often it was
touched there. A list shorter than k is treated as if its missing places held misses. Formulas and odd cases are
told again for readers of the report in docs/metrics.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lambdas.reports.names import HIGHER_IS_BETTER, METRIC_LABELS

if TYPE_CHECKING:
    from collections.abc import Callable

    from lambdas.evaluate.item_sets import BoolArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class JudgedLists:
    """The lists of n users, each cut or padded to `length` places, and what is known about every place.

    codes: item codes, shape (n, length); -1 where the list has ended.
    hits: True where the item is held out for the user and stands in the list for the first time.
    popular: True where the item belongs to the popular head of the training part.
    relevant: number of distinct held-out items of every user, shape (n,).
    """

    codes: NDArray[np.int32]
    hits: BoolArray
    popular: BoolArray
    relevant: NDArray[np.int64]

    @property
    def lengths(self) -> NDArray[np.int64]:
        """How many items every list has, shape (n,)."""
        return np.asarray(np.count_nonzero(self.codes >= 0, axis=1))


def precision(lists: JudgedLists, k: int) -> FloatArray:
    """Hits among the first k places, divided by k.

    The divisor stays k for short lists, so that a recommender gains nothing by answering less.
    """
    return _count(lists.hits, k) / k


def recall(lists: JudgedLists, k: int) -> FloatArray:
    """Hits among the first k places, divided by the number of held-out items. NaN when nothing is held out."""
    return _ratio(_count(lists.hits, k), lists.relevant)


def hit_rate(lists: JudgedLists, k: int) -> FloatArray:
    """1 when at least one of the first k places is a hit, else 0."""
    return np.minimum(_count(lists.hits, k), 1.0)


def average_precision(lists: JudgedLists, k: int) -> FloatArray:
    """Sum of the precision at every hit within k, divided by min(k, held-out items); its mean is MAP@k.

    Dividing by min(k, held-out items) lets a perfect list reach 1; TREC's `map_cut` divides by the number of
    held-out items whatever k is. NaN when nothing is held out.
    """
    hits = lists.hits[:, :k]
    at_hit = np.where(hits, np.cumsum(hits, axis=1) / _places(hits), 0.0)
    return _ratio(at_hit.sum(axis=1), np.minimum(lists.relevant, k))


def reciprocal_rank(lists: JudgedLists, k: int) -> FloatArray:
    """1 / place of the best-placed hit within k, 0 without one; its mean is MRR@k."""
    hits = lists.hits[:, :k]
    best: FloatArray = np.max(hits / _places(hits), axis=1, initial=0.0)
    return best


def ndcg(lists: JudgedLists, k: int) -> FloatArray:
    """Discounted gain of the hits within k over that of the ideal list: min(k, held-out items) hits in front.

    A hit at place i gains 1 / log2(1 + i) (Järvelin and Kekäläinen 2002, binary gain). NaN when nothing is held
    out.
    """
    places = np.arange(1, k + 1)
    discount = 1 / np.log2(1 + places)
    return _normalised_gain(lists.hits[:, :k], discount, np.minimum(lists.relevant, k))


def ndcg_of_hits(lists: JudgedLists, k: int) -> FloatArray:
    """NDCG as Amazon's sample notebooks of 2019 computed it: only to compare with their published tables.

    Two things differ from `ndcg`. The ideal list is made of the hits *in the returned list* (up to the longest
    cut-off), so that one hit in front scores 1 whatever was missed. And the discount is 1, 1, 1/log2(3), …: the
    first two places weigh the same (`ndcg_at_k` with its default `method=0` in the notebooks' metrics.py).
    0 when the list has no hit.
    """
    places = np.arange(1, k + 1)
    discount = 1 / np.log2(np.maximum(places, 2))
    values = _normalised_gain(lists.hits[:, :k], discount, np.minimum(lists.hits.sum(axis=1), k))
    return np.nan_to_num(values, nan=0.0)


def popular_share(lists: JudgedLists, k: int) -> FloatArray:
    """Share of the first k recommended items that belong to the popular head. NaN for an empty list.

    Here a short list is divided by its own length: the metric describes what was recommended, not what was
    missed.
    """
    return _ratio(_count(lists.popular, k), np.minimum(lists.lengths, k))


def coverage(lists: JudgedLists, k: int, coverable: BoolArray) -> float:
    """Distinct coverable items in the first k places of all lists, divided by all coverable items.

    `coverable` has shape (items,): the training items, or the cold ones where only those can be recommended;
    other recommended items do not count. NaN when no item is coverable. A property of all lists together: it
    has no value per user.
    """
    total = np.count_nonzero(coverable)
    if total == 0:
        return float("nan")
    codes = lists.codes[:, :k]
    shown = np.zeros(coverable.size, dtype=np.bool_)
    shown[codes[(codes >= 0) & (codes < coverable.size)]] = True
    return float(np.count_nonzero(shown & coverable) / total)


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric by its name in files."""

    name: str

    @property
    def label(self) -> str:
        """Its name in print."""
        return METRIC_LABELS[self.name]

    @property
    def higher_is_better(self) -> bool:
        """Whether more of it is better; of the others neither more nor less is."""
        return self.name in HIGHER_IS_BETTER


@dataclass(frozen=True, slots=True)
class UserMetric(Metric):
    """A metric with a value for every user: `per_user(lists, k)` has shape (users,)."""

    per_user: Callable[[JudgedLists, int], FloatArray]


USER_METRICS = {
    metric.name: metric
    for metric in (
        UserMetric("ndcg", ndcg),
        UserMetric("precision", precision),
        UserMetric("recall", recall),
        UserMetric("hit_rate", hit_rate),
        UserMetric("map", average_precision),
        UserMetric("mrr", reciprocal_rank),
        UserMetric("ndcg_of_hits", ndcg_of_hits),
        UserMetric("popular_share", popular_share),
    )
}
COVERAGE = Metric("coverage")
# Of cold items (genres.py) and of replays (overlap.py).
GENRE_AGREEMENT = Metric("genre_agreement")
OVERLAP = Metric("overlap")
RBO = Metric("rbo")
METRICS: dict[str, Metric] = {
    **USER_METRICS,
    **{metric.name: metric for metric in (COVERAGE, GENRE_AGREEMENT, OVERLAP, RBO)},
}


def _count(marks: BoolArray, k: int) -> FloatArray:
    """How many of each list's first k places are marked, shape (n,)."""
    return np.asarray(np.count_nonzero(marks[:, :k], axis=1), dtype=np.float64)


def _places(hits: BoolArray) -> NDArray[np.int64]:
    """1, 2, … along the list."""
    return np.arange(1, hits.shape[1] + 1)


def _ratio(numerator: FloatArray, denominator: NDArray[np.number[Any]]) -> FloatArray:
    """Quotient with NaN where the denominator is 0."""
    quotient = np.full(len(denominator), np.nan)
    np.divide(numerator, denominator, out=quotient, where=denominator > 0)
    return quotient


def _normalised_gain(hits: BoolArray, discount: FloatArray, ideal_hits: NDArray[np.int64]) -> FloatArray:
    """Discounted gain of the hits over that of `ideal_hits` hits in the first places; NaN without any."""
    ideal = np.concatenate([[0.0], np.cumsum(discount)])[ideal_hits]
    return _ratio(hits @ discount[: hits.shape[1]], ideal)
