"""The key figures: the primary metric, what it is ahead of, and what that means for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.evaluate.cold_items import ColdItems
from lambdas.evaluate.page.wording import short_label
from lambdas.evaluate.settings import Kind
from lambdas.reports.charts import interval_text, side
from lambdas.reports.figures import Figure
from lambdas.reports.numbers import (
    count_text,
    decimal_text,
    integer_text,
    percent_text,
    signed_percent,
    signed_value,
    value_text,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lambdas.evaluate.evaluation import Evaluation
    from lambdas.evaluate.replay import Replay, Step
    from lambdas.reports.estimates import Difference, Estimate


def leads(evaluation: Evaluation) -> Iterator[Figure]:
    """The primary metric, and the lead over everything that it was compared with, that of the verdict first."""
    primary, k = evaluation.primary, evaluation.cutoff
    name = evaluation.label(evaluation.metric, k)
    whose = " of the model" if len(evaluation.variants) == 1 else f", {short_label(primary)}"
    value = evaluation.values[primary, evaluation.metric, k]
    yield Figure(f"{name}{whose}", value_text(value.value), interval_text(value, value_text))
    for other in sorted(evaluation.others(primary), key=lambda other: other != evaluation.rival):
        difference = evaluation.differences[primary, other, evaluation.metric, k]
        deciding = ": the verdict" if other == evaluation.rival else ""
        yield _lift(f"{name} over {short_label(other)}{deciding}", difference)


def figures(evaluation: Evaluation) -> Iterator[Figure]:
    """What the primary list means for users."""
    primary, k, longest = evaluation.primary, evaluation.cutoff, evaluation.settings.longest
    hit_rate = evaluation.values[primary, "hit_rate", k]
    yield Figure(f"users with a hit in the first {k}", percent_text(hit_rate.value), percents(hit_rate))
    covered = evaluation.values[primary, "coverage", longest]
    cold = evaluation.settings.kind is Kind.COLD_ITEMS
    yield Figure(
        f"of the {'cold items' if cold else 'catalogue'} in someone's first {longest}",
        percent_text(covered.value),
        f"of {count_text(_coverable(evaluation), 'item')}",
    )
    if not cold:
        popular = evaluation.values[primary, "popular_share", k]
        yield Figure(f"popular items in the first {k}", percent_text(popular.value), percents(popular))
    elif "genre_agreement" in evaluation.metrics:
        agreement = evaluation.values[primary, "genre_agreement", k]
        yield Figure(
            f"agreement of genres in the first {k} with the user's history",
            value_text(agreement.value),
            interval_text(agreement, value_text),
        )
    data = evaluation.data
    held_out = integer_text(data.n_users + data.users_without_past)
    yield Figure("users evaluated", integer_text(data.n_users), f"of {held_out} with a held-out future")


def replay_leads(replay: Replay) -> Iterator[Figure]:
    """Where lists begin and where they end, and what they have gained."""
    k = replay.settings.overlap_k
    first, last = replay.steps[0], replay.steps[-1]
    yield _shared(f"of B's first {k} items are in A's list before any event", first)
    for step in replay.steps[1:-1]:
        if step.events == 5:
            yield _shared("after 5 of B's events", step)
    yield _shared("after all of B's events", last)
    gained = replay.differences[replay.primary, replay.rival, "overlap", k].absolute
    yield Figure(
        f"of B's first {k} items gained, in points",
        signed_percent(gained.value),
        interval_text(gained, signed_percent),
        side(gained),
    )


def replay_figures(replay: Replay) -> Iterator[Figure]:
    """How soon lists are on the way, how alike they are near the top, and over how many pairs."""
    first, last = replay.steps[0], replay.steps[-1]
    way = replay.halfway
    yield Figure("events until half of the way", decimal_text(way.value), interval_text(way, decimal_text))
    for label, step in (("before", first), ("after all", last)):
        yield Figure(
            f"rank-biased overlap {label}", value_text(step.rbo.value), interval_text(step.rbo, value_text)
        )
    pairs = len(replay.source.pairs)
    yield Figure(
        "pairs replayed",
        integer_text(pairs),
        f"{decimal_text(last.sent)} of B's events sent on average" if pairs else "",
    )


def percents(estimate: Estimate) -> str:
    """The interval of a share."""
    return interval_text(estimate, percent_text)


def _shared(label: str, step: Step) -> Figure:
    return Figure(label, percent_text(step.overlap.value), percents(step.overlap))


def _lift(label: str, difference: Difference) -> Figure:
    """The relative difference, or the absolute one where there is none."""
    shown = difference.relative.value is not None
    estimate = difference.relative if shown else difference.absolute
    text = signed_percent if shown else signed_value
    return Figure(label, text(estimate.value), interval_text(estimate, text), side(estimate))


def _coverable(evaluation: Evaluation) -> int:
    section = evaluation.section
    return section.candidates if isinstance(section, ColdItems) else evaluation.data.catalogue_size
