"""Readers of files call metrics and lists what the report of the run called them."""

from __future__ import annotations

import pytest

from lambdas.evaluate.metrics import METRICS
from lambdas.evaluate.settings import EvaluationSettings, Kind
from lambdas.reports.names import BASELINE_LABELS, HIGHER_IS_BETTER, METRIC_LABELS, metric_label, source_label


def test_every_metric_that_is_measured_has_a_name_and_no_other():
    assert set(METRICS) == set(METRIC_LABELS)
    assert all(name == metric.name for name, metric in METRICS.items())


def test_what_only_describes_lists_is_neither_better_nor_worse():
    assert set(METRICS) - HIGHER_IS_BETTER == {"popular_share", "coverage", "genre_agreement"}
    assert not METRICS["coverage"].higher_is_better
    assert METRICS["mrr"].higher_is_better


@pytest.mark.parametrize("kind", Kind)
def test_every_baseline_that_can_be_asked_for_has_a_name(kind):
    assert set(EvaluationSettings(kind=kind).baseline_names) <= set(BASELINE_LABELS)


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
