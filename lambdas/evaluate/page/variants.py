"""The variants of a run side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambdas.evaluate.lists import ListName
from lambdas.evaluate.page.comparison import kind_of
from lambdas.evaluate.page.tables import value_cell
from lambdas.evaluate.page.wording import short_label, variant_label
from lambdas.evaluate.settings import REQUIRED_BASELINES
from lambdas.reports.charts import Chart, Row, interval_text, lift_chart, side, value_chart
from lambdas.reports.numbers import integer_text, signed_percent, signed_value
from lambdas.reports.tables import Cell, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lambdas.evaluate.evaluation import Evaluation


@dataclass(frozen=True, slots=True)
class VariantsView:
    """A table with a row per variant, and pictures of the primary metric."""

    table: Table
    charts: tuple[Chart, ...]
    lifts: tuple[Chart, ...]
    note: str


def variants_view(evaluation: Evaluation, reference: str | None) -> VariantsView | None:
    """The view; None when there is nothing to compare."""
    if len(evaluation.variants) < 2:
        return None
    others = [_primary_baseline(evaluation)]
    if reference is not None:
        others.append(ListName(reference, evaluation.primary.treatment))
    compared = f" Each is also compared with \u201c{variant_label(reference)}\u201d." if reference else ""
    return VariantsView(
        table=_table(evaluation, others),
        charts=(_values(evaluation, others),),
        lifts=tuple(_lifts(evaluation, others)),
        note=(
            "All variants were trained on the same training part and asked for the same users; all figures are of "
            f"lists without seen items, over the same resamples.{compared}"
        ),
    )


def _primary_baseline(evaluation: Evaluation) -> ListName:
    """The baseline that verdicts rest on, whatever the headline is."""
    by_source = {name.source: name for name in evaluation.baselines}
    required = REQUIRED_BASELINES[evaluation.settings.kind]
    return next(by_source[source] for source in required if source in by_source)


def _table(evaluation: Evaluation, others: list[ListName]) -> Table:
    k, longest, metric = evaluation.cutoff, evaluation.settings.longest, evaluation.metric
    columns = [(metric, k), ("hit_rate", k), ("coverage", longest)]
    if "genre_agreement" in evaluation.metrics:
        columns.append(("genre_agreement", k))
    heads = [evaluation.label(metric, k)]
    heads += [f"over {short_label(other)}" for other in others]
    heads += [evaluation.label(name, at) for name, at in columns[1:]]
    unanswered = any(found.unanswered for found in evaluation.answers.values())
    if unanswered:
        heads.append("users without an answer")
    rows = []
    for variant in evaluation.variants:
        name = ListName(variant, evaluation.primary.treatment)
        cells = [value_cell(evaluation.values[name, metric, k])]
        cells += [_difference(evaluation, name, other) for other in others]
        cells += [value_cell(evaluation.values[name, *column]) for column in columns[1:]]
        if unanswered:
            cells.append(Cell(integer_text(evaluation.answers[variant].unanswered)))
        rows.append((variant_label(variant), tuple(cells)))
    return Table(
        "Variants on the same split",
        tuple(heads),
        tuple(rows),
        group=1,
        corner="variant",
    )


def _difference(evaluation: Evaluation, name: ListName, other: ListName) -> Cell:
    difference = evaluation.differences.get((name, other, evaluation.metric, evaluation.cutoff))
    if difference is None:
        return Cell("reference")
    shown = difference.relative.value is not None
    estimate = difference.relative if shown else difference.absolute
    text = signed_percent if shown else signed_value
    return Cell(text(estimate.value), interval_text(estimate, text), side(difference.absolute))


def _values(evaluation: Evaluation, others: list[ListName]) -> Chart:
    k, metric = evaluation.cutoff, evaluation.metric
    names = [ListName(variant, evaluation.primary.treatment) for variant in evaluation.variants]
    names += [other for other in others if other.is_baseline]
    rows = [
        Row(short_label(name), kind_of(name, evaluation), evaluation.values[name, metric, k])
        for name in names
    ]
    title = evaluation.label(metric, k)
    return value_chart("variants-values", f"{title} of every variant", f"{title}, mean over users", rows)


def _lifts(evaluation: Evaluation, others: list[ListName]) -> Iterator[Chart]:
    """By how much every variant is ahead of each of the others in the primary metric."""
    k, metric = evaluation.cutoff, evaluation.metric
    for other in others:
        rows = [
            Row(variant_label(variant), "", evaluation.differences[name, other, metric, k].relative)
            for variant in evaluation.variants
            if (name := ListName(variant, evaluation.primary.treatment)) != other
        ]
        title = f"{evaluation.label(metric, k)} over {short_label(other)}"
        yield lift_chart(
            f"variants-over-{other.source}", title, f"difference relative to {short_label(other)}", rows
        )
