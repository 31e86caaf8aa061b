"""The section of a replay: how A's list comes near to B's, and one pair told in titles."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambdas.reports.charts import interval_text
from lambdas.reports.numbers import decimal_text, integer_text, percent_text, value_text
from lambdas.reports.plots import curve_chart, even_axis
from lambdas.reports.tables import Cell, Table

if TYPE_CHECKING:
    from lambdas.evaluate.catalogue import Catalogue
    from lambdas.evaluate.replay import Replay, Step, Story
    from lambdas.evaluate.replay_file import Items
    from lambdas.reports.charts import Chart

SHOWN_ITEMS = 10


@dataclass(frozen=True, slots=True)
class ToldItem:
    """An item of a told list: its title or id, and whether B's list has it, too."""

    name: str
    shared: bool


@dataclass(frozen=True, slots=True)
class ToldList:
    """A list of the told pair: what it is, how much of B's it shares, its first items."""

    title: str
    remark: str
    items: tuple[ToldItem, ...]


@dataclass(frozen=True, slots=True)
class ReplayView:
    """What the section shows."""

    curve: Chart
    table: Table
    halfway: str
    story_note: str
    story: tuple[ToldList, ...]


def replay_view(replay: Replay, catalogue: Catalogue | None) -> ReplayView:
    """The view of a replay."""
    story = replay.story
    k = replay.settings.overlap_k
    return ReplayView(
        curve=_curve(replay),
        table=_table(replay),
        halfway=_halfway(replay),
        story_note=(
            ""
            if story is None
            else f"Pair {story.pair.number}: user {story.pair.user_a} is sent the events of user "
            f"{story.pair.user_b}. Its gain is the middle one of all pairs'. Marked items are among the first {k} of "
            f"B's list; shown are the first {SHOWN_ITEMS}."
        ),
        story=() if story is None else tuple(_story(story, k, catalogue)),
    )


def _curve(replay: Replay) -> Chart:
    k = replay.settings.overlap_k
    return curve_chart(
        "replay-curve",
        "How A's list comes near to B's",
        even_axis("B's events that A has been sent", [_label(step) for step in replay.steps]),
        {
            (f"overlap@{k}", "primary"): [step.overlap for step in replay.steps],
            (f"rank-biased overlap, p {replay.settings.rbo_p:g}", "data"): [
                step.rbo for step in replay.steps
            ],
        },
        percent_text,
        shares=True,
    )


def _table(replay: Replay) -> Table:
    k = replay.settings.overlap_k
    rows = tuple(
        (
            _label(step),
            (
                Cell(percent_text(step.overlap.value), interval_text(step.overlap, percent_text)),
                Cell(value_text(step.rbo.value), interval_text(step.rbo, value_text)),
                Cell(decimal_text(step.sent if math.isfinite(step.sent) else None)),
                Cell(integer_text(step.exhausted)),
            ),
        )
        for step in replay.steps
    )
    heads = (
        f"overlap@{k}",
        f"RBO, p {replay.settings.rbo_p:g}",
        "events sent, mean",
        "pairs with fewer events",
    )
    return Table("Likeness of A's list with B's", heads, rows, group=1, corner="events of B")


def _halfway(replay: Replay) -> str:
    way = replay.halfway
    if way.value is None:
        return "Lists do not come nearer, so there is no half of the way."
    spread = interval_text(way, decimal_text)
    return (
        f"Half of the way from the first to the last overlap is reached after {decimal_text(way.value)} events"
        f"{f' {spread}' if spread else ''}, with straight lines between the steps."
    )


def _story(story: Story, k: int, catalogue: Catalogue | None) -> list[ToldList]:
    target = frozenset(story.target[:k])
    told = [("A before any event", story.before)]
    if story.events:
        told.append((f"A after {integer_text(story.events)} of B's events", story.between))
    told.append((f"A after all {integer_text(story.pair.all_events)}", story.after))
    lists = [
        ToldList(
            title,
            f"shares {integer_text(len(target & set(items[:k])))} of {k}",
            _told(items, target, catalogue),
        )
        for title, items in told
    ]
    return [
        *lists,
        ToldList("B's list", "what A is to come near to", _told(story.target, frozenset(), catalogue)),
    ]


def _told(items: Items, target: frozenset[str], catalogue: Catalogue | None) -> tuple[ToldItem, ...]:
    shown = list(items[:SHOWN_ITEMS])
    titles = catalogue.titles_of(shown) if catalogue else [None] * len(shown)
    return tuple(ToldItem(title or item, item in target) for item, title in zip(shown, titles, strict=True))


def _label(step: Step) -> str:
    if step.events is not None:
        return integer_text(step.events)
    return f"all ({decimal_text(step.sent)})" if math.isfinite(step.sent) else "all"
