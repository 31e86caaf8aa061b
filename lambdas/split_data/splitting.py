"""The cut between the past that is trained on and the future that judges it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lambdas.split_data.ordering import Histories
    from lambdas.split_data.request import SplitSettings

# 1 - 0.9 is a little less than 0.1 in binary: without this, ten events would keep none instead of one.
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Split:
    """Which events are held out: one flag an event of the histories, and the last second of the past.

    `cut` is None where every user has a cut of their own.
    """

    held: NDArray[np.bool_]
    cut: int | None


def split(histories: Histories, settings: SplitSettings) -> Split:
    """Hold out the future by the method of the settings."""
    if settings.method == "per_user":
        return Split(held=last_of_every_user(histories.users, settings.fraction), cut=None)
    times = histories.times()
    cut = global_cut(int(times.min()), int(times.max()), settings.fraction)
    return Split(held=times > cut, cut=cut)


def last_of_every_user(users: NDArray[np.int32], fraction: float) -> NDArray[np.bool_]:
    """Flags of the last `fraction` of each user's events, for events ordered by user and time.

    Of n events the first floor(n * (1 - fraction)) stay in training: what pandas calls
    `rank(pct=True, method="first") > 1 - fraction`. The first event always stays, so a user with one event
    has a past and no future.
    """
    counts = np.bincount(users)
    counts = counts[counts > 0]
    kept = np.maximum(1, np.floor(counts * (1 - fraction) + _ROUNDING).astype(np.int64))
    starts = np.cumsum(counts) - counts
    return np.arange(len(users)) >= np.repeat(starts + kept, counts)


def global_cut(first: int, last: int, fraction: float) -> int:
    """The last second of the past when the last `fraction` of the time span is held out.

    A fraction of time, not of events: a model is deployed at a moment, and a busy week is part of the
    question.
    Events in the second of the cut itself belong to the past.
    """
    return last - int(np.floor((last - first) * fraction + _ROUNDING))
