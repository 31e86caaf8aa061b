"""Items and users of every layout, and the Avro schemas that fit them."""

from __future__ import annotations

import pytest

import local.datasets
from lambdas.split_data.files import RawFile
from lambdas.split_data.reading import read_table
from lambdas.split_data.schema import columns_of
from local.datasets import DatasetError

KEYS = ["USER_ID", "ITEM_ID", "TIMESTAMP"]
NAMES = ["ml-100k", "ml-1m", "movielens", "shop"]
AVRO = {
    "interactions": [
        {"name": "USER_ID", "type": "string"},
        {"name": "ITEM_ID", "type": "string"},
        {"name": "TIMESTAMP", "type": "long"},
        {"name": "EVENT_TYPE", "type": "string"},
        {"name": "EVENT_VALUE", "type": "float"},
    ],
    "items": [
        {"name": "ITEM_ID", "type": "string"},
        {"name": "TITLE", "type": ["null", "string"]},
        {"name": "GENRES", "type": ["null", "string"], "categorical": True},
        {"name": "YEAR", "type": ["null", "int"]},
    ],
    "users": [
        {"name": "USER_ID", "type": "string"},
        {"name": "AGE", "type": "int"},
        {"name": "GENDER", "type": "string", "categorical": True},
        {"name": "OCCUPATION", "type": "string", "categorical": True},
    ],
}
COLUMNS = [field["name"] for field in AVRO["interactions"]]


@pytest.mark.parametrize(
    ("name", "items"),
    [
        ("ml-100k", [["3", "Café (1990)", "Action", "1990"], ["5", "Two", "Action|Adventure", ""]]),
        ("ml-1m", [["3", "Café (1990)", "Action", "1990"], ["5", "Two: The Sequel", "Action|Adventure", ""]]),
        ("movielens", [["3", "Café, The (1990)", "Action", "1990"], ["5", "Two", "", ""]]),
        ("shop", [["3", "Café", "Action", "1990"], ["5", "Two", "Action|Adventure", "1991"]]),
    ],
)
def test_items_come_with_title_genres_and_year(name, items, load_layout, table):
    assert table(load_layout(name).items) == [
        ["ITEM_ID", "TITLE", "GENRES", "YEAR"],
        *items,
    ]


@pytest.mark.parametrize(
    ("line", "year"),
    [
        ("3\tLate\t1990\tAction", "1990"),
        ("3\tLate\tV\tAction", ""),
        ("3\tLate (1985)\tunknown\tAction", "1985"),
        ("3\tLate (1985) (2)\t\tAction", ""),
        ("3\tLate (1985) \t\tAction", "1985"),
        ("3\t(1985) Late\t19901\tAction", ""),
    ],
)
def test_a_year_is_that_of_the_data_or_of_the_titles_end_or_none(line, year, load_layout, table):
    header = "item_id:token\tmovie_title:token_seq\trelease_year:token\tclass:token_seq"
    items = table(load_layout("shop", **{"shop.item": f"{header}\n{line}\n"}).items)
    assert items[1][3] == year


def test_the_release_date_of_movielens_100k_goes_before_the_title(data, load, layouts, table):
    flags = "|".join("1" + "0" * 18)
    files = {**layouts["ml-100k"][0], "u.item": f"3|Again (1990)|02-Feb-1991||url|{flags}\n"}
    assert table(load(data(files)).items)[1] == ["3", "Again (1990)", "unknown", "1991"]


def test_a_data_set_that_knows_no_years_has_none(data, load, layouts, table):
    content = "item_id:token\tmovie_title:token_seq\tclass:token_seq\n3\tCafé\tAction\n"
    assert table(load(data({**layouts["shop"][0], "shop.item": content})).items)[1] == [
        "3",
        "Café",
        "Action",
        "",
    ]


def test_titles_keep_what_looks_like_markup_or_separators(data, load, layouts, table):
    quoted = '"<b>Fish, Chips & ""Peas""</b> 🐟"'
    files = {**layouts["movielens"][0], "movies.csv": f"movieId,title,genres\n3,{quoted},Action\n"}
    assert table(load(data(files)).items)[1][1] == '<b>Fish, Chips & "Peas"</b> 🐟'


@pytest.mark.parametrize(("name", "occupation"), [("ml-100k", "baker"), ("ml-1m", "10"), ("shop", "baker")])
def test_users_come_with_age_gender_and_occupation_and_no_address(name, occupation, load_layout, table):
    users = table(load_layout(name).users)
    assert users[:2] == [["USER_ID", "AGE", "GENDER", "OCCUPATION"], ["7", "33", "F", occupation]]


def test_the_schemas_decide_the_columns_of_items_and_users_too(data, load, layouts, table):
    dataset = load(
        data(layouts["ml-1m"][0]), item_columns=["GENRES", "ITEM_ID"], user_columns=["USER_ID", "GENDER"]
    )
    assert table(dataset.items)[:2] == [["GENRES", "ITEM_ID"], ["Action", "3"]]
    assert table(dataset.users)[:2] == [["USER_ID", "GENDER"], ["7", "F"]]


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"columns": [*KEYS, "DEVICE"]}, "Ratings have no column 'DEVICE'"),
        (
            {"item_columns": ["ITEM_ID", "PRICE"]},
            "Items have no column 'PRICE': of ITEM_ID, TITLE, GENRES, YEAR",
        ),
        ({"user_columns": ["USER_ID", "ZIP"]}, "Users have no column 'ZIP'"),
    ],
)
def test_a_column_that_the_data_do_not_have_is_refused(columns, words, data, load, layouts):
    with pytest.raises(DatasetError, match=words):
        load(data(layouts["ml-1m"][0]), **columns)


@pytest.fixture
def readable(table):
    """Counts the rows of each file of a data set, read under the schemas that the package documents."""

    def of(dataset) -> dict[str, int]:
        assert table(dataset.interactions[0])[0] == COLUMNS
        files = {"interactions": dataset.interactions[0], "items": dataset.items, "users": dataset.users}
        return {
            name: len(read_table([RawFile(path, name)], columns_of({"fields": AVRO[name]}, name), name))
            for name, path in files.items()
            if path
        }

    return of


@pytest.mark.parametrize("name", NAMES)
def test_the_documented_schemas_fit_every_layout(name, data, load, layouts, readable):
    files, encoding, _ = layouts[name]
    rows = readable(load(data(files, encoding=encoding), columns=COLUMNS))
    assert (rows["interactions"], rows["items"]) == (2, 2)
    assert ("users" in rows) == (name != "movielens")


@pytest.mark.parametrize("name", AVRO)
def test_the_documentation_names_every_column(name):
    documented = local.datasets.__doc__.partition(f"    {name} ")[2]
    for field in AVRO[name]:
        line = next(line for line in documented.splitlines() if field["name"] in line.split())
        kinds = field["type"] if isinstance(field["type"], list) else [field["type"]]
        assert all(kind in line for kind in kinds)


@pytest.mark.packages
@pytest.mark.usefixtures("no_caches")
def test_the_documented_schemas_fit_the_whole_of_movielens_100k(load, readable):
    rows = readable(load(None, columns=COLUMNS))
    assert rows == {"interactions": 100_000, "items": 1_682, "users": 943}
