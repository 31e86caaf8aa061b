"""The section of a run by related items: what goes with what, and how much lists of different causes differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambdas.evaluate.page.wording import variant_label
from lambdas.evaluate.related_section import EVERY_CAUSE
from lambdas.reports.charts import Chart, Row, share_chart, value_chart
from lambdas.reports.estimates import Estimate
from lambdas.reports.numbers import count_text, integer_text, percent_text, value_text
from lambdas.reports.tables import Cell, Table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lambdas.evaluate.related_section import Example, Item, RelatedItems, VariantLists


@dataclass(frozen=True, slots=True)
class ItemView:
    """An item: its title, or its id where it has none, and a remark."""

    name: str
    detail: str


@dataclass(frozen=True, slots=True)
class CauseView:
    """A cause with its neighbours, nearest first; `remark` tells why there are none."""

    cause: ItemView
    group: str
    neighbours: tuple[ItemView, ...]
    remark: str


@dataclass(frozen=True, slots=True)
class VariantView:
    """The lists of a variant: its name if there are several."""

    name: str
    summary: str
    groups: Table
    causes: tuple[CauseView, ...]


@dataclass(frozen=True, slots=True)
class RelatedView:
    """What the section shows."""

    variants: tuple[VariantView, ...]
    charts: tuple[Chart, ...]


def related_view(section: RelatedItems, cutoff: int) -> RelatedView:
    """Tables of every variant and pictures of the first, at the primary cut-off."""
    several = len(section.variants) > 1
    first = next(iter(section.variants.values()))
    return RelatedView(
        variants=tuple(
            VariantView(
                variant_label(name) if several else "",
                _summary(section, lists),
                _groups(_titled("Lists by group of causes", name, several), lists, section.cutoffs),
                tuple(_cause(example) for example in lists.examples),
            )
            for name, lists in section.variants.items()
        ),
        charts=(
            value_chart(
                "list-distance",
                f"List distance in the first {cutoff}",
                "1 minus overlap, mean over pairs of causes",
                _rows({group.group: group.list_distance[cutoff] for group in first.groups}),
            ),
            share_chart(
                "popular-by-group",
                f"Popular items in the first {cutoff}",
                "share of the list, mean over causes",
                _rows({group.group: group.popular_share[cutoff] for group in first.groups}),
            ),
        ),
    )


def _summary(section: RelatedItems, lists: VariantLists) -> str:
    text = (
        f"{integer_text(lists.causes_answered)} of {count_text(section.causes, 'cause item')} have an answer; "
        f"{count_text(lists.users_without_answer, 'user')} come from one that has none."
    )
    if lists.returned_themselves:
        text += (
            f" {count_text(lists.returned_themselves, 'cause')} stood in their own list and were taken out."
        )
    return text


def _titled(title: str, variant: str, several: bool) -> str:
    """A title that no other table of the page has."""
    return f"{title}: {variant_label(variant)}" if several else title


def _groups(caption: str, lists: VariantLists, cutoffs: tuple[int, ...]) -> Table:
    heads = ["causes", "with an answer"]
    heads += [f"list distance, first {k}" for k in cutoffs]
    heads += [f"popular items, first {k}" for k in cutoffs]
    rows = []
    for group in lists.groups:
        cells = [Cell(integer_text(group.causes)), Cell(integer_text(group.answered))]
        cells += [Cell(value_text(group.list_distance[k])) for k in cutoffs]
        cells += [Cell(percent_text(group.popular_share[k])) for k in cutoffs]
        rows.append((_group_label(group.group), tuple(cells)))
    return Table(caption, tuple(heads), tuple(rows), group=1, corner="group")


def _rows(values: Mapping[str, float | None]) -> list[Row]:
    return [
        Row(_group_label(group), "primary" if group == EVERY_CAUSE else "second", Estimate(value))
        for group, value in values.items()
    ]


def _cause(example: Example) -> CauseView:
    remark = ""
    if not example.answered:
        remark = "no answer"
    elif not example.neighbours:
        remark = "an empty list"
    return CauseView(
        _item(example.cause), example.group, tuple(_item(item) for item in example.neighbours), remark
    )


def _item(item: Item) -> ItemView:
    """Title and id, and how often training holds the item."""
    known = "" if item.train_interactions is None else integer_text(item.train_interactions)
    ids = f"id {item.item_id}" if item.title else ""
    return ItemView(item.title or item.item_id, " \u00b7 ".join(part for part in (ids, known) if part))


def _group_label(group: str) -> str:
    return "all causes" if group == EVERY_CAUSE else group
