from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.evaluate.overlap import mean_list_distance, overlap, rank_biased_overlap

lists = st.lists(st.sampled_from("abcdefghij"), max_size=8, unique=True)


def test_overlap_counts_common_items_over_k():
    assert overlap("abcd", "dxya", 4) == pytest.approx(2 / 4)
    assert overlap("abcd", "dxya", 3) == pytest.approx(0)
    assert overlap("abc", "xyz", 3) == 0


def test_a_short_list_gains_nothing():
    assert overlap("ab", "ab", 5) == pytest.approx(2 / 5)
    assert overlap("", "ab", 5) == 0


def test_an_item_that_a_list_repeats_counts_once():
    assert overlap("aab", "axy", 3) == pytest.approx(1 / 3)
    assert rank_biased_overlap("aab", "ab", 0.8) == pytest.approx(1)


def test_rank_biased_overlap_of_equal_lengths_by_hand():
    # Agreement by depth 0, 1, 2/3; (1 - p) / p = 1: 1 * 1/4 + 2/3 * 1/8, and 2/3 * 1/8 beyond.
    assert rank_biased_overlap("abc", "bad", 0.5) == pytest.approx(1 / 4 + 2 / 3 / 8 + 2 / 3 / 8)


def test_rank_biased_overlap_of_different_lengths_by_hand():
    # X_1 = 0, X_2 = 1, s = 1, l = 2: 1/2 * 1/4, and beyond (1 - 0)/2 + 0 = 1/2 with the weight 1/4.
    assert rank_biased_overlap("a", "ba", 0.5) == pytest.approx(1 / 8 + 1 / 8)


def test_rank_biased_overlap_of_nothing_in_common_and_of_nothing():
    assert rank_biased_overlap("abc", "xyz", 0.9) == 0
    assert rank_biased_overlap("", "xyz", 0.9) == 0
    assert rank_biased_overlap("", "", 0.9) == 0


def test_an_exchange_at_the_top_weighs_more_than_one_at_the_end():
    target = "abcdefghij"
    assert rank_biased_overlap("xbcdefghij", target, 0.9) < rank_biased_overlap("abcdefghix", target, 0.9)


def naive_rbo(first, second, p, depths=3000):
    """The definition: the weighted agreement at every depth, with what is not seen taken to go on as before."""
    shorter, longer = sorted((first, second), key=len)
    s, length = len(shorter), len(longer)
    if s == 0:
        return 0.0

    def common(depth):
        return len(set(shorter[:depth]) & set(longer[:depth]))

    def agreement(depth):
        if depth <= s:
            return common(depth) / depth
        if depth <= length:
            # Of the places that the shorter list lacks, its last agreement is assumed.
            return (common(depth) + common(s) / s * (depth - s)) / depth
        return (common(length) - common(s)) / length + common(s) / s

    return (1 - p) * sum(p ** (depth - 1) * agreement(depth) for depth in range(1, depths))


@given(lists, lists, st.floats(0.1, 0.97))
def test_rank_biased_overlap_is_the_series_that_defines_it(first, second, p):
    assert rank_biased_overlap(first, second, p) == pytest.approx(naive_rbo(first, second, p), abs=1e-9)


@given(lists, lists, st.floats(0.1, 0.97))
def test_rank_biased_overlap_is_symmetric_and_one_for_equal_lists(first, second, p):
    forth, back = rank_biased_overlap(first, second, p), rank_biased_overlap(second, first, p)
    assert forth == pytest.approx(back)
    assert -1e-12 <= forth <= 1 + 1e-12
    if first:
        assert rank_biased_overlap(first, first, p) == pytest.approx(1)


def test_list_distance_by_hand():
    # Pairs share 2, 1 and 0 of 2 items.
    rows = np.array([[0, 1, 9], [1, 0, 8], [0, 5, 7]], dtype=np.int32)
    assert mean_list_distance(rows[:2], 2) == pytest.approx(0)
    assert mean_list_distance(rows, 2) == pytest.approx((0 + 1 / 2 + 1 / 2) / 3)


def test_list_distance_needs_two_lists():
    assert math.isnan(mean_list_distance(np.array([[1, 2]], dtype=np.int32), 2))
    assert math.isnan(mean_list_distance(np.empty((0, 3), dtype=np.int32), 2))


@given(
    st.lists(st.lists(st.integers(-1, 6), min_size=4, max_size=4), min_size=2, max_size=6), st.integers(1, 4)
)
def test_list_distance_is_a_walk_through_all_pairs(rows, k):
    def distance(one, two):
        return 1 - len((set(one[:k]) & set(two[:k])) - {-1}) / k

    expected = np.mean([distance(one, two) for one, two in combinations(rows, 2)])
    assert mean_list_distance(np.array(rows, dtype=np.int32), k) == pytest.approx(expected)
