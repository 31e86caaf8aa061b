from __future__ import annotations

import math

import numpy as np
import pytest
import pytrec_eval
from hypothesis import given
from hypothesis import strategies as st

from lambdas.evaluate import metrics
from lambdas.evaluate.metrics import JudgedLists


def judged(hits, relevant, *, lengths=None, popular=None, codes=None) -> JudgedLists:
    """Lists whose place i holds item i, unless codes are given."""
    marks = np.array(hits, dtype=bool)
    lengths = [marks.shape[1]] * len(marks) if lengths is None else lengths
    if codes is None:
        codes = [[i if i < length else -1 for i in range(marks.shape[1])] for length in lengths]
    return JudgedLists(
        codes=np.array(codes, dtype=np.int32),
        hits=marks,
        popular=np.array(popular, dtype=bool) if popular is not None else np.zeros_like(marks),
        relevant=np.array(relevant, dtype=np.int64),
    )


# Hits at places 2 and 5, four items held out.
ONE = judged([[0, 1, 0, 0, 1]], [4])


def test_precision_counts_hits_over_k():
    assert metrics.precision(ONE, 5) == pytest.approx([2 / 5])
    assert metrics.precision(ONE, 2) == pytest.approx([1 / 2])
    assert metrics.precision(ONE, 1) == pytest.approx([0])


def test_precision_of_a_short_list_is_still_over_k():
    assert metrics.precision(judged([[1, 0, 0, 0, 0]], [1], lengths=[1]), 5) == pytest.approx([1 / 5])


def test_recall_counts_hits_over_held_out_items():
    assert metrics.recall(ONE, 5) == pytest.approx([2 / 4])


def test_hit_rate_is_one_with_any_hit():
    assert metrics.hit_rate(ONE, 1) == pytest.approx([0])
    assert metrics.hit_rate(ONE, 2) == pytest.approx([1])
    assert metrics.hit_rate(ONE, 5) == pytest.approx([1])


def test_average_precision_sums_precision_at_hits_over_reachable_hits():
    assert metrics.average_precision(ONE, 5) == pytest.approx([(1 / 2 + 2 / 5) / 4])
    assert metrics.average_precision(ONE, 2) == pytest.approx([(1 / 2) / 2])


def test_reciprocal_rank_is_of_the_best_placed_hit():
    assert metrics.reciprocal_rank(ONE, 5) == pytest.approx([1 / 2])
    assert metrics.reciprocal_rank(ONE, 1) == pytest.approx([0])


def test_ndcg_divides_by_the_best_that_was_possible():
    gain = 1 / math.log2(3) + 1 / math.log2(6)
    ideal = 1 + 1 / math.log2(3) + 1 / math.log2(4) + 1 / math.log2(5)
    assert metrics.ndcg(ONE, 5) == pytest.approx([gain / ideal])
    assert metrics.ndcg(ONE, 2) == pytest.approx([(1 / math.log2(3)) / (1 + 1 / math.log2(3))])


def test_a_perfect_list_scores_one_everywhere():
    perfect = judged([[1, 1, 1, 0, 0]], [3])
    for k in (1, 3, 5):
        assert metrics.ndcg(perfect, k) == pytest.approx([1])
        assert metrics.average_precision(perfect, k) == pytest.approx([1])


def test_ndcg_of_hits_forgives_what_was_missed():
    lucky = judged([[1, 0, 0, 0, 0]], [100])
    assert metrics.ndcg_of_hits(lucky, 5) == pytest.approx([1])
    assert metrics.ndcg(lucky, 5) < 0.4


def test_without_a_hit_all_are_zero():
    none = judged([[0, 0, 0]], [2])
    for name, metric in metrics.USER_METRICS.items():
        if name != "popular_share":
            assert metric.per_user(none, 3) == pytest.approx([0]), name


def test_without_held_out_items_shares_of_them_are_undefined():
    nothing = judged([[0, 0, 0]], [0])
    for name in ("recall", "map", "ndcg"):
        assert np.isnan(metrics.USER_METRICS[name].per_user(nothing, 3)).all(), name


def test_popular_share_is_over_the_list_as_long_as_it_is():
    lists = judged([[0, 0, 0], [0, 0, 0]], [1, 1], lengths=[2, 0], popular=[[1, 0, 0], [0, 0, 0]])
    values = metrics.popular_share(lists, 3)
    assert values[0] == pytest.approx(1 / 2)
    assert np.isnan(values[1])


def test_coverage_counts_training_items_that_anybody_is_shown():
    lists = judged(np.zeros((2, 3)), [1, 1], codes=[[0, 2, 9], [2, 0, -1]])
    assert metrics.coverage(lists, 1, np.ones(4, dtype=bool)) == pytest.approx(2 / 4)
    assert metrics.coverage(lists, 3, np.ones(4, dtype=bool)) == pytest.approx(2 / 4)
    assert math.isnan(metrics.coverage(lists, 3, np.zeros(4, dtype=bool)))


def test_labels_for_people():
    assert metrics.METRICS["ndcg"].label == "NDCG"
    assert metrics.METRICS["rbo"].label == "Rank-biased overlap"


@st.composite
def hit_matrices(draw):
    length = draw(st.integers(1, 30))
    rows = draw(st.lists(st.lists(st.booleans(), min_size=length, max_size=length), min_size=1, max_size=6))
    missed = [draw(st.integers(0, 12)) for _ in rows]
    return rows, [sum(row) + extra for row, extra in zip(rows, missed, strict=True)]


@given(hit_matrices(), st.integers(1, 30))
def test_agrees_with_trec_eval(case, k):
    rows, relevant = case
    kept = [(row, total) for row, total in zip(rows, relevant, strict=True) if total]
    if not kept:
        return
    k = min(k, len(rows[0]))
    truth, ranked = {}, {}
    for user, (row, total) in enumerate(kept):
        hits = [place for place, hit in enumerate(row) if hit]
        missed = [f"missed{number}" for number in range(total - len(hits))]
        truth[str(user)] = {f"item{place}": 1 for place in hits} | dict.fromkeys(missed, 1)
        ranked[str(user)] = {f"item{place}": float(k - place) for place in range(k)}
    measures = {f"P.{k}", f"recall.{k}", f"ndcg_cut.{k}", f"map_cut.{k}", "recip_rank", f"success.{k}"}
    expected = pytrec_eval.RelevanceEvaluator(truth, measures).evaluate(ranked)
    lists = judged([row for row, _ in kept], [total for _, total in kept])
    ours = {
        f"P_{k}": metrics.precision(lists, k),
        f"recall_{k}": metrics.recall(lists, k),
        f"ndcg_cut_{k}": metrics.ndcg(lists, k),
        "recip_rank": metrics.reciprocal_rank(lists, k),
        f"success_{k}": metrics.hit_rate(lists, k),
        # TREC divides by all relevant items, ours by those that fit into k places.
        f"map_cut_{k}": metrics.average_precision(lists, k) * np.minimum(lists.relevant, k) / lists.relevant,
    }
    for name, values in ours.items():
        assert values == pytest.approx([expected[str(user)][name] for user in range(len(kept))], abs=1e-9), (
            name
        )


def notebook_ndcg(relevance: list[bool], k: int) -> float:
    """The notebooks' formula, written down again: DCG with weights 1, 1, 1/log2(3), … over that of sorted hits."""

    def gain(marks):
        return sum(mark / (1 if place == 0 else math.log2(place + 1)) for place, mark in enumerate(marks[:k]))

    best = gain(sorted(relevance, reverse=True))
    return gain(relevance) / best if best else 0.0


@given(hit_matrices(), st.integers(1, 30))
def test_ndcg_of_hits_is_the_notebooks_formula(case, k):
    rows, relevant = case
    k = min(k, len(rows[0]))
    expected = [notebook_ndcg(row, k) for row in rows]
    assert metrics.ndcg_of_hits(judged(rows, relevant), k) == pytest.approx(expected)


@given(hit_matrices())
def test_every_value_lies_between_zero_and_one(case):
    rows, relevant = case
    lists = judged(rows, relevant, popular=rows)
    for name, metric in metrics.USER_METRICS.items():
        for k in range(1, len(rows[0]) + 1):
            values = metric.per_user(lists, k)
            defined = values[~np.isnan(values)]
            assert ((defined >= 0) & (defined <= 1 + 1e-12)).all(), (name, k)
