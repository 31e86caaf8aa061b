"""eventsConfig: which types of events a solution trains on, and how much each counts."""

from functools import partial

import numpy as np
import pyarrow as pa
import pytest

from emulator.data.interactions import EventWeight, code_interactions
from emulator.training.metrics import weighted_gains

TYPE = {"name": "EVENT_TYPE", "type": "string"}
VALUE = {"name": "EVENT_VALUE", "type": ["null", "float"]}


def shop_csv(users=200):
    """Everybody views i000 to i009 most of the time and buys one of i010 to i014 now and then."""
    random = np.random.default_rng(5)
    lines = ["USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE"]
    for user in range(users):
        for step in range(30):
            buys = step % 5 == 4
            item = 10 + int(random.integers(5)) if buys else int(random.integers(10))
            lines.append(f"u{user},i{item:03d},{1_600_000_000 + step},{'buy' if buys else 'view'},{step}")
    return "\n".join(lines) + "\n"


@pytest.fixture
def shop(service, schema):
    group = service.create_group()
    service.s3.put("s3://data/train.csv", shop_csv())
    dataset = service.create_dataset(group, schema=schema(TYPE, VALUE))
    assert service.import_data(dataset, "s3://data/train.csv")["status"] == "ACTIVE"
    return group


def weights(*given):
    members = ("eventType", "weight", "eventValueThreshold")
    listed = [
        {name: value for name, value in zip(members, one, strict=False) if value is not None} for one in given
    ]
    return {"solutionConfig": {"eventsConfig": {"eventParametersList": listed}}}


def listed(service, version, count=5):
    (answer,) = service.answers([{"userId": "u1"}], version, numResults=count)
    return set(answer["output"]["recommendedItems"])


BOUGHT = {f"i{item:03d}" for item in range(10, 15)}


def test_weights_move_the_lists_to_what_counts(service, shop):
    views = service.train(shop, name="views", **weights(("view", 1.0), ("buy", 0.0)))
    buys = service.train(shop, name="buys", **weights(("view", 0.0), ("buy", 1.0)))
    assert not listed(service, views["solutionVersionArn"]) & BOUGHT
    assert listed(service, buys["solutionVersionArn"]) == BOUGHT


def test_only_the_ratio_of_weights_matters(service, shop):
    one = service.train(shop, name="one", **weights(("view", 0.2), ("buy", 1.0)))["solutionVersionArn"]
    two = service.train(shop, name="two", **weights(("view", 0.1), ("buy", 0.5)))["solutionVersionArn"]
    (first,), (second,) = (service.answers([{"userId": "u1"}], arn) for arn in (one, two))
    assert first["output"]["recommendedItems"] == second["output"]["recommendedItems"]


def test_events_of_other_types_are_left_out(service, shop):
    version = service.train(shop, **weights(("view", 1.0)))["solutionVersionArn"]
    assert not listed(service, version, 25) & BOUGHT


def test_the_metrics_with_event_weights_stand_beside_the_others(service, shop):
    arn = service.train(shop, **weights(("view", 0.3), ("buy", 0.1)))["solutionVersionArn"]
    metrics = service.personalize.get_solution_metrics(solutionVersionArn=arn)["metrics"]
    assert {f"normalized_discounted_cumulative_gain_with_event_weights_at_{k}" for k in (5, 10, 25)} < set(
        metrics
    )


def test_live_events_of_other_types_do_not_count(service, shop):
    arn = service.train(shop, **weights(("buy", 1.0)))["solutionVersionArn"]
    campaign = service.create_campaign(arn)
    tracker = service.personalize.create_event_tracker(name="t", datasetGroupArn=shop)["trackingId"]

    def scores(user):
        found = service.runtime.get_recommendations(campaignArn=campaign, userId=user)["itemList"]
        return [(item["itemId"], item.get("score")) for item in found]

    def put(user, kind):
        event = {"eventType": kind, "itemId": "i012", "sentAt": 1_700_000_000}
        service.events.put_events(trackingId=tracker, sessionId="s", userId=user, eventList=[event])

    before = scores("new")
    put("new", "view")
    assert scores("new") == before
    put("new", "buy")
    assert scores("new") != before


@pytest.fixture
def create(service, shop, lenient):
    return partial(lenient(service).create_solution, datasetGroupArn=shop)


@pytest.mark.parametrize(
    ("recipe", "members", "problem"),
    [
        ("aws-user-personalization", weights(("view", 1.0)), "second version"),
        ("aws-user-personalization-v2", weights(("view", 1.5)), "weight"),
        ("aws-user-personalization-v2", weights(("view", 0.0)), "above 0"),
        ("aws-user-personalization-v2", weights(*[("view", 1.0)] * 11), "10"),
        ("aws-user-personalization-v2", weights(("view", 1.0)) | {"eventType": "view"}, "together"),
    ],
    ids=["first version", "too heavy", "all 0", "too many", "with eventType"],
)
def test_what_cannot_be_weighed_is_refused(create, refused, recipe, members, problem):
    code, _, message = refused(
        create,
        name="s",
        recipeArn=f"arn:aws:personalize:::recipe/{recipe}",
        **members,
    )
    assert code == "InvalidInputException"
    assert problem in message


def test_weights_need_the_column(service, refused):
    code, _, message = refused(
        service.personalize.create_solution,
        name="s",
        datasetGroupArn=service.ready_group(),
        recipeArn="arn:aws:personalize:::recipe/aws-user-personalization-v2",
        **weights(("view", 1.0, 2.0)),
    )
    assert code == "InvalidInputException"
    assert "EVENT_TYPE" in message
    assert "EVENT_VALUE" in message


def table(rows):
    names = ("USER_ID", "ITEM_ID", "TIMESTAMP", "EVENT_TYPE", "EVENT_VALUE")
    return pa.table(dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)))


ROWS = [
    ("u", "a", 1, "view", 1.0),
    ("u", "b", 2, "buy", 1.0),
    ("u", "c", 3, "buy", 9.0),
    ("u", "d", 4, "x", 9.0),
]


def test_the_first_weight_that_fits_counts_and_the_mean_is_1():
    given = [EventWeight("buy", 5.0, 0.6), EventWeight("buy", None, 0.2), EventWeight("view", None, 0.1)]
    coded = code_interactions(table(ROWS), None, None, weights=given)
    assert [coded.items[code] for code in coded.events.items] == ["a", "b", "c"]
    assert coded.events.weights.tolist() == pytest.approx([1 / 3, 2 / 3, 2.0])


def test_a_value_that_is_missing_passes_no_threshold():
    rows = [*ROWS[:2], ("u", "c", 3, "buy", None)]
    coded = code_interactions(table(rows), None, None, weights=[EventWeight("buy", 0.5, 1.0)])
    assert coded.items == ["b"]


def test_gains_by_weight_by_hand():
    items = np.array([[7, 1, 2]], np.int32)
    truth, weight = [np.array([1, 2, 2, 3], np.int32)], [np.array([0.5, 0.1, 1.0, 1.0], np.float32)]
    # Item 2 counts with its heaviest event: gains 0.5 and 1 at places 2 and 3, best at places 1 and 2 the other way.
    found = weighted_gains(items, truth, weight)[
        "normalized_discounted_cumulative_gain_with_event_weights_at_5"
    ]
    places = 1 / np.log(np.arange(2, 5))
    assert found == round((0.5 * places[1] + places[2]) / (places[0] + 0.5 * places[1]), 4)
