"""A figure with its interval, and a difference of two. Knows no arithmetic, so that readers need no numpy."""

from __future__ import annotations

from dataclasses import dataclass

# Percentile intervals are too narrow for small samples; below this many users (or pairs) nothing is claimed.
MINIMUM_USERS = 30


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its interval. None where it is undefined; no interval for what users cannot be resampled for."""

    value: float | None
    low: float | None = None
    high: float | None = None


UNDEFINED = Estimate(None)


@dataclass(frozen=True, slots=True)
class Difference:
    """One value minus another, and that divided by the other. Relative is undefined where the other is 0."""

    absolute: Estimate
    relative: Estimate
