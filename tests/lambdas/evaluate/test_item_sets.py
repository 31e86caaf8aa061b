from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.evaluate import item_sets
from lambdas.evaluate.item_sets import ItemSets

USERS, ITEMS = 7, 9
pairs = st.lists(st.tuples(st.integers(0, USERS - 1), st.integers(0, ITEMS - 1)), max_size=60)


def sets_of(rows) -> ItemSets:
    users, items = np.array(rows, dtype=np.int32).reshape(-1, 2).T
    return ItemSets.of_pairs(users, items, n_users=USERS, n_items=ITEMS)


@given(pairs)
def test_pairs_become_sorted_distinct_items_of_every_user(rows):
    sets = sets_of(rows)
    for user in range(USERS):
        expected = sorted({item for owner, item in rows if owner == user})
        assert sets.items[sets.starts[user] : sets.starts[user + 1]].tolist() == expected
    assert sets.sizes.tolist() == [
        len({item for owner, item in rows if owner == user}) for user in range(USERS)
    ]


@given(pairs, st.lists(st.lists(st.integers(-1, ITEMS + 3), min_size=4, max_size=4), max_size=12), st.data())
def test_membership_is_that_of_python_sets(rows, lists, data):
    users = [data.draw(st.integers(0, USERS - 1)) for _ in lists]
    known = set(rows)
    expected = [[(user, item) in known for item in row] for user, row in zip(users, lists, strict=True)]
    codes = np.array(lists, dtype=np.int32).reshape(-1, 4)
    assert sets_of(rows).contains(np.array(users, dtype=np.int64), codes).tolist() == expected


@given(pairs, pairs)
def test_shared_pairs_are_the_intersection(first, second):
    assert sets_of(first).shared_with(sets_of(second)) == len(set(first) & set(second))


@pytest.mark.parametrize("flag_bytes", [1, ITEMS + 2, 3 * (ITEMS + 2)])
def test_membership_does_not_depend_on_how_users_are_grouped(monkeypatch, flag_bytes):
    rows = [(user, item) for user in range(USERS) for item in range(user % 3, ITEMS, 2)]
    lists = np.tile(np.arange(-1, ITEMS + 2, dtype=np.int32), (USERS, 1))
    whole = sets_of(rows).contains(np.arange(USERS), lists)
    shared = sets_of(rows).shared_with(sets_of(rows))
    monkeypatch.setattr(item_sets, "FLAG_BYTES", flag_bytes)
    assert np.array_equal(sets_of(rows).contains(np.arange(USERS), lists), whole)
    assert sets_of(rows).shared_with(sets_of(rows)) == shared == len(rows)


def test_blocks_hold_at_most_so_many_items_and_at_least_one_user():
    sets = sets_of([(0, 0), (1, 0), (1, 1), (1, 2), (1, 3), (3, 1), (4, 1)])
    blocks = list(sets.blocks(2))
    assert blocks == [(0, 1), (1, 2), (2, 7)]


def test_no_users_and_no_items():
    empty = ItemSets.of_pairs(np.empty(0, np.int32), np.empty(0, np.int32), n_users=0, n_items=0)
    assert empty.contains(np.empty(0, np.int64), np.empty((0, 3), np.int32)).shape == (0, 3)
    assert empty.shared_with(empty) == 0
    assert list(empty.blocks(5)) == []
