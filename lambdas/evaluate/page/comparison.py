"""The pictures that compare the model with its baselines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.evaluate.evaluation import MODEL, ListName
from lambdas.evaluate.metrics import USER_METRICS, label
from lambdas.evaluate.numbers import count_text
from lambdas.evaluate.page.charts import Row, RowChart, lift_chart, value_chart
from lambdas.evaluate.page.wording import list_label
from lambdas.evaluate.verdict import PRIMARY_BASELINE_LIST, PRIMARY_LIST, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lambdas.evaluate.evaluation import Evaluation


def hero(verdict: Verdict) -> RowChart:
    """The two bars beside the verdict."""
    name = label(verdict.metric, verdict.cutoff)
    rows = [
        Row(list_label(PRIMARY_LIST), "primary", verdict.model),
        Row(list_label(PRIMARY_BASELINE_LIST), "rival", verdict.baseline),
    ]
    return value_chart("hero", name, f"{name}, mean over {count_text(verdict.users, 'user')}", rows)


def value_charts(evaluation: Evaluation) -> Iterator[RowChart]:
    """One chart per accuracy metric at the primary cut-off: the model's lists and every baseline."""
    k = evaluation.settings.primary_cutoff
    for metric in _accuracy_metrics():
        rows = [
            Row(list_label(name), _kind(name), evaluation.values[name, metric, k])
            for name in evaluation.lists
        ]
        axis = f"{label(metric, k)}, mean over {count_text(evaluation.data.n_users, 'user')}"
        yield value_chart(f"values-{metric}", label(metric, k), axis, rows)


def lift_charts(evaluation: Evaluation) -> Iterator[RowChart]:
    """One chart per baseline: by how much the model's list without seen items is ahead, in every metric."""
    k = evaluation.settings.primary_cutoff
    for baseline in evaluation.baselines:
        rows = [
            Row(label(metric, k), "", evaluation.differences[PRIMARY_LIST, baseline, metric, k].relative)
            for metric in _accuracy_metrics()
        ]
        name = list_label(baseline)
        yield lift_chart(f"lift-{baseline.source}", f"Over {name}", f"difference relative to {name}", rows)


def _accuracy_metrics() -> list[str]:
    return [
        name for name, metric in USER_METRICS.items() if metric.higher_is_better and name != "ndcg_of_hits"
    ]


def _kind(name: ListName) -> str:
    if name.source == MODEL:
        return "primary" if name == PRIMARY_LIST else "second"
    return "rival" if name == PRIMARY_BASELINE_LIST else "baseline"
