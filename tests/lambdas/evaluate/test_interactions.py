from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest

from lambdas.evaluate.interactions import read_data
from lambdas.shared.errors import DataError

ODD_IDS = [
    "a,b",
    'say "hi"',
    "back\\slash",
    "007",
    "null",
    "NA",
    "ünïcødé",
    "日本",
    "<b>&amp;</b>",
    " space ",
    "-1",
]


def items_of(sets, user, ids):
    return {ids[code] for code in sets.items[sets.starts[user] : sets.starts[user + 1]]}


def test_ids_survive_as_they_are(run):
    run.write_train([(user, item, 1) for user in ODD_IDS for item in ODD_IDS[:3]])
    run.write_holdout([(user, ODD_IDS[-1], 2) for user in ODD_IDS])
    data = read_data(run.train, run.holdout)
    items = data.items.to_pylist()
    assert data.users.to_pylist() == sorted(ODD_IDS, key=str.encode)
    assert items_of(data.seen, 0, items) == set(ODD_IDS[:3])
    assert items_of(data.truth, 0, items) == {ODD_IDS[-1]}


def test_only_users_with_past_and_future_are_evaluated(run):
    run.write_train([("past", "a", 1), ("both", "a", 1), ("both", "b", 2), ("both", "b", 3)])
    run.write_holdout([("both", "c", 9), ("both", "c", 10), ("future", "c", 9)])
    data = read_data(run.train, run.holdout)
    assert data.users.to_pylist() == ["both"]
    assert data.users_without_past == 1
    assert data.train_users == 2
    assert data.held_out_interactions == 3
    assert data.history.tolist() == [3]
    assert data.seen.sizes.tolist() == [2]
    assert data.truth.sizes.tolist() == [1], "an item counts once however often it is held out"


def test_items_are_coded_by_popularity_and_new_ones_follow(run):
    run.write_train([("u", "b", 1), ("u", "a", 2), ("v", "c", 3), ("v", "c", 4)])
    run.write_holdout([("u", "z", 9), ("v", "y", 9), ("v", "a", 9)])
    data = read_data(run.train, run.holdout)
    assert data.items.to_pylist() == ["c", "a", "b", "y", "z"]
    assert data.catalogue_size == 3
    assert data.counts.tolist() == [2, 1, 1]


def test_the_popular_head_is_the_fewest_items_with_a_fifth_of_the_interactions(run):
    counts = {"a": 3, "b": 3, "c": 14, "d": 5}  # 25 interactions; a fifth is 5
    rows = [(f"u{n}", item, n) for item, count in counts.items() for n in range(count)]
    run.write_train(rows)
    run.write_holdout([("u0", "a", 99)])
    assert read_data(run.train, run.holdout).head_size == 1
    run.write_train([(f"u{n}", f"i{n}", n) for n in range(10)])
    assert read_data(run.train, run.holdout).head_size == 2


def test_several_parts_are_one(run):
    rows = [(f"u{n}", f"i{n % 3}", n) for n in range(9)]
    run.write_train(rows[:4], "a.csv")
    run.write_train(rows[4:], "b.csv")
    run.write_holdout([("u1", "i0", 99)], "a.parquet")
    run.write_holdout([("u8", "i0", 99)], "b.parquet")
    data = read_data(run.train, run.holdout)
    assert data.users.to_pylist() == ["u1", "u8"]
    assert data.counts.sum() == 9


def test_a_path_may_be_the_file_itself(run):
    run.write_train([("u", "a", 1)])
    run.write_holdout([("u", "b", 2)])
    data = read_data(run.train / "interactions.csv", run.holdout / "interactions.parquet")
    assert data.n_users == 1


def test_further_columns_are_not_read(run):
    run.train.mkdir()
    (run.train / "x.csv").write_text("EVENT_TYPE,ITEM_ID,TIMESTAMP,USER_ID\nwatch,a,1,u\n")
    run.write_holdout([("u", "b", 2)])
    assert read_data(run.train, run.holdout).items.to_pylist() == ["a", "b"]


def test_holdout_ids_may_be_dictionaries_with_unused_entries(run):
    run.write_train([("u", "a", 1), ("v", "a", 1)])
    run.holdout.mkdir()
    users = pa.DictionaryArray.from_arrays(pa.array([2, 2], pa.int32()), pa.array(["w", "x", "u"]))
    items = pa.DictionaryArray.from_arrays(pa.array([1, 0], pa.int8()), pa.array(["b", "c"]))
    table = pa.table({"USER_ID": users, "ITEM_ID": items, "TIMESTAMP": pa.array([5, 6], pa.int64())})
    pyarrow.parquet.write_table(table, run.holdout / "h.parquet")
    data = read_data(run.train, run.holdout)
    assert data.users.to_pylist() == ["u"]
    assert data.users_without_past == 0
    assert data.items.to_pylist() == ["a", "b", "c"]


def test_recent_counts_are_of_the_latest_tenth_with_its_ties(run):
    run.write_train(
        [("u", "a", time) for time in range(18)] + [("u", "b", 18), ("v", "c", 18), ("v", "d", 19)]
    )
    run.write_holdout([("u", "z", 99)])
    data = read_data(run.train, run.holdout)
    # 21 interactions: place 18 of 0..20 holds time 18, which two interactions share.
    assert dict(zip(data.items.to_pylist(), data.recent_counts.tolist(), strict=False)) == {
        "a": 0,
        "b": 1,
        "c": 1,
        "d": 1,
    }


def test_an_empty_training_part_leaves_nobody(run):
    run.write_train([])
    run.write_holdout([("u", "a", 1)])
    data = read_data(run.train, run.holdout)
    assert data.n_users == 0
    assert data.users_without_past == 1
    assert data.head_size == 0


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("USER_ID,TIMESTAMP\nu,1\n", "ITEM_ID"),
        ("USER_ID,ITEM_ID,TIMESTAMP\nu,a,yesterday\n", "yesterday"),
        ("", "x.csv"),
    ],
)
def test_unreadable_training_files_are_named(run, content, told):
    run.train.mkdir()
    (run.train / "x.csv").write_text(content)
    run.write_holdout([("u", "b", 2)])
    with pytest.raises(DataError, match=told):
        read_data(run.train, run.holdout)


def test_unreadable_held_out_files_are_named(run):
    run.write_train([("u", "a", 1)])
    run.holdout.mkdir()
    pyarrow.parquet.write_table(pa.table({"USER_ID": ["u"]}), run.holdout / "h.parquet")
    with pytest.raises(DataError, match=r"h\.parquet.*ITEM_ID"):
        read_data(run.train, run.holdout)
    (run.holdout / "h.parquet").write_bytes(b"not parquet")
    with pytest.raises(DataError, match=r"h\.parquet"):
        read_data(run.train, run.holdout)


def test_missing_values_are_refused(run):
    run.write_train([("u", "a", 1)])
    run.holdout.mkdir()
    table = pa.table({"USER_ID": ["u", None], "ITEM_ID": ["a", "b"], "TIMESTAMP": np.array([1, 2])})
    pyarrow.parquet.write_table(table, run.holdout / "h.parquet")
    with pytest.raises(DataError, match="USER_ID has 1 missing"):
        read_data(run.train, run.holdout)


def test_a_folder_without_parts_is_refused(run):
    run.train.mkdir()
    run.write_holdout([("u", "a", 1)])
    with pytest.raises(DataError, match="train"):
        read_data(run.train, run.holdout)
