"""Groups of users by the length of their training history, as runs name them: `010-019`, `500+`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from lambdas.reports.comparison.differences import CommonUsers

BY_HISTORY = "history"

BoolArray = NDArray[np.bool_]


def in_group(users: CommonUsers, group: str) -> BoolArray | None:
    """Who is in a group then and now; None where a run does not tell histories, or the name is none."""
    bounds = _bounds(group)
    if users.histories is None or bounds is None:
        return None
    then, now = (_within(histories, *bounds) for histories in users.histories)
    return then & now


def _bounds(group: str) -> tuple[int, int | None] | None:
    low, _, high = group.partition("-")
    if group.endswith("+") and group[:-1].isdecimal():
        return int(group[:-1]), None
    return (int(low), int(high)) if low.isdecimal() and high.isdecimal() else None


def _within(histories: NDArray[np.int64], low: int, high: int | None) -> BoolArray:
    return histories >= low if high is None else (histories >= low) & (histories <= high)
