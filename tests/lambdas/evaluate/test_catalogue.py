from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet
import pytest

from lambdas.evaluate.catalogue import read_catalogue
from lambdas.shared.errors import DataError

ITEMS = pa.array(["a", "b", "c", "zzz"])


def read(run, **columns):
    run.write_catalogue(**columns)
    return read_catalogue(run.folder / "items.parquet", "GENRES")


def test_titles_are_told_as_they_are_and_blank_ones_are_none(run):
    known = read(
        run, ITEM_ID=["a", "b", "c", "d"], TITLE=["<b>Tom & Jerry</b>, 2", "🎬 \u00c9t\u00e9", "  ", None]
    )
    assert known.titles_of(["b", "a", "c", "d", "missing"]) == [
        "🎬 \u00c9t\u00e9",
        "<b>Tom & Jerry</b>, 2",
        None,
        None,
        None,
    ]


def test_a_catalogue_without_titles_tells_none(run):
    assert read(run, ITEM_ID=["a"]).titles_of(["a"]) == [None]


def test_genres_are_split_stripped_and_sorted(run):
    known = read(run, ITEM_ID=["a", "b", "c", "x"], GENRES=["war|crime", " war ||", None, "only here"])
    sets, names = known.genre_sets(ITEMS)
    assert names == ("crime", "war")
    assert [sets.items[sets.starts[n] : sets.starts[n + 1]].tolist() for n in range(4)] == [
        [0, 1],
        [1],
        [],
        [],
    ]


def test_without_the_column_there_are_no_genres(run):
    sets, names = read(run, ITEM_ID=["a"]).genre_sets(ITEMS)
    assert names == ()
    assert sets.sizes.tolist() == [0, 0, 0, 0]


def test_cold_flags_follow_the_items_asked_for(run):
    known = read(run, ITEM_ID=["c", "b", "a", "q"], COLD=[True, None, False, True])
    assert known.cold_flags(ITEMS).tolist() == [False, False, True, False]
    assert read(run, ITEM_ID=["a"]).cold_flags(ITEMS).tolist() == [False] * 4


def test_an_id_that_is_repeated_counts_the_first_time(run):
    known = read(run, ITEM_ID=["a", "a", None], TITLE=["first", "second", "nobody's"])
    assert known.ids.to_pylist() == ["a"]
    assert known.titles_of(["a"]) == ["first"]


@pytest.mark.parametrize(
    "table",
    [
        {"TITLE": ["no ids"]},
        {"ITEM_ID": ["a"], "COLD": ["maybe"]},
    ],
)
def test_an_unusable_catalogue_is_refused_with_what_it_needs(run, table):
    pyarrow.parquet.write_table(pa.table(table), run.folder / "items.parquet")
    with pytest.raises(DataError, match=r"items\.parquet cannot be read: it needs the column ITEM_ID"):
        read_catalogue(run.folder / "items.parquet", "GENRES")


def test_a_file_that_is_no_parquet_is_refused(run):
    (run.folder / "items.parquet").write_text("ITEM_ID\na\n")
    with pytest.raises(DataError, match=r"items\.parquet cannot be read"):
        read_catalogue(run.folder / "items.parquet", "GENRES")
