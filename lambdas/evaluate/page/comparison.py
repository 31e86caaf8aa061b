"""The pictures that compare the variants with their rivals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.evaluate.metrics import USER_METRICS, label
from lambdas.evaluate.numbers import count_text
from lambdas.evaluate.page.charts import Row, RowChart, lift_chart, value_chart
from lambdas.evaluate.page.wording import list_label, short_label

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lambdas.evaluate.comparison import Comparison
    from lambdas.evaluate.evaluation import Evaluation
    from lambdas.evaluate.lists import ListName
    from lambdas.evaluate.verdict import Verdict


def hero(comparison: Comparison, verdict: Verdict, noun: str = "user") -> RowChart:
    """The two bars beside the verdict."""
    name = comparison.label(verdict.metric, verdict.cutoff)
    rows = [
        Row(short_label(verdict.primary), "primary", verdict.model),
        Row(short_label(verdict.rival), "rival", verdict.baseline),
    ]
    return value_chart("hero", name, f"{name}, mean over {count_text(verdict.users, noun)}", rows)


def value_charts(evaluation: Evaluation) -> Iterator[RowChart]:
    """One chart per accuracy metric at the primary cut-off: the variants' lists and every baseline.

    Several variants are shown without seen items only; their lists as returned stand in the table.
    """
    k = evaluation.cutoff
    several = len(evaluation.variants) > 1
    shown = [
        name
        for name in evaluation.lists
        if name.is_baseline or not several or name.treatment == evaluation.primary.treatment
    ]
    label_of = short_label if several else list_label
    for metric in accuracy_metrics():
        title = evaluation.label(metric, k)
        rows = [
            Row(label_of(name), kind_of(name, evaluation), evaluation.values[name, metric, k])
            for name in shown
        ]
        axis = f"{title}, mean over {count_text(evaluation.data.n_users, 'user')}"
        yield value_chart(f"values-{metric}", title, axis, rows)


def lift_charts(evaluation: Evaluation) -> Iterator[RowChart]:
    """One chart per rival: by how much the primary list is ahead, in every metric."""
    k, primary = evaluation.cutoff, evaluation.primary
    for other in evaluation.others(primary):
        rows = [
            Row(label(metric, k), "", evaluation.differences[primary, other, metric, k].relative)
            for metric in accuracy_metrics()
        ]
        name = short_label(other)
        yield lift_chart(f"lift-{other.source}", f"Over {name}", f"difference relative to {name}", rows)


def accuracy_metrics() -> list[str]:
    """The metrics that pictures show: those of which more is better, but for the notebooks' variant of NDCG."""
    return [
        name for name, metric in USER_METRICS.items() if metric.higher_is_better and name != "ndcg_of_hits"
    ]


def kind_of(name: ListName, comparison: Comparison) -> str:
    """The colour of a list's bar."""
    if name == comparison.primary:
        return "primary"
    if name == comparison.rival:
        return "rival"
    return "baseline" if name.is_baseline else "second"
