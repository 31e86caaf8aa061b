"""The cut between the past that is trained on and the future that judges it.

`per_user` and `global_time` divide all events in two. The other two ask whether items that nobody has touched
reach the right people: they take such items out of the training and judge by these alone, so that a third part
of the events is neither trained on nor judged.

    cold_items  a drawn share of the items is held out. Training is the past of the other items, cut per user;
                the truth is what the held-out items got in the users' future, or in all of time.
    new_items   one cut in time for all. The held-out items are those first seen after it; training is all
                before, the truth what these items got after.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from lambdas.split_data.drawing import drawn_order
from lambdas.split_data.schema import ITEM_ID, USER_ID

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from lambdas.split_data.ordering import Histories
    from lambdas.split_data.settings import SplitSettings

# 1 - 0.9 is a little less than 0.1 in binary: without this, ten events would keep none instead of one.
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Split:
    """Which events are held out: one flag an event of the histories, and the last second of the past.

    `cut` is None where every user has a cut of their own. `unused` flags the events that are in neither part,
    None where there are none by design. `cold` flags the held-out items by item code, None where none are.
    """

    held: NDArray[np.bool_]
    cut: int | None
    unused: NDArray[np.bool_] | None = None
    cold: NDArray[np.bool_] | None = None

    @property
    def train(self) -> NDArray[np.bool_]:
        """Flags of the events to train on."""
        return ~self.held if self.unused is None else ~(self.held | self.unused)


def split(histories: Histories, settings: SplitSettings, described: pd.Index[str] | None = None) -> Split:
    """Hold out the future by the method of the settings.

    `described` has the ids in the items dataset, None when there is no such dataset: only they can be
    recommended without a past, so only they are held out.
    """
    cut = _in_time(histories, settings)
    if settings.holds_items_out:
        cut = _of_cold_items(histories, settings, cut, described)
    return cut if settings.max_users is None else _of_fewer_users(histories, cut, settings)


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


def _in_time(histories: Histories, settings: SplitSettings) -> Split:
    if settings.method in ("per_user", "cold_items"):
        return Split(held=last_of_every_user(histories.users, settings.fraction), cut=None)
    times = histories.times()
    cut = global_cut(int(times.min()), int(times.max()), settings.fraction)
    return Split(held=times > cut, cut=cut)


def _of_cold_items(
    histories: Histories, settings: SplitSettings, cut: Split, described: pd.Index[str] | None
) -> Split:
    """Narrow a cut in time to held-out items: they are judged by, the others are trained on."""
    items = histories.codes(ITEM_ID)
    ids = histories.frame[ITEM_ID].cat.categories
    known = np.ones(len(ids), dtype=bool) if described is None else np.asarray(ids.isin(described))
    if settings.method == "new_items":
        cold = known & (np.bincount(items[~cut.held], minlength=len(ids)) == 0)
    else:
        cold = _drawn_items(ids, known, settings)
    is_cold = cold[items]
    all_time = settings.method == "cold_items" and settings.truth == "all_time"
    held = is_cold if all_time else is_cold & cut.held
    return Split(held=held, cut=cut.cut, unused=~held & (is_cold | cut.held), cold=cold)


def _drawn_items(ids: pd.Index[str], known: NDArray[np.bool_], settings: SplitSettings) -> NDArray[np.bool_]:
    """Flags of the drawn share of the known items, rounded half up."""
    among = np.flatnonzero(known)
    order = among[drawn_order(ids[among].tolist(), settings.seed, "cold items")]
    cold = np.zeros(len(ids), dtype=bool)
    cold[order[: int(np.floor(settings.cold_share * len(among) + 0.5))]] = True
    return cold


def _of_fewer_users(histories: Histories, cut: Split, settings: SplitSettings) -> Split:
    """Keep the truth of a sample of those who can be judged; the others are trained on all the same.

    Users without a past are left as they are: they are not judged but counted.
    """
    ids = histories.frame[USER_ID].cat.categories
    past = np.bincount(histories.users[cut.train], minlength=len(ids)) > 0
    future = np.bincount(histories.users[cut.held], minlength=len(ids)) > 0
    judged = np.flatnonzero(past & future)
    order = judged[drawn_order(ids[judged].tolist(), settings.seed, "users")]
    passed_over = np.zeros(len(ids), dtype=bool)
    passed_over[order[settings.max_users :]] = True
    dropped = cut.held & passed_over[histories.users]
    return replace(
        cut, held=cut.held & ~dropped, unused=dropped if cut.unused is None else cut.unused | dropped
    )
