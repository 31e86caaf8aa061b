"""The service's metric for `aws-trending-now`: how much of what rose next had been recommended.

The hold-out is in time: the last interval of the data is what has to be predicted from all that came before it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from emulator.recipes.contract import fit
from emulator.recipes.trending import TrendingTrainer, counts_within, seconds_of
from emulator.training.metrics import LIST_LENGTH

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from emulator.recipes.events import Events

TREND_PREDICTION_ACCURACY = "trend_prediction_accuracy"
"""The key in GetSolutionMetrics. The service's guide names the metric in words only: its key is not confirmed."""


def trend_metrics(events: Events, parameters: Mapping[str, str], coverage: float) -> dict[str, float]:
    """The keys of GetSolutionMetrics for trends, rounded to four decimals.

    coverage: the share of the items that is on the final model's list, which is the same for everybody.
    """
    accuracy = trend_prediction_accuracy(events, parameters)
    return {"coverage": round(coverage, 4), TREND_PREDICTION_ACCURACY: round(accuracy, 4)}


def trend_prediction_accuracy(events: Events, parameters: Mapping[str, str]) -> float:
    """The increase of the recommended items over that of the items that truly rose most, at most LIST_LENGTH each.

    An item's increase is its number of events in the last interval less that in the one before. Recommended items that
    fell count against the others; the result is never below 0. It is 0 where nothing rose, or where there are no times
    or no events before the last interval.
    """
    if events.times is None or not len(events):
        return 0.0
    interval = seconds_of(parameters)
    now = int(events.times.max())
    past = events.where(events.times <= now - interval)
    if not len(past):
        return 0.0
    increase = _increase(events, events.times, now, interval)
    most = np.sort(increase[increase > 0])[::-1][:LIST_LENGTH].sum()
    (listed,) = fit(TrendingTrainer, past, parameters).recommend([_NO_HISTORY], LIST_LENGTH).items
    return max(0.0, float(increase[listed[listed >= 0]].sum() / most)) if most else 0.0


_NO_HISTORY = np.empty(0, np.int32)


def _increase(events: Events, times: NDArray[np.int64], now: int, interval: int) -> NDArray[np.int64]:
    middle = now - interval
    new = counts_within(events.items, times, middle, now, events.n_items)
    return new - counts_within(events.items, times, middle - interval, middle, events.n_items)
