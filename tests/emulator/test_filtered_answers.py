"""Filters at work: in batch jobs, in campaigns, on data that changes."""

import pytest

from emulator import Limits
from emulator.training import model as trained_model

NULLABLE = ["null", "string"]

GENRE_FIELDS = [
    {"name": "ITEM_ID", "type": "string"},
    {"name": "GENRES", "type": NULLABLE, "categorical": True},
]
GENRE_ROWS = "ITEM_ID,GENRES\n" + "".join(f"i{n:03d},{'AB'[n % 2]}\n" for n in range(60))


@pytest.fixture
def filtering(service):
    """A group with items of genres A (even) and B (odd), and a function that makes filters in it."""
    group = service.ready_group()
    service.add_dataset(group, "Items", GENRE_FIELDS, GENRE_ROWS)

    def make(expression, name="f"):
        return service.personalize.create_filter(
            name=name, datasetGroupArn=group, filterExpression=expression
        )["filterArn"]

    return service, group, make


def numbers(items):
    return [int(item.removeprefix("i")) for item in items]


def test_batch_jobs_answer_within_the_filter_and_the_values_of_each_line(filtering):
    service, group, make = filtering
    arn = make("INCLUDE ItemID WHERE Items.GENRES IN ($G)")
    version = service.train(group, "aws-user-personalization")["solutionVersionArn"]
    lines = service.answers(
        [
            {"userId": "u001", "filterValues": {"G": '"A"'}},
            {"userId": "u001", "filterValues": {"G": '"B"'}},
            {"userId": "u001"},
        ],
        version,
        filterArn=arn,
    )
    even, odd, none = (line["output"]["recommendedItems"] for line in lines)
    assert {number % 2 for number in numbers(even)} == {0}
    assert {number % 2 for number in numbers(odd)} == {1}
    assert (len(even), len(odd), none) == (25, 25, [])
    assert lines[2]["error"].startswith("User error: filterValues must have a value for G")


def test_a_filter_may_leave_less_than_asked_for(filtering):
    service, group, make = filtering
    arn = make('INCLUDE ItemID WHERE Items.GENRES IN ("A")')
    version = service.train(group, "aws-user-personalization")["solutionVersionArn"]
    (line,) = service.answers([{"userId": "u001"}], version, filterArn=arn, numResults=50)
    assert len(line["output"]["recommendedItems"]) == len(line["output"]["scores"]) == 30


def test_campaigns_apply_filters_to_what_happened_a_moment_ago(filtering):
    service, group, make = filtering
    arn = make('EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")')
    version = service.train(group, "aws-popularity-count")["solutionVersionArn"]
    campaign = service.personalize.create_campaign(name="c", solutionVersionArn=version)["campaignArn"]
    tracker = service.personalize.create_event_tracker(name="t", datasetGroupArn=group)["trackingId"]
    ask = {"campaignArn": campaign, "userId": "new", "numResults": 3, "filterArn": arn}
    first = service.runtime.get_recommendations(**ask)["itemList"][0]["itemId"]
    event = {"eventType": "watch", "itemId": first, "sentAt": 1_700_000_000}
    service.events.put_events(trackingId=tracker, sessionId="s", userId="new", eventList=[event])
    assert first not in [item["itemId"] for item in service.runtime.get_recommendations(**ask)["itemList"]]


def test_runtime_refuses_missing_values_and_foreign_filters(filtering, refused):
    service, group, make = filtering
    arn = make("INCLUDE ItemID WHERE Items.GENRES IN ($G)")
    version = service.train(group, "aws-popularity-count")["solutionVersionArn"]
    campaign = service.personalize.create_campaign(name="c", solutionVersionArn=version)["campaignArn"]
    call, ask = service.runtime.get_recommendations, {"campaignArn": campaign, "userId": "u001"}
    assert refused(call, filterArn=arn, **ask)[:2] == ("InvalidInputException", 400)
    assert refused(call, filterValues={"G": '"A"'}, **ask)[0] == "InvalidInputException"
    other = service.create_group("other")
    foreign = service.personalize.create_filter(
        name="foreign",
        datasetGroupArn=other,
        filterExpression='EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")',
    )["filterArn"]
    assert "another dataset group" in refused(call, filterArn=foreign, **ask)[2]


def test_a_changed_item_changes_what_the_filter_leaves(filtering):
    service, group, make = filtering
    arn = make('INCLUDE ItemID WHERE Items.GENRES IN ("C")')
    version = service.train(group, "aws-popularity-count")["solutionVersionArn"]
    campaign = service.personalize.create_campaign(name="c", solutionVersionArn=version)["campaignArn"]
    ask = {"campaignArn": campaign, "userId": "u001", "filterArn": arn}
    assert service.runtime.get_recommendations(**ask)["itemList"] == []
    dataset = "arn:aws:personalize:us-east-1:123456789012:dataset/group/ITEMS"
    service.events.put_items(
        datasetArn=dataset, items=[{"itemId": "i007", "properties": '{"genres": "A|C"}'}]
    )
    assert service.runtime.get_recommendations(**ask)["itemList"] == [{"itemId": "i007"}]


def test_the_second_version_tops_up_with_popular_items_without_score(filtering, monkeypatch):
    monkeypatch.setattr(trained_model, "SCORED_ITEMS", 5)
    service, group, make = filtering
    arn = make('INCLUDE ItemID WHERE Items.GENRES IN ("A")')
    version = service.train(group)["solutionVersionArn"]
    campaign = service.personalize.create_campaign(name="c", solutionVersionArn=version)["campaignArn"]
    answer = service.runtime.get_recommendations(
        campaignArn=campaign, userId="u001", numResults=10, filterArn=arn
    )
    items = answer["itemList"]
    scored = [item for item in items if "score" in item]
    assert items[: len(scored)] == scored
    assert 1 <= len(scored) <= 5
    assert all(item["reason"] == ["Popular item"] for item in items[len(scored) :])
    counts = service.emulator.model(version).counts
    codes = service.emulator.model(version).codes
    topped = [counts[codes[item["itemId"]]] for item in items[len(scored) :]]
    assert len(items) == 10
    assert topped == sorted(topped, reverse=True)
    (line,) = service.answers([{"userId": "u001"}], version, filterArn=arn, numResults=10)
    assert line["output"]["recommendedItems"] == [item["itemId"] for item in items]
    assert line["output"]["scores"][len(scored) :] == [None] * (10 - len(scored))


def test_filters_together_read_so_many_fields(start, refused):
    service = start(limits=Limits(filter_fields_per_group=1))
    group = service.create_group()
    service.add_dataset(group, "Items", GENRE_FIELDS, GENRE_ROWS)
    call = service.personalize.create_filter
    call(name="one", datasetGroupArn=group, filterExpression='INCLUDE ItemID WHERE Items.GENRES IN ("A")')
    expression = 'INCLUDE ItemID WHERE Items.ITEM_ID IN ("A")'
    answered = refused(call, name="two", datasetGroupArn=group, filterExpression=expression)
    assert answered[0] == "LimitExceededException"
    assert len(service.personalize.list_filters()["Filters"]) == 1
