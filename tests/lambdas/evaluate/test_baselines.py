from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.evaluate import baselines
from lambdas.evaluate.baselines import BASELINES, baseline_lists, by_recent_popularity, first_unseen
from lambdas.evaluate.interactions import read_data
from lambdas.evaluate.item_sets import ItemSets

HOLDOUT = [("ann", "new", 99), ("bob", "c", 99)]


def ids(data, codes) -> list[list[str | None]]:
    known = data.items.to_pylist()
    return [[known[code] if code >= 0 else None for code in row] for row in codes.tolist()]


def lists_of(run, name, length=3):
    data = read_data(run.train, run.holdout)
    return ids(data, baseline_lists(name, data, length))


def test_popularity_is_by_count_then_by_id_and_the_same_for_everybody(run):
    run.write_train([("ann", "b", 1), ("ann", "c", 1), ("bob", "b", 2), ("bob", "a", 2), ("cid", "d", 3)])
    run.write_holdout(HOLDOUT)
    assert lists_of(run, "popularity") == [["b", "a", "c"]] * 2


def test_popularity_without_seen_goes_on_where_the_user_has_been(run):
    run.write_train([("ann", "b", 1), ("ann", "c", 1), ("bob", "b", 2), ("bob", "a", 2), ("cid", "d", 3)])
    run.write_holdout(HOLDOUT)
    assert lists_of(run, "popularity_without_seen") == [["a", "d", None], ["c", "d", None]]


def test_recent_popularity_counts_the_latest_tenth(run):
    # 20 interactions: the latest tenth begins with the 19th; "late" has both, "b" is more popular over all time.
    old = [("ann" if time % 2 else "bob", "b", time) for time in range(18)]
    run.write_train([*old, ("cid", "late", 100), ("dan", "late", 101)])
    run.write_holdout(HOLDOUT)
    assert lists_of(run, "recent_popularity", 2) == [["late", "b"]] * 2
    assert lists_of(run, "recent_popularity_without_seen", 2) == [["late", None]] * 2


def test_items_without_recent_interactions_follow_by_overall_popularity():
    # Codes are places in overall popularity.
    assert by_recent_popularity(np.array([0, 2, 0, 2, 5])).tolist() == [4, 1, 3, 0, 2]


def test_row_order_changes_nothing(run):
    rows = [(f"u{n % 4}", f"i{n * 7 % 5}", n * 13 % 11) for n in range(40)]
    run.write_holdout([(f"u{n}", "i1", 99) for n in range(4)])
    run.write_train(rows)
    before = {name: lists_of(run, name) for name in BASELINES}
    run.write_train(rows[::-1])
    assert {name: lists_of(run, name) for name in BASELINES} == before


def test_an_unknown_name_is_refused(run):
    run.write_train([("ann", "b", 1)])
    run.write_holdout(HOLDOUT)
    with pytest.raises(KeyError):
        baseline_lists("magic", read_data(run.train, run.holdout), 3)


@given(
    st.permutations(range(8)),
    st.lists(st.sets(st.integers(0, 7)), min_size=1, max_size=6),
    st.integers(1, 10),
    st.integers(1, 20),
)
def test_first_unseen_is_a_walk_through_the_order(order, seen, length, block):
    users = np.repeat(np.arange(len(seen)), [len(items) for items in seen])
    items = np.array([item for row in seen for item in sorted(row)], dtype=np.int32)
    sets = ItemSets.of_pairs(users, items, n_users=len(seen), n_items=9)
    expected = []
    for row in seen:
        unseen = [item for item in order if item not in row][:length]
        expected.append(unseen + [-1] * (length - len(unseen)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(baselines, "_BLOCK_ITEMS", block)
        assert first_unseen(np.array(order), sets, length).tolist() == expected
