"""What live recommendations need, and datasets that change: campaigns, trackers, filters, other schemas."""

from __future__ import annotations

import time

import pytest

from emulator import Timing
from lambdas.create_resource.ensure import ensure
from lambdas.shared.errors import ResourceConflictError, ServiceNotReadyError
from lambdas.shared.lookup import Wanted
from lambdas.shared.resources import KINDS, describe, told

ITEM = [
    {"name": "ITEM_ID", "type": "string"},
    {"name": "GENRES", "type": ["null", "string"], "categorical": True},
]
TITLE = {"name": "TITLE", "type": ["null", "string"]}


@pytest.fixture
def aws(make_personalize):
    return make_personalize(Timing.instant())


def made(aws, kind, request, *, name="pp-dev-put-events", run_id="r1"):
    return ensure(aws.control, aws.scope, Wanted(KINDS[kind], name, request, run_id))


def test_a_campaign_belongs_to_its_run(aws):
    request = {"solutionVersionArn": aws.trained(), "minProvisionedTPS": 1}
    first, again = made(aws, "campaign", request), made(aws, "campaign", request)
    other = made(aws, "campaign", request, run_id="r2")
    assert (first.created, again.created, other.created) == (True, False, True)
    assert first.state.arn == again.state.arn != other.state.arn


def test_a_campaign_of_the_run_with_other_throughput_asks_for_a_new_run(aws):
    request = {"solutionVersionArn": aws.trained(), "minProvisionedTPS": 1}
    made(aws, "campaign", request)
    with pytest.raises(ResourceConflictError, match=r"minProvisionedTPS is 1.*start a new run"):
        made(aws, "campaign", {**request, "minProvisionedTPS": 2})


def test_a_filter_is_the_same_for_the_same_expression(aws):
    aws.trained()
    group = aws.scope.arn("dataset-group/pp-dev-put-events")
    request = {
        "datasetGroupArn": group,
        "filterExpression": 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")',
    }
    first, again = made(aws, "filter", request), made(aws, "filter", request, run_id="r2")
    other = made(
        aws, "filter", {**request, "filterExpression": request["filterExpression"].replace("*", "watch")}
    )
    assert (first.created, again.created, other.created) == (True, False, True)
    assert first.state.arn == again.state.arn != other.state.arn


def test_a_tracker_is_adopted_by_the_next_run_with_its_tracking_id(aws):
    request = {"datasetGroupArn": aws.group()}
    first, again = made(aws, "event_tracker", request), made(aws, "event_tracker", request, run_id="r2")
    assert (first.created, again.created) == (True, False)
    assert first.state.arn == again.state.arn
    answer = told(KINDS["event_tracker"], again.state)
    assert answer == told(KINDS["event_tracker"], first.state)
    assert len(answer["tracking_id"]) == 36


def test_somebody_elses_tracker_in_the_group_is_a_conflict_told_in_words(aws):
    group = aws.group()
    aws.control.create_event_tracker(name="theirs", datasetGroupArn=group)
    with pytest.raises(
        ResourceConflictError, match=r"already has arn:\S+, named 'theirs'.*one event tracker"
    ):
        made(aws, "event_tracker", {"datasetGroupArn": group})


def test_a_tracker_on_its_way_out_is_waited_for(make_personalize):
    aws = make_personalize(Timing.scaled(1))
    group = {"eventTrackers": [{"name": "t", "eventTrackerArn": "a", "status": "DELETE PENDING"}]}

    class Busy:
        exceptions = aws.control.exceptions

        def get_paginator(self, _):
            return self

        def paginate(self, **_):
            return [group]

    with pytest.raises(ServiceNotReadyError, match="a is being deleted"):
        ensure(Busy(), aws.scope, Wanted(KINDS["event_tracker"], "mine", {"datasetGroupArn": "g"}, "r"))


@pytest.fixture
def items(make_personalize):
    """Asks for the items dataset with these fields, under a clock that takes its time over changes."""
    aws = make_personalize(Timing.scaled(100))
    group = aws.group()
    numbers: dict[str, str] = {}

    def ask(fields, dataset_type="Items"):
        key = str(fields)
        if key not in numbers:
            record = dataset_type if dataset_type == "Items" else "Interactions"
            numbers[key] = aws.schema(f"schema-{len(numbers)}", record, fields)
        request = {"datasetGroupArn": group, "datasetType": dataset_type, "schemaArn": numbers[key]}
        return made(aws, "dataset", request, name="pp-dev-put-events-items")

    ask.aws = aws
    return ask


def waited_for(aws, arn):
    seen = []
    for _ in range(1_000):
        state = describe(aws.control, KINDS["dataset"], arn)
        seen.append(state.status)
        if state.active:
            return seen
        assert not state.failed
        time.sleep(0.02)
    raise AssertionError(seen)


def test_items_with_a_new_field_are_changed_in_place_and_waited_for(items):
    first = items(ITEM)
    waited_for(items.aws, first.state.arn)
    changed = items([*ITEM, TITLE])
    assert not changed.created
    assert not changed.state.active
    assert not changed.state.failed
    assert items([*ITEM, TITLE]).state.status == changed.state.status  # asked again: not begun again
    assert len(waited_for(items.aws, first.state.arn)) > 1
    assert items([*ITEM, TITLE]).state.active
    schema = items.aws.control.describe_dataset(datasetArn=first.state.arn)["dataset"]["schemaArn"]
    assert schema.endswith("schema-1")


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ([*ITEM[:1], TITLE], "it lacks GENRES"),
        ([ITEM[0], {**ITEM[1], "categorical": False}], "GENRES is .*'categorical': False.* not .*True"),
        ([*ITEM, {"name": "YEAR", "type": "int"}], "the new field YEAR must accept null"),
    ],
)
def test_a_schema_that_loses_something_is_refused_in_words(items, fields, reason):
    waited_for(items.aws, items(ITEM).state.arn)
    with pytest.raises(ResourceConflictError, match=reason):
        items(fields)


def dataset_client(aws, description):
    """The service with one dataset in a state that is hard to bring about."""

    class Client:
        exceptions = aws.control.exceptions
        updates: list[str] = []  # noqa: RUF012 (lives as long as the test)

        def describe_dataset(self, datasetArn):  # noqa: N803
            always = {"datasetArn": datasetArn, "datasetGroupArn": "x/g", "datasetType": "ITEMS"}
            return {"dataset": {**always, "status": "ACTIVE", **description}}

        def describe_schema(self, schemaArn):  # noqa: N803
            return {"schema": {"schema": '{"fields": []}', "schemaArn": schemaArn}}

        def update_dataset(self, datasetArn, schemaArn):  # noqa: N803
            self.updates.append(schemaArn)

    return Client()


def asked(aws, client):
    request = {"datasetGroupArn": "x/g", "datasetType": "Items", "schemaArn": "new"}
    return ensure(client, aws.scope, Wanted(KINDS["dataset"], "n", request, "r")).state


def test_a_failed_change_to_something_else_does_not_matter(aws):
    failed = {"schemaArn": "other", "status": "UPDATE FAILED", "failureReason": "no"}
    client = dataset_client(aws, {"schemaArn": "new", "latestDatasetUpdate": failed})
    assert asked(aws, client).active
    assert client.updates == []


def test_a_failed_change_is_tried_again(aws):
    failed = {"schemaArn": "new", "status": "UPDATE FAILED", "failureReason": "no"}
    client = dataset_client(aws, {"schemaArn": "old", "latestDatasetUpdate": failed})
    asked(aws, client)
    assert client.updates == ["new"]


def test_a_description_that_lags_behind_is_not_taken_for_the_end(aws):
    state = asked(aws, dataset_client(aws, {"schemaArn": "old"}))
    assert (state.status, state.active, state.failed) == ("UPDATE PENDING", False, False)
