"""For whom the model is better: groups of users by the length of their history, held-out items by popularity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambdas.evaluate.page.wording import short_label
from lambdas.reports.charts import Chart, Row, difference_chart, interval_text, side, value_chart
from lambdas.reports.estimates import MINIMUM_USERS, Estimate
from lambdas.reports.names import metric_label
from lambdas.reports.numbers import count_text, integer_text, signed_value, value_text
from lambdas.reports.tables import Cell, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lambdas.evaluate.evaluation import Evaluation
    from lambdas.evaluate.segments import By, Segment

TOO_FEW = "too few to tell"
# More groups than this are counted in a sentence instead of being named.
_NAMED_GROUPS = 2

_TITLES: dict[By, str] = {
    "history": "Users by length of history",
    "popularity": "Held-out items by popularity",
}
_NOTES: dict[By, str] = {
    "history": "By the number of a user's training interactions.",
    "popularity": "The share of a user's held-out items of the group that the list had, mean over the users who have "
    "any. Popular items are those that together hold 20 % of the training interactions, rare ones those behind the "
    "80 %; nobody had touched new ones when the model was trained.",
}


@dataclass(frozen=True, slots=True)
class Grouping:
    """One way to make groups: how they compare, in pictures and as a table."""

    title: str
    note: str
    differences: Chart
    values: Chart
    table: Table


@dataclass(frozen=True, slots=True)
class ForWhomView:
    """What the section shows. sentences: who gains most and who loses, one for every grouping."""

    sentences: tuple[str, ...]
    note: str
    groupings: tuple[Grouping, ...]


def for_whom_view(evaluation: Evaluation) -> ForWhomView | None:
    """The view; None where there are no groups."""
    found: dict[By, list[Segment]] = {}
    for segment in evaluation.segments:
        found.setdefault(segment.by, []).append(segment)
    if not found:
        return None
    mine, rival = short_label(evaluation.primary), short_label(evaluation.rival)
    return ForWhomView(
        sentences=tuple(who_gains(groups, _metric(evaluation, by)) for by, groups in found.items()),
        note=f"Compared as in the verdict: {mine} against {rival}, paired by user. Below {MINIMUM_USERS} users nothing "
        "is claimed of a group.",
        groupings=tuple(_grouping(evaluation, by, groups) for by, groups in found.items()),
    )


def who_gains(groups: Sequence[Segment], metric: str) -> str:
    """Which groups gain and which lose, as far as their intervals tell.

    `In NDCG@10 users with 500 or more interactions gain most: +0.1200 (+0.1000 to +0.1400); no group loses.`
    """
    gaining = sorted(_on(groups, "above"), key=lambda group: -(group.difference.value or 0))
    losing = sorted(_on(groups, "below"), key=lambda group: group.difference.value or 0)
    unhit = [group for group in groups if group.value.value == group.rival_value.value == 0]
    untold = [group for group in groups if group not in (*gaining, *losing, *unhit)]
    if not gaining and not losing:
        return f"In {metric} no group can be said to gain or to lose."
    parts = [_change(moving, verb) for moving, verb in ((gaining, "gain"), (losing, "lose")) if moving]
    if not losing and not untold and len(gaining) > 1:
        parts.append("no group loses")
    if untold:
        whose = _names(untold) if len(untold) <= _NAMED_GROUPS else count_text(len(untold), "group")
        parts.append(f"of {whose} it cannot be told")
    if unhit:
        parts.append(f"for {_names(unhit)} neither list has a hit")
    return f"In {metric} {'; '.join(parts)}."


def _change(moving: Sequence[Segment], verb: str) -> str:
    """Who gains (or loses) most, by how much, and how many others do, too."""
    first, others = moving[0], moving[1:]
    amount = f"{signed_value(first.difference.value)} {interval_text(first.difference, signed_value)}"
    if not others:
        return f"{_name(first)} {verb}: {amount}"
    clearly = "" if all(_apart(first, other) for other in others) else ", not clearly more than others"
    further = f"{count_text(len(others), 'other group')} {verb if len(others) > 1 else f'{verb}s'}, too"
    return f"{_name(first)} {verb} most: {amount}{clearly}; {further}"


def _apart(one: Segment, other: Segment) -> bool:
    """Whether the intervals of two groups' differences have nothing in common."""
    first, second = one.difference, other.difference
    if first.low is None or first.high is None or second.low is None or second.high is None:
        return False
    return first.low > second.high or first.high < second.low


def _grouping(evaluation: Evaluation, by: By, groups: Sequence[Segment]) -> Grouping:
    metric = _metric(evaluation, by)
    mine, rival = short_label(evaluation.primary), short_label(evaluation.rival)
    bars = [
        Row(f"{group.label}: {name}", kind, estimate)
        for group in groups
        for name, kind, estimate in (
            (mine, "primary", group.value),
            (rival, "rival", group.rival_value),
        )
    ]
    return Grouping(
        title=_TITLES[by],
        note=_NOTES[by],
        differences=difference_chart(
            f"for-whom-{by}",
            f"{metric} ahead of {rival}",
            f"difference in {metric}, mean over the group's users",
            [Row(_told_label(group), "", _claimable(group)) for group in groups],
        ),
        values=value_chart(f"for-whom-{by}-values", metric, f"{metric}, mean over the group's users", bars),
        table=Table(
            f"{metric} by group",
            ("users", mine, rival, "difference"),
            tuple((group.label, _cells(group)) for group in groups),
            corner="group",
        ),
    )


def _cells(group: Segment) -> tuple[Cell, ...]:
    detail = TOO_FEW if _few(group) else interval_text(group.difference, signed_value)
    return (
        Cell(integer_text(group.users)),
        Cell(value_text(group.value.value), interval_text(group.value, value_text)),
        Cell(value_text(group.rival_value.value), interval_text(group.rival_value, value_text)),
        Cell(signed_value(group.difference.value), detail, side(_claimable(group))),
    )


def _metric(evaluation: Evaluation, by: By) -> str:
    """In what the groups are compared: users in the metric of the verdict, items in recall."""
    if by == "history":
        return evaluation.label(evaluation.metric, evaluation.cutoff)
    return metric_label("recall", evaluation.cutoff)


def _on(groups: Sequence[Segment], where: str) -> list[Segment]:
    """The groups whose interval lies above or below zero."""
    return [group for group in groups if side(_claimable(group)) == where]


def _few(group: Segment) -> bool:
    return group.users < MINIMUM_USERS


def _claimable(group: Segment) -> Estimate:
    """The difference, without the interval of a group that has too few users for one."""
    return Estimate(group.difference.value) if _few(group) else group.difference


def _told_label(group: Segment) -> str:
    return f"{group.label} ({TOO_FEW})" if _few(group) else group.label


def _name(group: Segment) -> str:
    return f"users with {group.label}" if group.by == "history" else group.label


def _names(groups: Sequence[Segment]) -> str:
    """`popular items, middling items and rare items`."""
    *before, last = (_name(group) for group in groups)
    return f"{', '.join(before)} and {last}" if before else last
