"""The tables of all values and all differences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambdas.evaluate.metrics import METRICS, label
from lambdas.evaluate.numbers import value_text
from lambdas.evaluate.page.charts import interval_text, side
from lambdas.evaluate.page.wording import list_label, signed_percent, signed_value

if TYPE_CHECKING:
    from lambdas.evaluate.bootstrap import Estimate
    from lambdas.evaluate.evaluation import Evaluation, ListName


@dataclass(frozen=True, slots=True)
class Cell:
    """A table cell: a value, the interval below it, and a kind that colours it."""

    text: str
    detail: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a caption, column heads and rows of a head and cells; `group` rows belong together."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]
    group: int


def values_table(evaluation: Evaluation) -> Table:
    """Rows are metrics, columns are lists."""
    rows = tuple(
        (label(metric, k), tuple(_cell(evaluation.values[name, metric, k]) for name in evaluation.lists))
        for metric in METRICS
        for k in evaluation.settings.cutoffs
    )
    heads = tuple(list_label(name) for name in evaluation.lists)
    return Table(
        "Every metric of every list, with its interval over users",
        heads,
        rows,
        len(evaluation.settings.cutoffs),
    )


def differences_table(evaluation: Evaluation, model: ListName) -> Table:
    """Rows are metrics, columns are baselines; colours tell on which side of zero the interval lies."""

    def cell(baseline: ListName, metric: str, k: int) -> Cell:
        difference = evaluation.differences[model, baseline, metric, k]
        kind = side(difference.absolute) if METRICS[metric].higher_is_better else "plain"
        relative = signed_percent(difference.relative.value)
        spread = interval_text(difference.relative, signed_percent)
        absolute = (
            f"{signed_value(difference.absolute.value)} {interval_text(difference.absolute, signed_value)}"
        )
        return Cell(f"{relative} {spread}".strip(), absolute.strip(), kind)

    rows = tuple(
        (label(metric, k), tuple(cell(baseline, metric, k) for baseline in evaluation.baselines))
        for metric in METRICS
        for k in evaluation.settings.cutoffs
    )
    heads = tuple(f"over {list_label(baseline)}" for baseline in evaluation.baselines)
    return Table(
        f"Paired differences: {list_label(model)} minus each baseline",
        heads,
        rows,
        len(evaluation.settings.cutoffs),
    )


def _cell(estimate: Estimate) -> Cell:
    return Cell(value_text(estimate.value), interval_text(estimate, value_text))
