"""What the data looks like, counted: the numbers that the diagnosis tells and the checks judge."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from lambdas.split_data.schema import ITEM_ID, TIMESTAMP, USER_ID

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lambdas.split_data.ordering import Histories
    from lambdas.split_data.splitting import Split

_TIME_BINS = 60
_TOP_SHARES = (0.01, 0.05, 0.1, 0.2)


@dataclass(frozen=True)
class Measures:
    """Counts over the events of the histories and of their two parts, made when first asked for."""

    histories: Histories
    split: Split

    @cached_property
    def user_events(self) -> NDArray[np.int64]:
        """Events of each user code."""
        return np.bincount(self.histories.users, minlength=self.users)

    @cached_property
    def user_past(self) -> NDArray[np.int64]:
        """Training events of each user code."""
        return np.bincount(self.histories.users[self.split.train], minlength=self.users)

    @cached_property
    def _items(self) -> NDArray[np.int32]:
        return self.histories.codes(ITEM_ID)

    @cached_property
    def item_events(self) -> NDArray[np.int64]:
        """Events of each item code."""
        return np.bincount(self._items, minlength=self.items)

    @cached_property
    def item_past(self) -> NDArray[np.int64]:
        """Training events of each item code."""
        return np.bincount(self._items[self.split.train], minlength=self.items)

    @property
    def users(self) -> int:
        """Users in the data."""
        return len(self.histories.frame[USER_ID].cat.categories)

    @property
    def items(self) -> int:
        """Items in the data."""
        return len(self.histories.frame[ITEM_ID].cat.categories)

    @cached_property
    def user_future(self) -> NDArray[np.int64]:
        """Held-out events of each user code."""
        return np.bincount(self.histories.users[self.split.held], minlength=self.users)

    @cached_property
    def query_users(self) -> NDArray[np.int64]:
        """Codes of the users who can be judged: they have a past to learn from and a held-out future."""
        return np.flatnonzero((self.user_past > 0) & (self.user_future > 0))

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many of everything."""
        events, held = len(self.histories.order), int(self.split.held.sum())
        unused = 0 if self.split.unused is None else int(self.split.unused.sum())
        return {
            "rows_read": len(self.histories.frame),
            "duplicates": self.histories.duplicates,
            "interactions": events,
            "users": self.users,
            "items": self.items,
            "train_interactions": events - held - unused,
            "holdout_interactions": held,
            "train_users": int((self.user_past > 0).sum()),
            "train_items": int((self.item_past > 0).sum()),
            "holdout_users": int((self.user_future > 0).sum()),
            "query_users": len(self.query_users),
            "holdout_users_without_past": int(((self.user_past == 0) & (self.user_future > 0)).sum()),
            "users_without_future": int((self.user_future == 0).sum()),
            **({} if self.split.unused is None else {"unused_interactions": unused}),
            **({} if self.split.cold is None else {"cold_items": int(self.split.cold.sum())}),
        }

    def time(self) -> dict[str, Any]:
        """First and last second, and how many events fall into each of equally long bins between them."""
        times = self.histories.frame[TIMESTAMP].to_numpy()
        first, last = int(times.min()), int(times.max())
        bins = max(1, min(_TIME_BINS, last - first))
        heights, edges = np.histogram(self.histories.times(), bins=bins, range=(first, max(last, first + 1)))
        return {
            "first": first,
            "last": last,
            "days": round((last - first) / 86_400, 3),
            "histogram": [
                {"from": int(low), "to": int(high), "interactions": int(height)}
                for low, high, height in zip(edges[:-1], edges[1:], heights, strict=True)
            ],
        }

    def history(self) -> dict[str, Any]:
        """Lengths of the users' histories; the bins of the histogram double in width."""
        lengths = self.user_events
        octaves = np.bincount(np.floor(np.log2(lengths)).astype(np.int64))
        return {
            "shortest": int(lengths.min()),
            "median": float(np.median(lengths)),
            "mean": round(float(lengths.mean()), 3),
            "p90": float(np.quantile(lengths, 0.9)),
            "longest": int(lengths.max()),
            "histogram": [
                {"from": 1 << octave, "to": (2 << octave) - 1, "users": int(users)}
                for octave, users in enumerate(octaves)
            ],
        }

    def long_tail(self) -> dict[str, Any]:
        """How much of the events the most popular items have, and how many items have a single event."""
        popular = np.sort(self.item_events)[::-1]
        running = np.cumsum(popular) / popular.sum()
        tops = [(share, max(1, round(share * len(popular)))) for share in _TOP_SHARES]
        return {
            "top_items": [
                {"share_of_items": share, "items": top, "share_of_interactions": _share(running[top - 1])}
                for share, top in tops
            ],
            "items_with_one_interaction": int((popular == 1).sum()),
        }

    def repeats(self) -> dict[str, float]:
        """Share of events whose user had an earlier event with the item: in all, and future against past."""
        pairs = self.histories.users.astype(np.int64)
        pairs *= self.items
        pairs += self._items
        past, future = np.sort(pairs[self.split.train]), np.sort(pairs[self.split.held])
        place = np.minimum(np.searchsorted(past, future), len(past) - 1)
        again = past[place] == future
        # Two sorts of parts are cheaper than one of the whole, where the parts are the whole.
        two_parts = self.split.unused is None
        distinct = _distinct(past) + _distinct(future[~again]) if two_parts else _distinct(np.sort(pairs))
        return {
            "share_of_interactions": _share(1 - distinct / len(pairs)),
            "share_of_holdout": _share(again.sum() / max(1, len(future))),
        }

    def future(self) -> dict[str, Any]:
        """What the training part has never seen of the future: items and users."""
        held = self.split.held
        held_total = max(1, int(held.sum()))
        new_item, new_user = self.item_past == 0, self.user_past == 0
        return {
            "new_items": int(new_item.sum()),
            "share_of_holdout_with_new_items": _share(new_item[self._items[held]].sum() / held_total),
            "new_users": int(new_user.sum()),
            "share_of_holdout_of_new_users": _share(new_user[self.histories.users[held]].sum() / held_total),
        }


def unlikely_times(histories: Histories, now: int) -> tuple[int, int]:
    """Rows dated in 1970 or before, and rows dated more than a day after `now` (Unix seconds)."""
    times = histories.frame[TIMESTAMP].to_numpy()
    year, day = 365 * 86_400, 86_400
    return int((times < year).sum()), int((times > now + day).sum())


def _distinct(ordered: NDArray[np.int64]) -> int:
    """How many different values a sorted array has."""
    return int((ordered[1:] != ordered[:-1]).sum()) + bool(len(ordered))


def _share(value: float) -> float:
    return round(float(value), 6)
