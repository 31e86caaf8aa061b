"""The tables of all values and all differences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.evaluate.metrics import METRICS
from lambdas.evaluate.page.wording import list_label
from lambdas.reports.charts import interval_text, side
from lambdas.reports.numbers import signed_percent, signed_value, value_text
from lambdas.reports.tables import Cell, Table

if TYPE_CHECKING:
    from lambdas.evaluate.comparison import Comparison
    from lambdas.evaluate.lists import ListName
    from lambdas.reports.estimates import Estimate


def values_table(comparison: Comparison, noun: str = "user") -> Table:
    """Rows are metrics, columns are lists."""
    rows = tuple(
        (
            comparison.label(metric, k),
            tuple(value_cell(comparison.values[name, metric, k]) for name in comparison.lists),
        )
        for metric in comparison.metrics
        for k in comparison.cutoffs_of(metric)
    )
    heads = tuple(list_label(name) for name in comparison.lists)
    return Table(
        f"Every metric of every list, with its interval over {noun}s", heads, rows, _group(comparison)
    )


def differences_table(comparison: Comparison, model: ListName) -> Table:
    """Rows are metrics, columns are rivals; colours tell on which side of zero the interval lies."""

    def cell(other: ListName, metric: str, k: int) -> Cell:
        difference = comparison.differences[model, other, metric, k]
        kind = side(difference.absolute) if METRICS[metric].higher_is_better else "plain"
        relative = signed_percent(difference.relative.value)
        spread = interval_text(difference.relative, signed_percent)
        absolute = (
            f"{signed_value(difference.absolute.value)} {interval_text(difference.absolute, signed_value)}"
        )
        return Cell(f"{relative} {spread}".strip(), absolute.strip(), kind)

    others = comparison.others(model)
    rows = tuple(
        (comparison.label(metric, k), tuple(cell(other, metric, k) for other in others))
        for metric in comparison.metrics
        for k in comparison.cutoffs_of(metric)
    )
    heads = tuple(f"over {list_label(other)}" for other in others)
    whom = "each baseline" if all(other.is_baseline for other in others) else "each of the others"
    caption = f"Paired differences: {list_label(model)} minus {whom}"
    return Table(caption, heads, rows, _group(comparison))


def _group(comparison: Comparison) -> int:
    """How many rows each metric has."""
    return max((len(comparison.cutoffs_of(metric)) for metric in comparison.metrics), default=1)


def value_cell(estimate: Estimate) -> Cell:
    """A metric's value with its interval."""
    return Cell(value_text(estimate.value), interval_text(estimate, value_text))
