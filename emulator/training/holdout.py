"""The service's hold-outs.

Recipes for items: 10 % of the users are test users; the newest 10 % of what each did is the truth. Recipes for user
segments: the newest 20 % of what every user did is the truth.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from emulator.recipes.events import Events

SEED = 20180522
MOST_TESTED = 5000
"""More test users than this would take time and change the means by less than they are rounded."""


@dataclass(frozen=True)
class Holdout:
    """Test users and what is held out of their events.

    test: one flag per user code. users: codes of the test users. histories and truths: one pair for each of them, item
    codes, oldest first. weights: how much each event of the truths counts, None where all count the same.
    """

    test: NDArray[np.bool_]
    users: NDArray[np.int64]
    histories: list[NDArray[np.int32]]
    truths: list[NDArray[np.int32]]
    weights: list[NDArray[np.float32]] | None = None


def hold_out(events: Events) -> Holdout:
    """Draws a tenth of the users (from 1 to MOST_TESTED) that have two events or more; the draw is seeded.

    Truth: the newest tenth of the user's events, at least one.
    """
    offsets = events.offsets
    counts = np.diff(offsets)
    able = np.nonzero(counts >= 2)[0]
    drawn = np.random.default_rng(SEED).permutation(able)[: min(max(1, events.n_users // 10), MOST_TESTED)]
    test = np.zeros(events.n_users, dtype=bool)
    test[drawn] = True
    histories, truths, weights = [], [], []
    for user in np.sort(drawn):
        held = max(1, int(counts[user]) // 10)
        start, end = offsets[user], offsets[user + 1]
        histories.append(events.items[start : end - held])
        truths.append(events.items[end - held : end])
        if events.weights is not None:
            weights.append(events.weights[end - held : end])
    return Holdout(test, np.sort(drawn), histories, truths, None if events.weights is None else weights)


def newest_fifth(events: Events) -> NDArray[np.bool_]:
    """Marks the newest fifth of each user's events, rounded down but at least one; nothing of users with one event."""
    counts = np.diff(events.offsets)
    held = np.where(counts >= 2, np.maximum(1, counts // 5), 0)
    newest: NDArray[np.bool_] = events.events_after() < held[events.users]
    return newest
