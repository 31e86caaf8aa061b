"""A few users' lists, to be looked at: what they did, what they were recommended, and what hit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from lambdas.evaluate.interactions import EvaluationData
    from lambdas.evaluate.lists import ListName
    from lambdas.evaluate.metrics import JudgedLists
    from lambdas.evaluate.timelines import Timeline

# How much of a list is shown.
SHOWN_ITEMS = 10


@dataclass(frozen=True, slots=True)
class ListedItem:
    """An item of a list, None for one that the data does not know, and whether it is a hit."""

    item_id: str | None
    hit: bool


@dataclass(frozen=True, slots=True)
class ListedItems:
    """The beginning of a user's list."""

    name: ListName
    items: tuple[ListedItem, ...]


@dataclass(frozen=True, slots=True)
class Example:
    """A user: the latest items of the history, the first held-out ones, and lists, the primary one first.

    train_interactions, held_out_items: how many there are in all. answered: whether the first variant has a record.
    """

    user_id: str
    train_interactions: int
    held_out_items: int
    answered: bool
    past: tuple[str, ...]
    future: tuple[str, ...]
    lists: tuple[ListedItems, ...]


def examples_of(
    data: EvaluationData,
    judged: Mapping[ListName, JudgedLists],
    shown: Sequence[ListName],
    answered: NDArray[np.bool_],
) -> tuple[Example, ...]:
    """The users of the data's timelines, with the lists `shown`; a list that stands there twice is shown once."""
    names = tuple(dict.fromkeys(shown))
    return tuple(
        Example(
            user_id=data.users[timeline.user].as_py(),
            train_interactions=int(data.history[timeline.user]),
            held_out_items=int(data.truth.sizes[timeline.user]),
            answered=bool(answered[timeline.user]),
            past=timeline.past,
            future=timeline.future,
            lists=tuple(ListedItems(name, _listed(data, judged[name], timeline)) for name in names),
        )
        for timeline in data.timelines
    )


def _listed(data: EvaluationData, lists: JudgedLists, timeline: Timeline) -> tuple[ListedItem, ...]:
    codes = lists.codes[timeline.user, :SHOWN_ITEMS].tolist()
    hits = lists.hits[timeline.user, :SHOWN_ITEMS].tolist()
    return tuple(
        ListedItem(data.items[code].as_py() if code < len(data.items) else None, hit)
        for code, hit in zip(codes, hits, strict=True)
        if code >= 0
    )
