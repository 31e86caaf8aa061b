"""Pairs of users for the replay: the second's own past events are sent in the first's name.

Pairs are disjoint. What is sent in a user's name stays in the dataset group, so a user who served in one pair
would bring its events into another; and independent pairs are what intervals over pairs assume.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lambdas.split_data.drawing import drawn_order
from lambdas.split_data.problems import Notice, Problem
from lambdas.split_data.schema import ITEM_ID, USER_ID

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from lambdas.split_data.measures import Measures
    from lambdas.split_data.settings import PairSettings


def eligible_users(measures: Measures, settings: PairSettings) -> NDArray[np.int64]:
    """Codes of the users with enough history to serve in a pair: as many training events as are replayed."""
    return np.flatnonzero(measures.user_past >= settings.events)


def pair_problems(measures: Measures, settings: PairSettings) -> Iterator[Problem]:
    """A problem when there is not even one pair."""
    eligible = len(eligible_users(measures, settings))
    if eligible < 2:
        yield Problem(
            "training part",
            f"{eligible} of {measures.counts['train_users']:,} users have {settings.events} interactions or "
            "more, and a pair needs two such users",
            "Replay fewer events, or add data of users with longer histories.",
        )


def pair_warning(measures: Measures, settings: PairSettings) -> Notice:
    """How many pairs there are when they are fewer than asked for."""
    possible = len(eligible_users(measures, settings)) // 2
    return Notice(
        "few_pairs",
        possible if possible < settings.count else 0,
        f"pairs of users can be made and not {settings.count:,}: so few users have {settings.events} "
        "interactions or more to train on",
    )


def draw_pairs(measures: Measures, settings: PairSettings) -> list[dict[str, Any]]:
    """`pairs.json`: pairs of users drawn by the seed, with the last training events of the second in their order.

    The timestamps are the events' own, in Unix seconds. There are at most `settings.count` pairs, and as many
    as there are users for otherwise.
    """
    histories = measures.histories
    users, items = (histories.frame[name].cat.categories for name in (USER_ID, ITEM_ID))
    eligible = eligible_users(measures, settings)
    drawn = eligible[drawn_order(users[eligible].tolist(), settings.seed, f"pairs/{settings.draw}")]
    past = np.flatnonzero(measures.split.train)
    ends = np.searchsorted(histories.users[past], drawn, side="right")
    codes, times = histories.codes(ITEM_ID), histories.times()
    pairs = []
    for number in range(min(settings.count, len(drawn) // 2)):
        first, second = 2 * number, 2 * number + 1
        events = past[ends[second] - settings.events : ends[second]]
        pairs.append(
            {
                "pair": number + 1,
                "user_a": users[drawn[first]],
                "user_b": users[drawn[second]],
                "events": [
                    {"item_id": items[code], "timestamp": time}
                    for code, time in zip(codes[events].tolist(), times[events].tolist(), strict=True)
                ],
            }
        )
    return pairs
