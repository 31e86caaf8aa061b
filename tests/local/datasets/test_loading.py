"""Data found and fetched; the interactions of every layout."""

from __future__ import annotations

import subprocess
import zipfile
from types import SimpleNamespace

import pytest

from local.datasets import DatasetError

KEYS = ["USER_ID", "ITEM_ID", "TIMESTAMP"]
WIDE = ("USER_ID", "ITEM_ID", "EVENT_TYPE", "EVENT_VALUE", "TIMESTAMP")
NAMES = ["ml-100k", "ml-1m", "movielens", "shop"]


@pytest.mark.parametrize("name", NAMES)
def test_ratings_of_every_layout_become_interactions(name, data, load, layouts, table):
    files, encoding, _ = layouts[name]
    dataset = load(data(files, encoding=encoding))
    assert dataset.name == name
    assert [table(path) for path in dataset.interactions] == [
        [KEYS, ["7", "3", "900000000"], ["8", "5", "900000001"]]
    ]


@pytest.mark.parametrize("name", NAMES)
def test_a_file_of_a_layout_stands_for_its_folder(name, data, load, layouts, table):
    files, encoding, ratings = layouts[name]
    dataset = load(data(files, encoding=encoding) / ratings)
    assert len(table(dataset.interactions[0])) == 3


@pytest.mark.parametrize("name", NAMES)
def test_an_archive_unpacked_into_a_folder_of_its_own_is_found(name, data, load, layouts):
    files, encoding, _ = layouts[name]
    data(files, below=f"given/{name}", encoding=encoding)
    assert load(data({"README": "hello"})).name == name


def test_items_and_users_may_be_absent(data, load, layouts):
    dataset = load(data({"ratings.dat": layouts["ml-1m"][0]["ratings.dat"]}))
    assert (dataset.items, dataset.users) == (None, None)


def test_the_schema_decides_the_columns_and_their_order(data, load, layouts, table):
    dataset = load(data(layouts["ml-1m"][0]), columns=WIDE)
    assert table(dataset.interactions[0])[:2] == [list(WIDE), ["7", "3", "rating", "4", "900000000"]]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("7\t3\t4\t900000000\n8\t5\n", "u.data, line 2: 2 values and not 4 or more"),
        ("7\t3\t4\t900000000\n\n8\t5\t1\tnoon\n", "u.data, line 3: the time is not a whole number"),
    ],
)
def test_a_damaged_line_is_named(content, words, data, load):
    with pytest.raises(DatasetError, match=words):
        load(data({"u.data": content}))


def test_a_header_without_time_is_named(data, load):
    with pytest.raises(DatasetError, match=r"shop.inter, line 1: the column 'timestamp:float' is missing"):
        load(data({"shop.inter": "user_id:token\titem_id:token\trating:float\n7\t3\t4\n"}))


def test_csvs_with_the_columns_of_personalize_are_taken_as_they_are(data, load):
    files = {
        "a.csv": "USER_ID,ITEM_ID,TIMESTAMP\n007,x,1\n",
        "b.csv": '"TIMESTAMP","USER_ID","ITEM_ID"\n2,u,y\n',
        "items.csv": "ITEM_ID,GENRES\nx,Action\n",
        "users.csv": "USER_ID,AGE\n007,33\n",
        "notes.csv": "hello,world\n",
    }
    folder = data(files)
    dataset = load(folder)
    assert dataset.interactions == (folder / "a.csv", folder / "b.csv")
    assert (dataset.items, dataset.users) == (folder / "items.csv", folder / "users.csv")
    assert load(folder / "a.csv").interactions == (folder / "a.csv",)


def test_own_interactions_called_ratings_are_not_taken_for_movielens(data, load):
    path = data({"ratings.csv": "USER_ID,ITEM_ID,TIMESTAMP\n7,x,1\n"}) / "ratings.csv"
    assert load(path).interactions == (path,)


def test_a_column_missing_of_three_is_left_to_the_checks_of_the_run(data, load):
    path = data({"mine.csv": "user_id,item_id\n7,x\n"}) / "mine.csv"
    assert load(path).interactions == (path,)


def test_two_files_of_items_are_refused(data, load):
    files = {"a.csv": "USER_ID,ITEM_ID,TIMESTAMP\n", "i.csv": "ITEM_ID,A\n", "j.csv": "ITEM_ID,A\n"}
    with pytest.raises(DatasetError, match=r"j\.csv: i\.csv holds items too"):
        load(data(files))


@pytest.mark.parametrize(
    ("files", "path", "words"),
    [
        ({"x.csv": ""}, "x.csv", r"x\.csv, line 1: no interactions, but nothing"),
        ({"x.csv": "a,b\n1,2\n"}, "x.csv", r"x\.csv, line 1: no interactions, but a, b"),
        ({"ml-1m.zip": ""}, "ml-1m.zip", "it is packed. Unpack it"),
        ({"README": ""}, "", r"no data that can be read \(found: README\)"),
        ({"README": ""}, "gone", "there is no such file or folder"),
    ],
)
def test_what_cannot_be_read_is_said_with_what_can(files, path, words, data, load):
    with pytest.raises(DatasetError, match=words):
        load(data(files) / path)


def wheel_with(files):
    """A stand-in for pip that leaves a package with these files."""

    def download(command, **_):
        folder = command[command.index("--dest") + 1]
        with zipfile.ZipFile(f"{folder}/recbole-1.2.1-py3-none-any.whl", "w") as archive:
            for name, content in files.items():
                archive.writestr(
                    f"recbole/dataset_example/ml-100k/{name.replace('shop', 'ml-100k')}", content
                )
        return SimpleNamespace(returncode=0, stderr="")

    return download


def test_without_a_path_the_package_that_carries_movielens_is_fetched_once(
    no_caches, load, monkeypatch, layouts
):
    monkeypatch.setattr(subprocess, "run", wheel_with(layouts["shop"][0]))
    dataset = load(None)
    assert dataset.name == "ml-100k"
    assert "fetched with pip out of the package recbole-1.2.1" in dataset.origin
    assert "GroupLens" in dataset.licence
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("fetched again"))
    again = load(None)
    assert f"from the cache {no_caches[1]}" in again.origin
    assert again.interactions == dataset.interactions


def test_data_laid_into_the_projects_cache_are_preferred(no_caches, load, layouts):
    no_caches[0].mkdir()
    for name, content in layouts["shop"][0].items():
        (no_caches[0] / name.replace("shop", "ml-100k")).write_text(content)
    assert str(no_caches[0]) in load(None).origin


def test_a_failed_download_tells_the_reason_and_the_way_by_hand(no_caches, load, monkeypatch):
    answer = SimpleNamespace(returncode=1, stderr="noise\nERROR: no network\n")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: answer)
    with pytest.raises(DatasetError, match=r"ERROR: no network.*GroupLens.*make run DATA=path/to/ml-100k"):
        load(None)
    assert not any(folder.exists() for folder in no_caches)


@pytest.mark.packages
def test_the_real_package_has_the_whole_of_movielens_100k(no_caches, load, table):
    dataset = load(None)
    rows = table(dataset.interactions[0])[1:]
    assert (len(rows), len({user for user, _, _ in rows}), len({item for _, item, _ in rows})) == (
        100_000,
        943,
        1_682,
    )
    assert (len(table(dataset.items)), len(table(dataset.users))) == (1_683, 944)
