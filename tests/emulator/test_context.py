"""Columns of interactions as the context of events, and contexts of requests."""

import json

import numpy as np
import pytest
from scipy import sparse

from emulator.data.context import ContextColumns
from emulator.errors import InvalidInputError
from emulator.recipes.context_lift import SMOOTHING, ContextLift
from emulator.recipes.contract import Side, fit
from emulator.recipes.events import Events
from emulator.recipes.sequence import SequenceTrainer

COLUMNS = ContextColumns(
    ("DEVICE=phone", "DEVICE=tv", "HOUR=0", "HOUR=18"),
    ("DEVICE", "DEVICE", "HOUR", "HOUR"),
    ("DEVICE", "HOUR"),
    ("HOUR",),
)
DEVICE = {"name": "DEVICE_TYPE", "type": "string", "categorical": True}


def devices_csv(users=150):
    """On the phone people take one of i000 to i009, on the television one of i010 to i019, whatever came before."""
    random = np.random.default_rng(3)
    lines = ["USER_ID,ITEM_ID,TIMESTAMP,DEVICE_TYPE"]
    for user in range(users):
        for step in range(30):
            phone = bool(random.integers(2))
            item = int(random.integers(10)) + (0 if phone else 10)
            lines.append(f"u{user},i{item:03d},{1_600_000_000 + step},{'phone' if phone else 'tv'}")
    return "\n".join(lines) + "\n"


@pytest.fixture
def campaign(service, schema):
    group = service.create_group()
    service.s3.put("s3://data/train.csv", devices_csv())
    dataset = service.create_dataset(group, schema=schema(DEVICE))
    assert service.import_data(dataset, "s3://data/train.csv")["status"] == "ACTIVE"
    version = service.train(group, "aws-user-personalization")["solutionVersionArn"]
    return service.create_campaign(version)


def test_the_context_of_a_request_decides_what_is_recommended(service, campaign):
    lists = {}
    for device in ("phone", "tv"):
        found = service.runtime.get_recommendations(
            campaignArn=campaign, userId="u1", context={"DEVICE_TYPE": device}, numResults=10
        )
        lists[device] = {item["itemId"] for item in found["itemList"]}
    assert lists["phone"] == {f"i{item:03d}" for item in range(10)}
    assert lists["tv"] == {f"i{item:03d}" for item in range(10, 20)}


def test_without_a_context_both_kinds_of_items_are_recommended(service, campaign):
    found = service.runtime.get_recommendations(campaignArn=campaign, userId="nobody", numResults=10)
    kinds = {int(item["itemId"][1:]) // 10 for item in found["itemList"]}
    assert kinds == {0, 1}


def test_a_context_of_a_column_that_there_is_not_is_refused(service, campaign, refused):
    code, status, message = refused(
        service.runtime.get_recommendations, campaignArn=campaign, userId="u1", context={"WEATHER": "rain"}
    )
    assert (code, status) == ("InvalidInputException", 400)
    assert "WEATHER" in message


def test_recipes_without_context_refuse_one(service, refused):
    version = service.train(service.ready_group(), "aws-popularity-count")["solutionVersionArn"]
    campaign = service.create_campaign(version)
    code, _, message = refused(
        service.runtime.get_recommendations, campaignArn=campaign, userId="u1", context={"DEVICE_TYPE": "tv"}
    )
    assert code == "InvalidInputException"
    assert "aws-popularity-count" in message


def test_interactions_without_further_columns_take_no_context(service, refused):
    version = service.train(service.ready_group())["solutionVersionArn"]
    campaign = service.create_campaign(version)
    code, _, message = refused(
        service.runtime.get_recommendations,
        campaignArn=campaign,
        userId="u001",
        context={"DEVICE_TYPE": "tv"},
    )
    assert code == "InvalidInputException"
    assert "no column" in message


def test_a_context_survives_a_restart_and_ranks_lists(start, schema, tmp_path):
    service = start(tmp_path)
    group = service.create_group()
    service.s3.put("s3://data/train.csv", devices_csv())
    service.import_data(service.create_dataset(group, schema=schema(DEVICE)), "s3://data/train.csv")
    version = service.train(group, "aws-personalized-ranking-v2")["solutionVersionArn"]
    campaign = service.create_campaign(version)
    service.emulator.close()
    again = start(tmp_path)
    ranked = again.runtime.get_personalized_ranking(
        campaignArn=campaign, userId="u1", inputList=["i003", "i013"], context={"DEVICE_TYPE": "tv"}
    )["personalizedRanking"]
    assert [item["itemId"] for item in ranked] == ["i013", "i003"]


def test_values_become_features_and_numbers_fall_into_bins():
    assert COLUMNS.encode({"device": "phone"}).tolist() == [1, 0, 0, 0]
    assert COLUMNS.encode({"HOUR": "20.5"}).tolist() == [0, 0, 0, 1]
    assert COLUMNS.encode({"HOUR": "-3"}).tolist() == [0, 0, 1, 0]


def test_a_value_that_training_has_not_seen_is_like_an_empty_cell():
    assert COLUMNS.encode({"DEVICE": "watch"}).tolist() == [0, 0, 0, 0]


def test_a_number_must_be_one():
    with pytest.raises(InvalidInputError, match="HOUR must be a number"):
        COLUMNS.encode({"HOUR": "noon"})


def test_columns_are_kept_as_json():
    members = {name: list(values) for name, values in vars(COLUMNS).items()}
    assert ContextColumns.read(json.dumps(members)) == COLUMNS


def with_contexts(items, context, n_items):
    users = np.zeros(len(items), np.int32)
    matrix = sparse.csr_matrix(np.array(context, np.float32))
    return Events(users, np.array(items, np.int32), 1, n_items, context=matrix)


def test_lifts_by_hand():
    # Item 0: three times with feature 0, once with feature 1; item 1: twice with feature 1; item 2 without any.
    events = with_contexts([0, 0, 0, 0, 1, 1, 2], [[1, 0]] * 3 + [[0, 1]] * 3 + [[0, 0]], 3)
    lift = ContextLift.empty(("DEVICE", "DEVICE"), 3).plus(events)
    (found,) = np.exp(lift.log_lifts(sparse.csr_matrix([[1.0, 0.0]])))
    usual = 3 / 6
    expected = [
        (3 + SMOOTHING * usual) / (4 + SMOOTHING) / usual,
        (0 + SMOOTHING * usual) / (2 + SMOOTHING) / usual,
        1.0,
    ]
    assert found == pytest.approx(expected, rel=1e-5)


def test_columns_multiply_and_parts_add_up():
    random = np.random.default_rng(0)
    context = np.hstack([np.eye(2)[random.integers(0, 2, 60)], np.eye(3)[random.integers(0, 3, 60)]])
    events = with_contexts(random.integers(0, 4, 60), context, 4)
    empty = ContextLift.empty(("A", "A", "B", "B", "B"), 4)
    whole = empty.plus(events)
    parts = empty.plus(events.where(np.arange(60) < 25)).plus(events.where(np.arange(60) >= 25))
    both, one, other = np.eye(5, dtype=np.float32)[[0, 0, 3]]
    both[3] = 1
    asked = sparse.csr_matrix(np.stack([both, one, other]))
    lifts = whole.log_lifts(asked)
    assert lifts[0] == pytest.approx(lifts[1] + lifts[2], abs=1e-6)
    assert np.array_equal(lifts, parts.log_lifts(asked))


def test_probabilities_are_multiplied_by_the_lift():
    random = np.random.default_rng(1)
    context = np.eye(2, dtype=np.float32)[random.integers(0, 2, 400)]
    items = (context[:, 1] * 2 + random.integers(0, 2, 400)).astype(np.int32)
    users = np.repeat(np.arange(20), 20).astype(np.int32)
    events = Events(users, items, 20, 4, context=sparse.csr_matrix(context))
    model = fit(SequenceTrainer, events, {}, Side(context_columns=("DEVICE", "DEVICE")))
    lift = ContextLift.empty(("DEVICE", "DEVICE"), 4).plus(events)
    asked = sparse.csr_matrix([[0.0, 1.0]])
    history = [np.array([0, 2], np.int32)]
    plain, moved = (model.recommend(history, 4, traits) for traits in (None, asked))
    before = dict(zip(plain.items[0].tolist(), plain.scores[0].tolist(), strict=True))
    after = dict(zip(moved.items[0].tolist(), moved.scores[0].tolist(), strict=True))
    lifted = {item: before[item] * np.exp(lift.log_lifts(asked)[0, item]) for item in before}
    total = sum(lifted.values())
    assert after == pytest.approx({item: value / total for item, value in lifted.items()}, rel=1e-4)
