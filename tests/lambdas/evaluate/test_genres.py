from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import jensenshannon

from lambdas.evaluate import genres as module
from lambdas.evaluate.genres import Genres, agreement_of_lists, genre_agreement
from lambdas.evaluate.item_sets import ItemSets

# Items: 0 has genre A, 1 has A and B, 2 has none, 3 has B.
PAIRS = [(0, 0), (1, 0), (1, 1), (3, 1)]


def known(pairs=PAIRS, items=4, names=("A", "B")) -> Genres:
    owners, genres = (np.array(values, dtype=np.int64) for values in zip(*pairs, strict=True))
    return Genres(ItemSets.of_pairs(owners, genres, n_users=items, n_items=len(names)), names)


def sets_of(*users, items=4) -> ItemSets:
    owners = np.repeat(np.arange(len(users)), [len(user) for user in users])
    return ItemSets.of_pairs(owners, np.concatenate(users).astype(int), n_users=len(users), n_items=items)


def test_an_items_genres_share_its_weight_and_items_without_one_are_left_out():
    # (1, 0), (1/2, 1/2) and nothing: the mean of two.
    assert known().of_lists(np.array([[0, 1, 2]], dtype=np.int32)) == pytest.approx(
        np.array([[3 / 4, 1 / 4]])
    )


def test_padding_and_unknown_items_are_left_out():
    lists = np.array([[-1, 3, 9], [-1, -1, 2]], dtype=np.int32)
    assert known().of_lists(lists).tolist() == [[0, 1], [0, 0]]


def test_histories_are_the_users_training_items():
    seen = sets_of([0], [0, 1, 2], [2])
    assert known().of_histories(seen, slice(0, 3)) == pytest.approx(
        np.array([[1, 0], [3 / 4, 1 / 4], [0, 0]])
    )
    assert known().of_histories(seen, slice(1, 2)) == pytest.approx(np.array([[3 / 4, 1 / 4]]))
    assert known().counts_in_histories(seen, slice(0, 2)).tolist() == [[1, 0], [2, 1]]


def test_agreement_by_hand():
    # Against (3/4, 1/4): log2(4/3), and half of log2(2/3) + log2(2).
    divergence = (math.log2(4 / 3) + (math.log2(2 / 3) + 1) / 2) / 2
    found = genre_agreement(np.array([[1.0, 0.0]]), np.array([[0.5, 0.5]]))
    assert found == pytest.approx([1 - math.sqrt(divergence)])


def test_agreement_is_one_for_the_same_mixture_and_zero_without_a_common_genre():
    one, other = np.array([[0.3, 0.7, 0.0]]), np.array([[0.0, 0.0, 1.0]])
    assert genre_agreement(one, one) == pytest.approx([1])
    assert genre_agreement(one, other) == pytest.approx([0])


def test_agreement_is_undefined_where_a_side_has_no_genre():
    one, nothing = np.array([[1.0, 0.0]]), np.zeros((1, 2))
    assert np.isnan(genre_agreement(one, nothing)).all()
    assert np.isnan(genre_agreement(nothing, one)).all()


@given(st.lists(st.tuples(*[st.integers(0, 5)] * 4), min_size=2, max_size=6))
def test_agreement_is_that_of_scipys_distance(rows):
    weights = np.array(rows, dtype=float)
    weights[:, 0] += 1
    mixtures = weights / weights.sum(axis=1, keepdims=True)
    expected = [1 - jensenshannon(a, b, base=2) for a, b in zip(mixtures[1:], mixtures[:-1], strict=True)]
    assert genre_agreement(mixtures[1:], mixtures[:-1]) == pytest.approx(expected, abs=1e-6)


def test_lists_are_compared_user_by_user_whatever_the_blocks(monkeypatch):
    seen = sets_of([0], [3], [1, 2], [2])
    lists = np.array([[0, -1], [0, -1], [1, 2], [0, 1]], dtype=np.int32)
    whole = agreement_of_lists(known(), seen, lists)
    assert whole[:3] == pytest.approx([1, 0, 1])
    assert np.isnan(whole[3])
    monkeypatch.setattr(module, "_BLOCK_ENTRIES", 2)
    assert np.array_equal(agreement_of_lists(known(), seen, lists), whole, equal_nan=True)
