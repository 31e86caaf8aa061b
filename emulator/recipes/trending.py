"""`aws-trending-now`: the items whose popularity rises fastest, the same list for everybody, without scores.

Two intervals are compared: the newest, which ends with the newest event, and the one before it. Of an item with `new`
and `old` events in them the rise is

    (new - old) / sqrt(new + old)

the increase in units of its own standard error if both counts are Poisson counts of one rate (Przyborowski and
Wilenski 1940, "Homogeneity of results in testing samples from Poisson series", Biometrika 31). The bare increase would
be led by the chance fluctuations of what is popular anyway, the relative one by items that hardly anybody takes. An
item counts as rising if that is above 1, an increase larger than its error: one event more is none, two after none are.

Rising items come first, by their rise, then by popularity. All others follow by popularity, as in
`aws-popularity-count`: that is also the list where no item rises, or where events carry no times.

Now is the time of the newest event, not that of a clock: the same data give the same list on any day. The price: an
event whose time is wrong and far ahead, in the data or put later, is now, so that no item rises any more and the list
is that of popularity until time gets there, or until a model is trained on data without it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np

from emulator.recipes.contract import Recommender, Side, Trainer
from emulator.recipes.popularity import popular_scores

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from scipy import sparse

    from emulator.recipes.events import Events

FREQUENCY = "trend_discovery_frequency"
DEFAULT_FREQUENCY = "2 hours"
INTERVALS = {"30 minutes": 1800, "1 hour": 3600, "2 hours": 7200, "3 hours": 10800, "1 day": 86400}
"""What `trend_discovery_frequency` may be, in seconds."""

LEAST_RISE = 1.0


def seconds_of(parameters: Mapping[str, str]) -> int:
    """The length of an interval by checked parameters."""
    return INTERVALS[parameters.get(FREQUENCY, DEFAULT_FREQUENCY).lower()]


def counts_within(
    items: NDArray[np.int32], times: NDArray[np.int64], start: int, end: int, n_items: int
) -> NDArray[np.int64]:
    """Events of each item after `start`, up to and with `end`: (n_items,)."""
    inside = (times > start) & (times <= end)
    return np.bincount(items[inside], minlength=n_items).astype(np.int64)


class TrendingRecommender(Recommender):
    """counts: all events of each item. items, times: codes and seconds of the events of the last two intervals.

    interval: in seconds. An item without any event is never recommended.
    """

    scored: ClassVar[bool] = False
    history_length: ClassVar[int] = 0

    def __init__(
        self,
        counts: NDArray[np.int64],
        items: NDArray[np.int32],
        times: NDArray[np.int64],
        interval: int,
    ) -> None:
        self.counts, self._interval = counts, interval
        self._items, self._times = _recent(items, times, interval)
        self._scores = _places(counts, self._rises())

    @property
    def n_items(self) -> int:
        """Size of the catalogue."""
        return len(self.counts)

    def score(
        self, histories: Sequence[NDArray[np.int32]], traits: sparse.csr_matrix | None = None
    ) -> NDArray[np.float32]:
        """The same for every request."""
        del traits
        return np.tile(self._scores, (len(histories), 1))

    def followed(
        self, items: NDArray[np.int32], times: NDArray[np.int64], n_items: int
    ) -> TrendingRecommender:
        """The model after further events, on a catalogue that may have grown at its end."""
        counts = np.bincount(items, minlength=n_items).astype(np.int64)
        counts[: self.n_items] += self.counts
        return TrendingRecommender(
            counts,
            np.concatenate([self._items, items]).astype(np.int32),
            np.concatenate([self._times, times]).astype(np.int64),
            self._interval,
        )

    def _rises(self) -> NDArray[np.float64]:
        """The rise of each item, 0 for those that do not rise."""
        now = int(self._times.max()) if len(self._times) else 0
        middle, start = now - self._interval, now - 2 * self._interval
        new = counts_within(self._items, self._times, middle, now, self.n_items)
        old = counts_within(self._items, self._times, start, middle, self.n_items)
        rises = (new - old) / np.sqrt(np.maximum(1, new + old))
        return np.where(rises > LEAST_RISE, rises, 0.0)

    def save(self, folder: Path) -> None:
        """Some arrays."""
        np.save(folder / "counts.npy", self.counts)
        np.save(folder / "items.npy", self._items)
        np.save(folder / "times.npy", self._times)
        np.save(folder / "interval.npy", np.array(self._interval))

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Some arrays."""
        read = {name: np.load(folder / f"{name}.npy") for name in ("counts", "items", "times")}
        return cls(**read, interval=int(np.load(folder / "interval.npy")))


class TrendingTrainer(Trainer):
    """Counts, and keeps the events that can lie in the last two intervals."""

    def __init__(self, n_items: int, interval: int) -> None:
        self._interval = interval
        self._counts = np.zeros(n_items, dtype=np.int64)
        self._items = np.empty(0, np.int32)
        self._times = np.empty(0, np.int64)

    @classmethod
    def start(cls, item_counts: NDArray[np.int64], parameters: Mapping[str, str], side: Side) -> Self:
        """The recipe looks at nothing but events."""
        del side
        return cls(len(item_counts), seconds_of(parameters))

    def add(self, events: Events) -> None:
        """Adds the events of each item; those without times make no trend."""
        self._counts += events.item_counts
        if events.times is not None:
            items = np.concatenate([self._items, events.items])
            times = np.concatenate([self._times, events.times])
            self._items, self._times = _recent(items, times, self._interval)

    def recommender(self) -> TrendingRecommender:
        """The trend at the newest event so far."""
        return TrendingRecommender(self._counts.copy(), self._items, self._times, self._interval)


def _recent(
    items: NDArray[np.int32], times: NDArray[np.int64], interval: int
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """The events of the last two intervals."""
    if not len(times):
        return items, times
    kept = times > int(times.max()) - 2 * interval
    return items[kept], times[kept]


def _places(counts: NDArray[np.int64], rises: NDArray[np.float64]) -> NDArray[np.float32]:
    """Scores that sort by rise, then by count, then by code; -inf without events. They are places, as in popularity."""
    order = np.lexsort((-counts, -rises))
    places = np.empty(len(counts), np.int64)
    places[order] = len(counts) - np.arange(len(counts))
    return popular_scores(np.where(counts > 0, places, 0))
