"""Differences between two runs with their intervals: paired where the users are the same, independent otherwise."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from lambdas.reports.bootstrap import SampledMean, resampled_means
from lambdas.reports.estimates import UNDEFINED, Difference, Estimate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lambdas.reports.comparison.run import ListKey, MetricKey
    from lambdas.reports.comparison.user_values import FloatArray, UserValues

Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Draws:
    """How users are resampled."""

    resamples: int
    seed: int
    confidence: float


@dataclass(frozen=True, slots=True)
class CommonUsers:
    """The users that both runs evaluated, ascending by id: where they stand in either run's rows.

    other_future: how many of them are judged by more or fewer held-out items now than then.
    """

    then: UserValues
    now: UserValues
    places_then: Places
    places_now: Places
    other_future: int

    def __len__(self) -> int:
        """How many there are."""
        return len(self.places_then)

    @property
    def histories(self) -> tuple[Places, Places] | None:
        """Everybody's training interactions then and now; None where a run does not tell them."""
        then, now = self.then.histories, self.now.histories
        return None if then is None or now is None else (then[self.places_then], now[self.places_now])

    def values(
        self, then: tuple[ListKey, MetricKey], now: tuple[ListKey, MetricKey]
    ) -> tuple[FloatArray, FloatArray] | None:
        """A metric of everybody then and now, NaN in both where either is undefined; None when a run lacks it."""
        if then not in self.then.values or now not in self.now.values:
            return None
        before = self.then.values[then][self.places_then]
        after = self.now.values[now][self.places_now]
        undefined = np.isnan(before) | np.isnan(after)
        return np.where(undefined, np.nan, before), np.where(undefined, np.nan, after)


@dataclass(frozen=True, slots=True)
class PairedChange:
    """A metric's difference over users that are compared with themselves.

    users: those for whom it is defined in both runs. identical: nobody's value differs.
    """

    difference: Difference
    users: int
    identical: bool


def common_users(then: UserValues, now: UserValues) -> CommonUsers:
    """Find the users of both runs."""
    found = pc.index_in(now.ids, value_set=then.ids)
    both = np.flatnonzero(np.asarray(pc.is_valid(found).to_numpy(zero_copy_only=False)))
    places_then = np.asarray(pc.drop_null(found).to_numpy(), dtype=np.int64)
    other = int(np.count_nonzero(then.futures[places_then] != now.futures[both]))
    return CommonUsers(then, now, places_then, both, other)


def paired_changes(pairs: Sequence[tuple[FloatArray, FloatArray]], draws: Draws) -> list[PairedChange]:
    """The change of every metric, given everybody's values then and now.

    Percentile bootstrap over users, all metrics in the same draws (`lambdas.reports.bootstrap`): a difference is the
    mean of the users' differences, and relative to the same users' mean then.
    """
    if not pairs:
        return []
    columns = np.column_stack([column for pair in pairs for column in pair])
    resampled = resampled_means(columns, resamples=draws.resamples, seed=draws.seed)
    return [
        _paired(before, after, resampled[:, 2 * place : 2 * place + 2], draws)
        for place, (before, after) in enumerate(pairs)
    ]


def _paired(before: FloatArray, after: FloatArray, resampled: FloatArray, draws: Draws) -> PairedChange:
    defined = ~np.isnan(before)
    users = int(np.count_nonzero(defined))
    if not users:
        return PairedChange(Difference(UNDEFINED, UNDEFINED), 0, identical=False)
    then, now = (
        SampledMean(float(values[defined].mean()), resampled[:, column])
        for column, values in enumerate((before, after))
    )
    identical = bool(np.array_equal(before[defined], after[defined]))
    return PairedChange(now.minus(then, draws.confidence), users, identical)


def independent_difference(then: Estimate, now: Estimate) -> Difference:
    """Now minus then, for figures of different users.

    The interval comes from both figures' own intervals: it begins √((now - now.low)² + (then.high - then)²) below the
    difference and ends √((now.high - now)² + (then - then.low)²) above it
    (Zou and Donner 2008, "Construction of confidence limits about effect measures: a general approach",
    Statistics in Medicine 27(10), section 2, for independent estimates). Where some users are the same and score alike
    in both runs, it is too wide rather than too narrow. Both intervals must be of the same confidence.
    The relative difference has no interval.
    """
    if then.value is None or now.value is None:
        return Difference(UNDEFINED, UNDEFINED)
    difference = now.value - then.value
    relative = Estimate(difference / then.value) if then.value > 0 else UNDEFINED
    if None in (then.low, then.high, now.low, now.high):
        return Difference(Estimate(difference), relative)
    below = math.hypot(_distance(now.value, now.low), _distance(then.high, then.value))
    above = math.hypot(_distance(now.high, now.value), _distance(then.value, then.low))
    return Difference(Estimate(difference, difference - below, difference + above), relative)


def _distance(upper: float | None, lower: float | None) -> float:
    """How far apart two figures are that are known to be there."""
    return (upper or 0.0) - (lower or 0.0)
