"""Trending models as they are now: moved on by the events of everybody that were put since the training.

The service computes a trend anew once in each interval. Here that happens at the first request after an event came, so
that nobody has to wait for an interval to pass; between two events the trend is kept.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from emulator.recipes.trending import TrendingRecommender
from emulator.serving.live_events import is_of_interest, newest_trained

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulator.data.datasets import Datasets
    from emulator.state.resources import Resource
    from emulator.state.streams import Event
    from emulator.training.model import TrainedModel

TRENDS_KEPT = 4


@dataclass(frozen=True)
class Trends:
    """Follows the streams of datasets.

    _kept: by version and dataset the newest event that was looked at, and the model after it.
    """

    datasets: Datasets
    _kept: OrderedDict[tuple[str, int], tuple[int, TrainedModel]] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def current(self, version: Resource, model: TrainedModel) -> TrainedModel:
        """The model of a version with the trend at the newest event; a model of another recipe as it is.

        New items stand behind the model's own, in the order of their first event: codes stay what they are.
        """
        if not isinstance(model.recommender, TrendingRecommender):
            return model
        dataset = self.datasets.find(version.body["datasetGroupArn"], "INTERACTIONS")
        if dataset is None:
            return model
        key, streams = (version.arn, dataset.sequence), self.datasets.streams
        with self._lock:
            seen, moved = self._kept.get(key, (newest_trained(version), model))
            if streams.last_event(dataset.arn) > seen:
                arrived = streams.all_events(dataset.arn, after=seen)
                seen = max([seen, *(event.sequence for event in arrived)])
                moved = _followed(moved, [event for event in arrived if is_of_interest(event, version)])
            self._kept[key] = (seen, moved)
            self._kept.move_to_end(key)
            while len(self._kept) > TRENDS_KEPT:
                self._kept.popitem(last=False)
            return moved


def _followed(model: TrainedModel, events: Sequence[Event]) -> TrainedModel:
    if not events or not isinstance(model.recommender, TrendingRecommender):
        return model
    new = list(dict.fromkeys(event.item for event in events if event.item not in model.codes))
    codes = model.codes | {item: code for code, item in enumerate(new, len(model.items))}
    items = model.items + new
    recommender = model.recommender.followed(
        np.array([codes[event.item] for event in events], np.int32),
        np.array([event.sent for event in events], np.int64),
        len(items),
    )
    ages = np.concatenate([model.ages, np.zeros(len(new))])
    return replace(model, recommender=recommender, items=items, counts=recommender.counts, ages=ages)
