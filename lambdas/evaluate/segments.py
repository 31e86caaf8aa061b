"""For whom: the comparison of the verdict by groups of users, and of held-out items.

The groups are drawn with all users: a resample's mean of a group is over those of its users who were drawn. So every
group costs three more columns of the one matrix product, and groups are paired with each other and with the whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from lambdas.reports.bootstrap import SampledMean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lambdas.evaluate.interactions import EvaluationData
    from lambdas.evaluate.metrics import JudgedLists
    from lambdas.reports.bootstrap import FloatArray
    from lambdas.reports.estimates import Estimate

By = Literal["history", "popularity"]

# By the shortest training history of each group; fixed, so that runs can be compared.
HISTORY_GROUPS = {
    1: ("001-009", "1\u20139 interactions"),
    10: ("010-019", "10\u201319 interactions"),
    20: ("020-049", "20\u201349 interactions"),
    50: ("050-099", "50\u201399 interactions"),
    100: ("100-199", "100\u2013199 interactions"),
    200: ("200-499", "200\u2013499 interactions"),
    500: ("500+", "500 or more interactions"),
}
POPULARITY_GROUPS = (
    ("popular", "popular items"),
    ("middling", "middling items"),
    ("rare", "rare items"),
    ("new", "items new to training"),
)
# Middling items reach from the popular head to the items that together hold this share of the training interactions.
MIDDLING_SHARE = 0.8

_COLUMNS_A_GROUP = 3


@dataclass(frozen=True, slots=True)
class Segment:
    """A group: over how many users it is, and there the primary list's value, the rival's, and the difference."""

    by: By
    group: str
    label: str
    users: int
    value: Estimate
    rival_value: Estimate
    difference: Estimate

    def as_row(self) -> dict[str, Any]:
        """The group as a row of metrics.json and of the table `segments`."""
        return {
            "by": self.by,
            "group": self.group,
            "label": self.label,
            "users": self.users,
            "value": self.value.value,
            "low": self.value.low,
            "high": self.value.high,
            "rival_value": self.rival_value.value,
            "difference": self.difference.value,
            "difference_low": self.difference.low,
            "difference_high": self.difference.high,
        }


@dataclass(frozen=True, slots=True)
class _Group:
    """Users' values in a group, NaN for users who are not in it."""

    by: By
    group: str
    label: str
    values: FloatArray
    rival_values: FloatArray


@dataclass(frozen=True, slots=True)
class SegmentColumns:
    """What to resample: `matrix` has for every group three columns, one row per user.

    Whether the user is in the group (1 or 0), and the user's values with the two lists there, 0 outside.
    """

    groups: tuple[tuple[By, str, str], ...]
    matrix: FloatArray


def segment_columns(
    data: EvaluationData,
    values: tuple[FloatArray, FloatArray],
    judged: tuple[JudgedLists, JudgedLists],
    k: int,
    *,
    by_items: bool,
) -> SegmentColumns:
    """The columns of every group that has a user.

    values: every user's primary metric with the primary list and with its rival's. judged: both lists.
    by_items: whether recall by the popularity of the held-out items is asked for, too.
    """
    groups = [*_by_history(data, values), *(_by_popularity(data, judged, k) if by_items else ())]
    matrix = np.zeros((data.n_users, _COLUMNS_A_GROUP * len(groups)))
    for place, group in enumerate(groups):
        inside = ~np.isnan(group.values)
        first = _COLUMNS_A_GROUP * place
        matrix[inside, first] = 1
        matrix[inside, first + 1] = group.values[inside]
        matrix[inside, first + 2] = group.rival_values[inside]
    return SegmentColumns(tuple((group.by, group.group, group.label) for group in groups), matrix)


def segments(columns: SegmentColumns, resampled: FloatArray, confidence: float) -> tuple[Segment, ...]:
    """The groups with their intervals. resampled: means of the columns, shape (resamples, columns)."""
    return tuple(_segments(columns, resampled, confidence))


def _segments(columns: SegmentColumns, resampled: FloatArray, confidence: float) -> Iterator[Segment]:
    sums = columns.matrix.sum(axis=0)
    for place, (by, group, label) in enumerate(columns.groups):
        first = _COLUMNS_A_GROUP * place
        users, drawn = sums[first], resampled[:, first]
        mine, rival = (
            SampledMean(float(sums[column] / users), _quotient(resampled[:, column], drawn))
            for column in (first + 1, first + 2)
        )
        yield Segment(
            by,
            group,
            label,
            users=int(users),
            value=mine.estimate(confidence),
            rival_value=rival.estimate(confidence),
            difference=mine.minus(rival, confidence).absolute,
        )


def _by_history(data: EvaluationData, values: tuple[FloatArray, FloatArray]) -> Iterator[_Group]:
    """Groups of users by the number of their training interactions."""
    place = np.searchsorted(list(HISTORY_GROUPS), data.history, side="right") - 1
    defined = ~(np.isnan(values[0]) | np.isnan(values[1]))
    for number, (group, label) in enumerate(HISTORY_GROUPS.values()):
        inside = defined & (place == number)
        if inside.any():
            mine, rival = (np.where(inside, column, np.nan) for column in values)
            yield _Group("history", group, label, mine, rival)


def _by_popularity(data: EvaluationData, judged: tuple[JudgedLists, JudgedLists], k: int) -> Iterator[_Group]:
    """Recall within groups of items: a user's hits in a group over the user's held-out items in it."""
    ends = np.array([data.head_size, data.items_holding(MIDDLING_SHARE), data.catalogue_size])
    owners = np.repeat(np.arange(data.n_users), data.truth.sizes)
    wanted = _counts(owners, data.truth.items, ends, data.n_users)
    recalls = []
    for lists in judged:
        users, columns = np.nonzero(lists.hits[:, :k])
        hits = _counts(users, lists.codes[users, columns], ends, data.n_users)
        recalls.append(_quotient(hits, wanted))
    for place, (group, label) in enumerate(POPULARITY_GROUPS):
        if wanted[:, place].any():
            yield _Group("popularity", group, label, recalls[0][:, place], recalls[1][:, place])


def _counts(
    users: NDArray[np.int64], items: NDArray[np.int32], ends: NDArray[np.int64], n_users: int
) -> NDArray[np.int64]:
    """How many of the (user, item) pairs fall to each user and group of items, shape (users, groups).

    Item codes are places in the order of popularity; `ends` are the codes behind the last of each group but one.
    """
    groups = len(ends) + 1
    cells = users * groups + np.searchsorted(ends, items, side="right")
    return np.bincount(cells, minlength=n_users * groups).reshape(n_users, groups)


def _quotient(numerator: NDArray[Any], denominator: NDArray[Any]) -> FloatArray:
    """NaN where the denominator is 0."""
    quotient = np.full(numerator.shape, np.nan)
    np.divide(numerator, denominator, out=quotient, where=denominator > 0)
    return quotient
