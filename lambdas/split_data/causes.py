"""Causes: the items of which "you see this because you watched A" speaks.

The cause of a user is the last item of the user's training part. For the table of related items there are
also items by group. Rank the items of the training part by their interactions there, descending, ties by
ascending id, without those named in the settings; then

    popular   the first of the ranking
    rare      some of the last fifth of the ranking
    middling  some of the fifth around its middle place

where a ranking too short for all serves popular first, then rare. No item stands in two groups. Which of a fifth are
taken is drawn by their ids alone: as long as they stay in it, the same items are shown in every run, and runs can be
compared, though new data change every place of the ranking.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lambdas.split_data.drawing import drawn_order
from lambdas.split_data.problems import Notice, Problem
from lambdas.split_data.schema import ITEM_ID

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from lambdas.split_data.measures import Measures
    from lambdas.split_data.settings import CauseSettings


@dataclass(frozen=True, slots=True)
class Causes:
    """The cause (an item code) of each of the measures' query users; groups of the table as item codes.

    `unknown` has the named items that the training part lacks.
    """

    of_users: NDArray[np.int32]
    groups: dict[str, NDArray[np.int64]]
    unknown: tuple[str, ...]

    @property
    def items(self) -> NDArray[np.int64]:
        """Codes of all items to ask for, ascending, each once."""
        return np.unique(np.concatenate([self.of_users, *self.groups.values()])).astype(np.int64)


def find_causes(measures: Measures, settings: CauseSettings) -> Causes:
    """The causes of the users to evaluate and of the table."""
    ids = measures.histories.frame[ITEM_ID].cat.categories
    trained = measures.item_past > 0
    places = ids.get_indexer(pd.Index(settings.named, dtype=ids.dtype))
    known = [int(place) for place in places if place >= 0 and trained[place]]
    unknown = [
        name for name, place in zip(settings.named, places, strict=True) if place < 0 or not trained[place]
    ]
    return Causes(
        of_users=last_items(measures),
        groups={
            "named": np.array(known, dtype=np.int64),
            **_groups(measures.item_past, ids, known, settings),
        },
        unknown=tuple(unknown),
    )


def last_items(measures: Measures) -> NDArray[np.int32]:
    """Item code of the last training event of each query user."""
    past = np.flatnonzero(measures.split.train)
    users = measures.histories.users[past]
    last = past[np.searchsorted(users, measures.query_users, side="right") - 1]
    return measures.histories.codes(ITEM_ID)[last]


def cause_problems(causes: Causes, settings: CauseSettings) -> Iterator[Problem]:
    """A problem when not one of the items named in the settings can be asked for."""
    if causes.unknown and len(causes.unknown) == len(settings.named):
        yield Problem(
            "queries.causes.named in the settings",
            f"the training part knows none of these items: {', '.join(causes.unknown)}",
            "Name items by their ITEM_ID in the interactions, or none.",
        )


def cause_warning(causes: Causes) -> Notice:
    """Named items that are left out."""
    return Notice(
        "unknown_causes",
        len(causes.unknown),
        "items named as causes in the settings are not in the training part and were left out: "
        f"{', '.join(causes.unknown)}",
    )


def causes_document(measures: Measures, causes: Causes) -> dict[str, Any]:
    """`causes.json`: the table's items, group by group, each group in its own order."""
    ids = measures.histories.frame[ITEM_ID].cat.categories
    return {
        "causes": [
            {"item_id": ids[code], "group": group, "train_interactions": int(measures.item_past[code])}
            for group, codes in causes.groups.items()
            for code in codes.tolist()
        ]
    }


def _groups(
    counts: NDArray[np.int64], ids: pd.Index[str], named: list[int], settings: CauseSettings
) -> dict[str, NDArray[np.int64]]:
    # Codes ascend with ids, and the sort is stable: ties come by id.
    ranking = np.argsort(-counts, kind="stable")
    ranking = ranking[(counts[ranking] > 0) & ~np.isin(ranking, named)]
    fifth = len(ranking) // 5
    first_rest = min(settings.popular, len(ranking))
    spare = len(ranking) - first_rest - settings.middling
    end_rest = max(first_rest, len(ranking) - max(settings.rare, min(fifth, spare)))
    middling = min(max(settings.middling, fifth), end_rest - first_rest)
    # Around the middle of the whole ranking, as far as the other two leave room there.
    start = min(max((len(ranking) - middling) // 2, first_rest), end_rest - middling)
    return {
        "popular": ranking[:first_rest],
        "middling": _drawn(ranking[start : start + middling], settings.middling, ids),
        "rare": _drawn(ranking[end_rest:], settings.rare, ids),
    }


def _drawn(codes: NDArray[np.int64], count: int, ids: pd.Index[str]) -> NDArray[np.int64]:
    """So many of the items, drawn by their ids, in the order they came."""
    return codes[np.sort(drawn_order(ids[codes].tolist(), 0, "causes")[:count])]
