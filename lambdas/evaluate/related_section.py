"""What the lists of related items are like, for the report: examples, differences, popularity by group of causes."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from lambdas.evaluate.batch_output import first_of
from lambdas.evaluate.interactions import places
from lambdas.evaluate.overlap import mean_list_distance

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from lambdas.evaluate.catalogue import Catalogue
    from lambdas.evaluate.interactions import EvaluationData
    from lambdas.evaluate.related_items import Cause, Causes, Neighbours

# How many neighbours of a cause are shown.
SHOWN_NEIGHBOURS = 10
EVERY_CAUSE = "all"
_GROUPS = ("popular", "middling", "rare", "named")


@dataclass(frozen=True, slots=True)
class Item:
    """An item to show: its id, its title if the catalogue tells one, how often training holds it."""

    item_id: str
    title: str | None
    train_interactions: int | None


@dataclass(frozen=True, slots=True)
class Example:
    """A cause of the table with its first neighbours, none when it has no answer."""

    cause: Item
    group: str
    answered: bool
    neighbours: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """A group of causes: how many have an answer, and at every cut-off what their lists are like.

    popular_share: mean over the lists of the share of their items that belong to the popular head.
    list_distance: mean over the pairs of lists of 1 - overlap. None where undefined.
    """

    group: str
    causes: int
    answered: int
    popular_share: Mapping[int, float | None]
    list_distance: Mapping[int, float | None]


@dataclass(frozen=True, slots=True)
class VariantLists:
    """The lists of one variant."""

    users_without_answer: int
    causes_answered: int
    returned_themselves: int
    groups: tuple[GroupFigures, ...]
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class RelatedItems:
    """The section of a run by related items. Lists are as returned, without the cause itself."""

    causes: int
    users_without_cause: int
    cutoffs: tuple[int, ...]
    variants: Mapping[str, VariantLists]

    def as_document(self) -> dict[str, Any]:
        """The section as JSON values."""
        return {
            "kind": "related_items",
            "causes": self.causes,
            "users_without_cause": self.users_without_cause,
            "variants": [
                {
                    "name": name,
                    "causes_answered": lists.causes_answered,
                    "users_without_answer": lists.users_without_answer,
                    "returned_themselves": lists.returned_themselves,
                    "groups": [_group_document(group) for group in lists.groups],
                    "examples": [
                        {**asdict(example), "neighbours": [asdict(item) for item in example.neighbours]}
                        for example in lists.examples
                    ],
                }
                for name, lists in self.variants.items()
            ],
        }


def related_section(
    found: Mapping[str, Neighbours],
    causes: Causes,
    data: EvaluationData,
    catalogue: Catalogue | None,
    cutoffs: Sequence[int],
) -> RelatedItems:
    """Describe the lists of every variant."""
    return RelatedItems(
        causes=len(causes.items),
        users_without_cause=causes.users_without_cause,
        cutoffs=tuple(cutoffs),
        variants={
            name: _variant_lists(neighbours, causes, data, catalogue, cutoffs)
            for name, neighbours in found.items()
        },
    )


def _variant_lists(
    neighbours: Neighbours,
    causes: Causes,
    data: EvaluationData,
    catalogue: Catalogue | None,
    cutoffs: Sequence[int],
) -> VariantLists:
    asked = causes.of_users[causes.of_users >= 0]
    return VariantLists(
        users_without_answer=int(np.count_nonzero(~neighbours.answered[asked])),
        causes_answered=int(np.count_nonzero(neighbours.answered)),
        returned_themselves=neighbours.returned_themselves,
        groups=tuple(_groups(neighbours, causes, data, cutoffs)),
        examples=tuple(_examples(neighbours, causes, data, catalogue)),
    )


def _groups(
    neighbours: Neighbours, causes: Causes, data: EvaluationData, cutoffs: Sequence[int]
) -> Iterator[GroupFigures]:
    """All causes together, then the groups of the table, in the usual order."""
    yield _figures(EVERY_CAUSE, np.arange(len(causes.items)), neighbours, data, cutoffs)
    present = dict.fromkeys(cause.group for cause in causes.shown)
    for group in sorted(
        present, key=lambda name: (name not in _GROUPS, name in _GROUPS and _GROUPS.index(name))
    ):
        members = [cause for cause in causes.shown if cause.group == group]
        yield _figures(group, _asked_places(members, causes), neighbours, data, cutoffs)


def _figures(
    group: str,
    members: NDArray[np.integer[Any]],
    neighbours: Neighbours,
    data: EvaluationData,
    cutoffs: Sequence[int],
) -> GroupFigures:
    answered = members[neighbours.answered[members]]
    lists = first_of(neighbours.lists[answered], neighbours.lists[answered] >= 0, max(cutoffs))
    # Unknown items share one code: two lists that each have one have nothing in common by that.
    known = np.where(lists < len(data.items), lists, -1)
    return GroupFigures(
        group,
        causes=len(members),
        answered=len(answered),
        popular_share={k: _popular_share(lists[:, :k], data.head_size) for k in cutoffs},
        list_distance={k: _defined(mean_list_distance(known, k)) for k in cutoffs},
    )


def _popular_share(lists: NDArray[np.int32], head_size: int) -> float | None:
    """Mean over the lists that are not empty of the share of items in the popular head."""
    lengths = np.count_nonzero(lists >= 0, axis=1)
    popular = np.count_nonzero((lists >= 0) & (lists < head_size), axis=1)
    return float(np.mean(popular[lengths > 0] / lengths[lengths > 0])) if lengths.any() else None


def _examples(
    neighbours: Neighbours, causes: Causes, data: EvaluationData, catalogue: Catalogue | None
) -> Iterator[Example]:
    for cause, place in zip(causes.shown, _asked_places(causes.shown, causes), strict=True):
        codes = [code for code in neighbours.lists[place].tolist() if 0 <= code < len(data.items)]
        codes = codes[:SHOWN_NEIGHBOURS]
        ids = [data.items[code].as_py() for code in codes]
        titles = _titles(catalogue, [cause.item_id, *ids])
        yield Example(
            cause=Item(cause.item_id, titles[0], cause.train_interactions),
            group=cause.group,
            answered=bool(neighbours.answered[place]),
            neighbours=tuple(
                Item(item, title, int(data.counts[code]) if code < data.catalogue_size else 0)
                for item, title, code in zip(ids, titles[1:], codes, strict=True)
            ),
        )


def _asked_places(shown: Sequence[Cause], causes: Causes) -> NDArray[np.int32]:
    return places(pa.array([cause.item_id for cause in shown], pa.string()), causes.items)


def _titles(catalogue: Catalogue | None, ids: list[str]) -> list[str | None]:
    return [None] * len(ids) if catalogue is None else catalogue.titles_of(ids)


def _defined(value: float) -> float | None:
    return None if math.isnan(value) else value


def _group_document(group: GroupFigures) -> dict[str, Any]:
    return {
        "group": group.group,
        "causes": group.causes,
        "answered": group.answered,
        "by_cutoff": [
            {"k": k, "popular_share": group.popular_share[k], "list_distance": group.list_distance[k]}
            for k in group.popular_share
        ],
    }
