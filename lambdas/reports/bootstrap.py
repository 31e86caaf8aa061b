"""Percentile bootstrap over users (Efron and Tibshirani 1993, chapter 13), all metrics in one product.

A resample draws n of the n users with replacement. Counting how often each user was drawn turns the means of all
columns in a block of resamples into one matrix product. Every column sees the same resamples, so the difference
of two columns' means is the mean of the paired differences.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lambdas.reports.estimates import UNDEFINED, Difference, Estimate

FloatArray = NDArray[np.float64]

# Entries of the matrix of draw counts that is held at once (8 bytes each): the matrix product is several times as
# fast with hundreds of resamples in it as with tens.
_BLOCK_ENTRIES = 32 << 20

# Matrix products sum equal columns in different orders; values are at most 1.
_ROUNDING_ERROR = 1e-12


@dataclass(frozen=True, slots=True)
class SampledMean:
    """A mean (NaN: undefined) and its values in the resamples (none: it cannot be resampled)."""

    mean: float
    resampled: FloatArray

    def estimate(self, confidence: float) -> Estimate:
        """The mean with its percentile interval."""
        if not np.isfinite(self.mean):
            return UNDEFINED
        low, high = interval(self.resampled, confidence) or (None, None)
        return Estimate(self.mean, low, high)

    def minus(self, other: SampledMean, confidence: float) -> Difference:
        """The difference to another mean, resample by resample: both must come from the same draws."""
        mean = float(_snapped(self.mean - other.mean))
        resampled = _snapped(self.resampled - other.resampled)
        absolute = SampledMean(mean, resampled).estimate(confidence)
        if absolute.value is None or other.mean == 0:
            return Difference(absolute, UNDEFINED)
        # A resample in which the other scores 0 makes the quotient infinite, and the interval undefined.
        quotient = np.full(resampled.shape, np.nan)
        np.divide(resampled, other.resampled, out=quotient, where=other.resampled > 0)
        return Difference(absolute, SampledMean(mean / other.mean, quotient).estimate(confidence))


def resampled_means(values: FloatArray, *, resamples: int, seed: int) -> FloatArray:
    """Column means of `resamples` bootstrap resamples of the rows, shape (resamples, columns).

    `values` has one row per user. NaN marks users for whom a column is undefined: a mean is over the drawn users
    with a value, NaN when there is none. The draws depend on the seed and the number of rows only; give the rows
    in a fixed order. With fewer than two rows all is NaN: one user tells nothing about the spread between users.
    """
    n, columns = values.shape
    generator = np.random.default_rng(seed)
    means = np.full((resamples, columns), np.nan)
    if n < 2:
        return means
    partial = np.flatnonzero(np.isnan(values).any(axis=0))
    defined = (~np.isnan(values[:, partial])).astype(np.float64)
    filled = np.nan_to_num(values, nan=0.0)
    block = max(1, _BLOCK_ENTRIES // n)
    for begin in range(0, resamples, block):
        size = min(block, resamples - begin)
        drawn = np.empty((size, n))
        for row in drawn:
            row[:] = np.bincount(generator.integers(0, n, size=n), minlength=n)
        sums = drawn @ filled
        users = np.full((size, columns), float(n))
        users[:, partial] = drawn @ defined
        np.divide(sums, users, out=means[begin : begin + size], where=users > 0)
    return means


def interval(resampled: FloatArray, confidence: float) -> tuple[float, float] | None:
    """The percentile interval of one column's resampled values; None when any of them is undefined."""
    if not resampled.size or not np.isfinite(resampled).all():
        return None
    tail = (1 - confidence) / 2
    low, high = np.quantile(resampled, [tail, 1 - tail])
    return float(low), float(high)


def _snapped(difference: FloatArray | float) -> FloatArray:
    """Zero where a difference is rounding error: equal lists must never come out as better or worse."""
    return np.where(np.abs(difference) < _ROUNDING_ERROR, 0.0, difference)
