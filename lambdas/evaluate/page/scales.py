"""Axes: round limits, round ticks, and positions as a percentage of the width."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis: its place in per cent of the width, its text, and how the text is anchored there."""

    x: float
    text: str
    anchor: str
    is_zero: bool


@dataclass(frozen=True, slots=True)
class Scale:
    """A linear axis from `low` to `high` with ticks every `step`."""

    low: float
    high: float
    step: float

    @classmethod
    def around(cls, values: Iterable[float], *, intervals: int = 5) -> Scale:
        """A scale with round limits that holds zero and all values, in at most about `intervals` steps."""
        known = [0.0, *values]
        low, high = min(known), max(known)
        if low == high:
            high = low + 1.0
        step = _round_step((high - low) / intervals)
        return cls(math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step, step)

    def x(self, value: float) -> float:
        """Where a value lies, in per cent of the width."""
        return round(100 * (value - self.low) / (self.high - self.low), 3)

    def ticks(self, text: Callable[[float], str]) -> tuple[Tick, ...]:
        """All ticks from end to end; the outer ones are anchored inwards so that their text is not cut."""
        count = round((self.high - self.low) / self.step)
        return tuple(self._tick(number, count, text) for number in range(count + 1))

    def _tick(self, number: int, count: int, text: Callable[[float], str]) -> Tick:
        value = self.low + number * self.step
        is_zero = abs(value) < self.step / 1e6
        anchor = {0: "start", count: "end"}.get(number, "middle")
        return Tick(self.x(value), text(0.0 if is_zero else value), anchor, is_zero)


def _round_step(rough: float) -> float:
    """The next larger of 1, 2, 2.5, 5 or 10 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(rough))
    return next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough * (1 - 1e-9))
