"""Items and users: imports, schemas that grow, and which of their columns teach."""

import json

import numpy as np
import pyarrow as pa
import pytest

from emulator.data.features import MOST_VALUES, build_features, training_fields
from emulator.data.schema import Field, parse_schema
from emulator.recipes.contract import Side, fit
from emulator.recipes.events import Events
from emulator.recipes.sequence import SequenceTrainer
from emulator.recipes.sequential_linear import MEMORIES, LinearStatistics
from emulator.recipes.side_regression import ITEM_FEATURE_SCALE, TRAIT_SCALE, solve_with_side
from emulator.recipes.user_traits import TraitStatistics

PREFIX = "arn:aws:personalize:us-east-1:123456789012:"
ITEM_FIELDS = [
    {"name": "ITEM_ID", "type": "string"},
    {"name": "GENRES", "type": ["null", "string"], "categorical": True},
]
GENRES = Field("GENRES", "string", nullable=True, categorical=True)
YEAR = Field("YEAR", "int", nullable=True)


def items_csv(items=60, extra=0):
    """Items of the conftest's ring, even ones of genre A, odd ones of B, and some that nobody has taken."""
    rows = [f"i{item:03d},{'AB'[item % 2]}" for item in range(items + extra)]
    return "ITEM_ID,GENRES\n" + "\n".join(rows) + "\n"


def test_items_and_users_are_imported_and_added_to_by_id(service):
    group = service.create_group()
    dataset = service.add_dataset(group, "Items", ITEM_FIELDS, items_csv(3))
    service.s3.put("s3://data/more.csv", "ITEM_ID,GENRES\ni001,C\ni009,\n")
    service.import_data(dataset, "s3://data/more.csv", name="more", importMode="INCREMENTAL")
    rows = service.emulator.datasets.snapshot(group, "ITEMS").table.to_pylist()
    assert sorted((row["ITEM_ID"], row["GENRES"]) for row in rows) == [
        ("i000", "A"),
        ("i001", "C"),
        ("i002", "A"),
        ("i009", None),
    ]
    service.import_data(dataset, "s3://data/more.csv", name="again", importMode="FULL")
    assert len(service.emulator.datasets.snapshot(group, "ITEMS").table) == 2


def new_schema(service, name, *fields, record="Items"):
    text = json.dumps({"type": "record", "name": record, "fields": [*ITEM_FIELDS, *fields]})
    return service.personalize.create_schema(name=name, schema=text)["schemaArn"]


def test_a_schema_may_grow_by_columns_that_accept_null(service):
    group = service.create_group()
    dataset = service.add_dataset(group, "Items", ITEM_FIELDS, items_csv(3))
    assert "latestDatasetUpdate" not in service.personalize.describe_dataset(datasetArn=dataset)["dataset"]
    wider = new_schema(service, "wider", {"name": "PRICE", "type": ["null", "float"]})
    service.personalize.update_dataset(datasetArn=dataset, schemaArn=wider)
    shown = service.personalize.describe_dataset(datasetArn=dataset)["dataset"]
    assert shown["schemaArn"] == wider
    assert (shown["status"], shown["latestDatasetUpdate"]["status"]) == ("ACTIVE", "ACTIVE")
    rows = service.emulator.datasets.snapshot(group, "ITEMS").table.to_pylist()
    assert rows[0] == {"ITEM_ID": "i000", "GENRES": "A", "PRICE": None}
    service.s3.put("s3://data/priced.csv", "ITEM_ID,GENRES,PRICE\ni000,A,1.5\n")
    service.import_data(dataset, "s3://data/priced.csv", name="priced", importMode="INCREMENTAL")
    rows = service.emulator.datasets.snapshot(group, "ITEMS").table.to_pylist()
    assert {row["ITEM_ID"]: row["PRICE"] for row in rows} == {"i000": 1.5, "i001": None, "i002": None}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (
            [ITEM_FIELDS[0], {"name": "PRICE", "type": ["null", "float"]}],
            "must keep these fields as they are: GENRES",
        ),
        (
            [ITEM_FIELDS[0], {"name": "GENRES", "type": ["null", "string"]}],
            "must keep these fields as they are: GENRES",
        ),
        ([*ITEM_FIELDS, {"name": "PRICE", "type": "float"}], "must accept null: PRICE"),
    ],
)
def test_schemas_that_cannot_replace_the_old_one(service, refused, fields, said):
    dataset = service.add_dataset(service.create_group(), "Items", ITEM_FIELDS, items_csv(3))
    text = json.dumps({"type": "record", "name": "Items", "fields": fields})
    arn = service.personalize.create_schema(name="other", schema=text)["schemaArn"]
    code, _, message = refused(service.personalize.update_dataset, datasetArn=dataset, schemaArn=arn)
    assert code == "InvalidInputException"
    assert said in message


def test_the_schema_of_interactions_stays(service, refused):
    dataset = service.create_dataset(service.create_group())
    call = service.personalize.update_dataset
    assert (
        refused(call, datasetArn=dataset, schemaArn=f"{PREFIX}schema/interactions")[0]
        == "InvalidInputException"
    )


FULL_SCHEMA = parse_schema(
    json.dumps(
        {
            "type": "record",
            "name": "Items",
            "fields": [
                *ITEM_FIELDS,
                {"name": "YEAR", "type": ["null", "int"]},
                {"name": "COLD", "type": "string"},
                {"name": "PLOT", "type": ["null", "string"], "textual": True},
                {"name": "HOT", "type": "boolean"},
                {"name": "CREATION_TIMESTAMP", "type": "long"},
            ],
        }
    )
)


@pytest.mark.parametrize(
    ("config", "known", "expected"),
    [
        ({}, None, ["GENRES", "YEAR"]),
        ({"excludedDatasetColumns": {"ITEMS": ["YEAR"]}}, None, ["GENRES"]),
        ({"excludedDatasetColumns": {"Items": ["GENRES"]}}, None, ["YEAR"]),
        ({"excludedDatasetColumns": {"USERS": ["YEAR"]}}, None, ["GENRES", "YEAR"]),
        ({"includedDatasetColumns": {"ITEMS": ["YEAR", "COLD"]}}, None, ["YEAR"]),
        ({}, ["ITEM_ID", "GENRES"], ["GENRES"]),
    ],
)
def test_categorical_and_numeric_columns_teach_unless_they_are_left_out(config, known, expected):
    assert [field.name for field in training_fields(FULL_SCHEMA, config, known)] == expected


def test_features_by_hand():
    table = pa.table(
        {
            "ITEM_ID": ["d", "a", "b", "c"],
            "GENRES": ["x", "x|y|y", "y||z", None],
            "YEAR": [None, 1990, 2000, 2000],
        }
    )
    features = build_features(table, "ITEM_ID", ["a", "b", "c", "unknown"], [GENRES, YEAR])
    # x is left with one of the asked items, z never had more; 1990 belongs to one.
    assert features.names == ("GENRES=y", "YEAR=2000")
    assert features.columns == ("GENRES", "YEAR")
    assert features.matrix.toarray().tolist() == [[1, 0], [1, 1], [0, 1], [0, 0]]


def test_numbers_become_fifths():
    table = pa.table({"ITEM_ID": [str(n) for n in range(20)], "YEAR": pa.array(range(20), pa.int32())})
    features = build_features(table, "ITEM_ID", [str(n) for n in range(20)], [YEAR])
    assert np.asarray(features.matrix.sum(axis=0)).ravel().tolist() == [4] * 5
    assert features.matrix.shape == (20, 5)


def test_numbers_that_differ_late_stay_apart():
    values = pa.table({"ITEM_ID": ["a", "b", "c", "d"], "N": [1_600_000_001, 1_600_000_002] * 2})
    found = build_features(values, "ITEM_ID", ["a", "b", "c", "d"], [Field("N", "long", nullable=False)])
    assert found.names == ("N=1600000001", "N=1600000002")


@pytest.mark.parametrize(
    "cells", [["same"] * 30, [f"own{n}" for n in range(30)], [None] * 30, ["|"] * 30], ids=str
)
def test_columns_without_anything_to_learn_give_no_features(cells):
    ids = [str(n) for n in range(30)]
    table = pa.table({"ITEM_ID": ids, "GENRES": pa.array(cells, pa.string())})
    assert build_features(table, "ITEM_ID", ids, [GENRES]) is None


def test_of_too_many_values_the_frequent_ones_count():
    ids = [str(n) for n in range(3 * (MOST_VALUES + 10))]
    table = pa.table({"ITEM_ID": ids, "GENRES": [f"g{n // 3}" for n in range(len(ids))]})
    assert build_features(table, "ITEM_ID", ids, [GENRES]).matrix.shape[1] == MOST_VALUES


WALKS = [[0, 1, 2, 3], [0, 1, 3], [2, 1, 0, 4, 0], [3]]
TRAITS = np.array([[1, 0], [0, 1], [1, 1], [0, 0]], np.float32)
ITEM_FEATURES = np.array([[1, 0, 0], [1, 1, 0], [0, 1, 0], [0, 0, 1], [0, 0, 1]], np.float32)


def events_of(walks, n_items=5):
    users = np.repeat(np.arange(len(walks)), [len(walk) for walk in walks]).astype(np.int32)
    return Events(users, np.array([item for walk in walks for item in walk], np.int32), len(walks), n_items)


def test_coefficients_with_metadata_are_those_of_ridge_regression_on_the_wide_design():
    from scipy import sparse

    from emulator.recipes.sequential_linear import WINDOW, WINDOW_DECAY

    rows, targets = [], []
    for user, walk in enumerate(WALKS):
        for p in range(len(walk)):
            blocks = [np.zeros(5), np.zeros(5)]
            for block, tau in zip(blocks, MEMORIES, strict=True):
                for a in range(p):
                    block[walk[a]] += np.exp(-(p - 1 - a) / tau)
            profile = [block @ ITEM_FEATURES * ITEM_FEATURE_SCALE for block in blocks]
            rows.append(np.concatenate([*blocks, *profile, TRAITS[user] * TRAIT_SCALE]))
            target = np.zeros(5)
            for ahead, item in enumerate(walk[p : p + WINDOW]):
                target[item] += np.exp(-ahead / WINDOW_DECAY)
            targets.append(target)
    wide, outcome = np.array(rows), np.array(targets)
    solved = np.linalg.solve(wide.T @ wide + 2.0 * np.eye(wide.shape[1]), wide.T @ outcome)
    statistics, traits = LinearStatistics.empty(5), TraitStatistics.empty(5, sparse.csr_matrix(TRAITS))
    # Given in two parts: statistics add up over users.
    for part in (np.array([True, False, True, False]), np.array([False, True, False, True])):
        statistics.add(events_of(WALKS).of_users(part))
        traits.add(events_of(WALKS).of_users(part))
    found = solve_with_side(statistics, sparse.csr_matrix(ITEM_FEATURES), traits, ridge=2.0)
    # The same prediction for any input, with the features' share folded into the items' coefficients.
    history, who = np.arange(10.0), np.array([1.0, 1.0])
    profile = np.concatenate([history[:5] @ ITEM_FEATURES, history[5:] @ ITEM_FEATURES]) * ITEM_FEATURE_SCALE
    expected = np.concatenate([history, profile, who * TRAIT_SCALE]) @ solved
    assert np.allclose(history @ found.items + who @ found.traits, expected, atol=1e-3)


def test_where_rounding_is_larger_than_the_ridge_the_ridge_grows():
    statistics = LinearStatistics.empty(5)
    statistics.add(events_of(WALKS))
    statistics.own[...] -= 8
    gram = np.empty((10, 10), np.float32)
    statistics.fill_gram(gram)
    assert np.linalg.eigvalsh(gram)[0] < -2, "with a ridge of 2 there is nothing to solve"
    grown = next(ridge for ridge in (20.0, 200.0) if np.linalg.eigvalsh(gram)[0] + ridge > 0)
    found = solve_with_side(statistics, None, None, 2.0).items
    assert np.allclose(found, solve_with_side(statistics, None, None, grown).items)


def test_without_the_short_memory_its_inputs_count_nothing():
    statistics = LinearStatistics.empty(5)
    statistics.add(events_of(WALKS))
    found = solve_with_side(statistics, None, None, ridge=2.0, short_memory=False)
    assert np.abs(found.items[:5]).max() == 0
    gram = np.empty((10, 10), np.float32)
    statistics.fill_gram(gram)
    expected = np.linalg.solve(gram[5:, 5:] + 2.0 * np.eye(5), statistics.cross[5:])
    assert np.allclose(found.items[5:], expected, atol=1e-4)


def test_traits_tell_users_without_history_apart():
    from scipy import sparse

    # Users of the first kind walk 0 → 1, those of the second 2 → 3; all items are equally popular.
    walks = [[0, 1] * 5 if user % 2 else [2, 3] * 5 for user in range(60)]
    traits = sparse.csr_matrix(np.array([[user % 2, 1 - user % 2] for user in range(60)], np.float32))
    model = fit(SequenceTrainer, events_of(walks, 4), {}, Side(users=traits))
    asked = [np.array([], np.int32)] * 2
    lists = model.recommend(asked, 2, sparse.csr_matrix(np.eye(2, dtype=np.float32))).items.tolist()
    assert [set(row) for row in lists] == [{0, 1}, {2, 3}]


def test_columns_that_are_left_out_change_nothing_and_the_others_do(service):
    group = service.ready_group()
    service.add_dataset(group, "Items", ITEM_FIELDS, items_csv())
    leave_out = {"trainingDataConfig": {"excludedDatasetColumns": {"ITEMS": ["GENRES"]}}}
    arns = {
        name: service.train(group, "aws-user-personalization", name=name, **members)["solutionVersionArn"]
        for name, members in {"with": {}, "without": {"solutionConfig": leave_out}}.items()
    }
    plain = service.train(group, "aws-hrnn", name="plain")["solutionVersionArn"]
    coefficients = {
        name: service.emulator.model(arn).recommender._model.coefficients.items
        for name, arn in (arns | {"plain": plain}).items()
    }
    assert np.array_equal(coefficients["without"], coefficients["plain"])
    assert not np.array_equal(coefficients["with"], coefficients["plain"])


def test_a_column_that_a_later_schema_added_is_not_trained_on_by_older_solutions(service):
    group = service.ready_group()
    fields = [ITEM_FIELDS[0], {"name": "COLOUR", "type": "string"}]
    rows = "".join(f"i{item:03d},c\n" for item in range(60))
    dataset = service.add_dataset(group, "Items", fields, "ITEM_ID,COLOUR\n" + rows)
    solution = service.train(group, name="old")["solutionArn"]
    text = json.dumps({"type": "record", "name": "Items", "fields": [*fields, ITEM_FIELDS[1]]})
    wider = service.personalize.create_schema(name="wider", schema=text)["schemaArn"]
    service.personalize.update_dataset(datasetArn=dataset, schemaArn=wider)
    rows = "".join(f"i{item:03d},c,{'AB'[item % 2]}\n" for item in range(60))
    service.s3.put("s3://data/wide.csv", "ITEM_ID,COLOUR,GENRES\n" + rows)
    assert service.import_data(dataset, "s3://data/wide.csv", name="wide")["status"] == "ACTIVE"
    again = service.personalize.create_solution_version(solutionArn=solution)["solutionVersionArn"]
    service.settled("solution_version", solutionVersionArn=again)
    new = service.train(group, name="new")["solutionVersionArn"]
    first, second = (
        service.emulator.model(arn).recommender._model.coefficients.items for arn in (again, new)
    )
    assert not np.array_equal(first, second)


def test_event_type_and_ids_cannot_be_left_out(service, refused, schema):
    group = service.create_group()
    service.create_dataset(group, schema({"name": "EVENT_TYPE", "type": "string"}))
    for column in ("EVENT_TYPE", "USER_ID"):
        config = {"trainingDataConfig": {"excludedDatasetColumns": {"INTERACTIONS": [column]}}}
        recipe = "arn:aws:personalize:::recipe/aws-user-personalization-v2"
        code, _, message = refused(
            service.personalize.create_solution,
            name="s",
            datasetGroupArn=group,
            recipeArn=recipe,
            solutionConfig=config,
        )
        assert code == "InvalidInputException"
        assert f"{column} cannot be excluded" in message
