"""Readers of files call metrics and lists what the report of the run called them."""

from __future__ import annotations

import pytest

from lambdas.evaluate.lists import BASELINE_LABELS
from lambdas.evaluate.metrics import METRICS
from lambdas.reports.names import HIGHER_IS_BETTER, METRIC_LABELS, SOURCE_LABELS, metric_label, source_label


def test_metrics_have_the_names_and_the_better_side_that_evaluate_gives_them():
    assert {name: metric.label for name, metric in METRICS.items()} == METRIC_LABELS
    assert {name for name, metric in METRICS.items() if metric.higher_is_better} == HIGHER_IS_BETTER


def test_baselines_have_the_names_that_evaluate_gives_them():
    assert BASELINE_LABELS.items() <= SOURCE_LABELS.items()


@pytest.mark.parametrize(
    ("metric", "kind", "label"),
    [
        ("ndcg", "users", "NDCG@10"),
        ("hit_rate", "related_items", "Hit rate@10"),
        ("ndcg", "cold_items", "cold-item NDCG@10"),
        ("precision", "cold_items", "cold-item precision@10"),
        ("coverage", "cold_items", "cold-item coverage@10"),
        ("popular_share", "cold_items", "Popular share@10"),
        ("of_a_later_version", "users", "of a later version@10"),
    ],
)
def test_labels(metric, kind, label):
    assert metric_label(metric, 10, kind) == label


def test_a_variant_is_called_by_its_name():
    assert source_label("with_metadata") == "with metadata"
