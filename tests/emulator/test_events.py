"""Event trackers, and records that come one by one: what they change at once, and what at the next training."""

import json

import pytest

from emulator.data.datasets import attributed
from emulator.data.records import event_row, metadata_row
from emulator.data.schema import parse_schema
from emulator.errors import InvalidInputError
from emulator.state.streams import Event

PREFIX = "arn:aws:personalize:us-east-1:123456789012:"
DATASET = f"{PREFIX}dataset/group/INTERACTIONS"


@pytest.fixture
def live(service):
    """live(recipe): a service with a campaign and a tracker; returns (ask, put) for user or session ids."""

    def make(recipe):
        group = service.ready_group()
        version = service.train(group, recipe)["solutionVersionArn"]
        campaign = service.personalize.create_campaign(name="c", solutionVersionArn=version)["campaignArn"]
        tracker = service.personalize.create_event_tracker(name="t", datasetGroupArn=group)["trackingId"]
        sent = iter(range(1_700_000_000, 1_800_000_000))

        def ask(who):
            key = "itemId" if recipe == "aws-sims" else "userId"
            answer = service.runtime.get_recommendations(campaignArn=campaign, numResults=5, **{key: who})
            return [item["itemId"] for item in answer["itemList"]]

        def put(*items, session="s", **members):
            events = [{"eventType": "watch", "itemId": item, "sentAt": next(sent)} for item in items]
            service.events.put_events(trackingId=tracker, sessionId=session, eventList=events, **members)

        return ask, put

    return make


def ahead(items, last):
    """How far items lie ahead of another on the conftest's ring of 60."""
    return [(int(item.removeprefix("i")) - last) % 60 for item in items]


@pytest.mark.parametrize("recipe", ["aws-user-personalization-v2", "aws-user-personalization", "aws-hrnn"])
def test_what_a_user_did_a_moment_ago_changes_the_next_answer(live, recipe):
    ask, put = live(recipe)
    before = ask("u001")
    put(*(f"i{item:03d}" for item in range(11, 21)), userId="u001")
    after = ask("u001")
    assert before != after
    near = [sum(1 <= steps <= 20 for steps in ahead(items, 20)) for items in (before, after)]
    assert near[1] > near[0], (before, after)
    assert near[1] >= 4, after


def test_a_new_user_is_known_by_events_alone(live):
    ask, put = live("aws-user-personalization-v2")
    popular = ask("someone")
    put("i019", "i020", userId="someone")
    assert ask("someone") != popular
    assert ask("someone else") == popular


def test_an_anonymous_session_is_asked_about_by_its_own_id(live):
    ask, put = live("aws-user-personalization-v2")
    popular = ask("session-1")
    put("i019", "i020", session="session-1")
    assert ask("session-1") != popular
    assert ask("session-2") == popular


def test_items_that_were_not_trained_on_change_nothing(live):
    ask, put = live("aws-user-personalization-v2")
    before = ask("u001")
    put("brand new", userId="u001")
    assert ask("u001") == before


@pytest.mark.parametrize(("recipe", "who"), [("aws-popularity-count", "u001"), ("aws-sims", "i001")])
def test_other_recipes_wait_for_the_next_training(live, recipe, who):
    ask, put = live(recipe)
    before = ask(who)
    put("i040", "i041", "i042", userId="u001")
    assert ask(who) == before


def test_events_are_trained_on_next_time_and_counted_once(live, service):
    ask, put = live("aws-user-personalization-v2")
    put("i019", "i020", userId="u001")
    after = ask("u001")
    arn = service.personalize.list_solutions()["solutions"][0]["solutionArn"]
    version = service.personalize.create_solution_version(solutionArn=arn)["solutionVersionArn"]
    service.settled("solution_version", solutionVersionArn=version)
    model = service.emulator.model(version)
    assert [model.items[code] for code in model.history("u001")][-2:] == ["i019", "i020"]
    assert len(model.history("u001")) == 32
    service.personalize.update_campaign(campaignArn=f"{PREFIX}campaign/c", solutionVersionArn=version)
    assert set(ask("u001")[:3]) & set(after)


def test_a_session_belongs_to_the_user_who_is_named_in_it_and_else_to_nobody():
    events = [
        Event("s1", None, "a", 1, {"ITEM_ID": "a"}),
        Event("s1", "u", "b", 2, {"ITEM_ID": "b"}),
        Event("s2", None, "c", 3, {"ITEM_ID": "c"}),
    ]
    assert attributed(events) == [{"ITEM_ID": "a", "USER_ID": "u"}, {"ITEM_ID": "b", "USER_ID": "u"}]


def test_a_forgotten_session_stops_to_count_after_a_training(live, service):
    ask, put = live("aws-user-personalization-v2")
    popular = ask("session-2")
    put("i019", "i020", session="session-1")
    arn = service.personalize.list_solutions()["solutions"][0]["solutionArn"]
    version = service.personalize.create_solution_version(solutionArn=arn)["solutionVersionArn"]
    service.settled("solution_version", solutionVersionArn=version)
    service.personalize.update_campaign(campaignArn=f"{PREFIX}campaign/c", solutionVersionArn=version)
    assert ask("session-1") == ask("session-2") == popular


def test_streamed_events_survive_a_full_import_and_are_stored_once(live, service):
    _, put = live("aws-popularity-count")
    put("i001", userId="u001")
    event = {"eventType": "watch", "itemId": "i001", "sentAt": 1_650_000_000}
    tracker = service.personalize.list_event_trackers()["eventTrackers"][0]["eventTrackerArn"]
    tracking = service.personalize.describe_event_tracker(eventTrackerArn=tracker)["eventTracker"][
        "trackingId"
    ]
    for _ in range(2):
        service.events.put_events(trackingId=tracking, sessionId="s", userId="u9", eventList=[event])
    service.import_data(DATASET, "s3://data/train.csv", name="full")
    table = service.emulator.datasets.snapshot(f"{PREFIX}dataset-group/group", "INTERACTIONS").table
    assert len(table) == 1202


def test_training_can_begin_with_streamed_events_alone(service):
    group = service.create_group()
    service.create_dataset(group)
    tracking = service.personalize.create_event_tracker(name="t", datasetGroupArn=group)["trackingId"]
    for user in range(30):
        for start in range(0, 40, 10):
            events = [
                {"eventType": "watch", "itemId": f"i{(user + step) % 20}", "sentAt": 1_700_000_000 + step}
                for step in range(start, start + 10)
            ]
            service.events.put_events(trackingId=tracking, sessionId="s", userId=f"u{user}", eventList=events)
    assert service.train(group, "aws-popularity-count")["status"] == "ACTIVE"


def test_a_group_has_one_tracker_and_its_arn_ends_with_digits(service, refused):
    group = service.create_group()
    made = service.personalize.create_event_tracker(name="t", datasetGroupArn=group)
    assert len(made["eventTrackerArn"].removeprefix(f"{PREFIX}event-tracker/")) == 8
    shown = service.personalize.describe_event_tracker(eventTrackerArn=made["eventTrackerArn"])[
        "eventTracker"
    ]
    assert (shown["trackingId"], shown["accountId"], shown["name"]) == (
        made["trackingId"],
        "123456789012",
        "t",
    )
    (listed,) = service.personalize.list_event_trackers(datasetGroupArn=group)["eventTrackers"]
    assert "trackingId" not in listed
    call, other = service.personalize.create_event_tracker, service.create_group("other")
    assert refused(call, name="t2", datasetGroupArn=group)[0] == "ResourceAlreadyExistsException"
    assert refused(call, name="t", datasetGroupArn=other)[0] == "ResourceAlreadyExistsException"


def test_the_tracker_goes_before_the_dataset_and_the_data_goes_with_it(service, refused):
    group = service.ready_group()
    made = service.personalize.create_event_tracker(name="t", datasetGroupArn=group)
    event = {"eventType": "watch", "itemId": "i001", "sentAt": 1_650_000_000}
    service.events.put_events(trackingId=made["trackingId"], sessionId="s", eventList=[event])
    delete = service.personalize.delete_dataset
    assert refused(delete, datasetArn=DATASET)[0] == "ResourceInUseException"
    service.personalize.delete_event_tracker(eventTrackerArn=made["eventTrackerArn"])
    put = service.events.put_events
    answered = refused(put, trackingId=made["trackingId"], sessionId="s", eventList=[event])
    assert answered[:2] == ("InvalidInputException", 400)
    delete(datasetArn=DATASET)
    assert service.emulator.streams.all_events(DATASET) == []
    service.personalize.delete_dataset_group(datasetGroupArn=group)


def schema_of(record, *fields):
    return parse_schema(json.dumps({"type": "record", "name": record, "fields": list(fields)}))


TYPED = schema_of(
    "Interactions",
    {"name": "USER_ID", "type": "string"},
    {"name": "ITEM_ID", "type": "string"},
    {"name": "TIMESTAMP", "type": "long"},
    {"name": "EVENT_TYPE", "type": "string"},
    {"name": "EVENT_VALUE", "type": ["null", "float"]},
    {"name": "NUM_RATINGS", "type": ["null", "int"]},
    {"name": "IMPRESSION", "type": ["null", "string"]},
)
EVENT = {"eventType": "watch", "itemId": "i", "sentAt": 1_700_000_000.7}


def test_an_event_becomes_a_row():
    event = EVENT | {"eventValue": 2.5, "impression": ["a", "b"], "recommendationId": "r"}
    assert event_row(event, {"numRatings": "7"}, TYPED) == {
        "ITEM_ID": "i",
        "TIMESTAMP": 1_700_000_000,
        "EVENT_TYPE": "watch",
        "EVENT_VALUE": 2.5,
        "NUM_RATINGS": 7,
        "IMPRESSION": "a|b",
    }


@pytest.mark.parametrize(
    ("event", "properties", "said"),
    [
        ({"itemId": None}, {}, "needs an itemId"),
        ({}, {"userId": "x"}, "cannot hold userId"),
        ({}, {"colour": "red"}, "'colour', which is not in the schema"),
        ({}, {"numRatings": "many"}, "NUM_RATINGS must be of type int"),
        ({}, {"numRatings": 1.5}, "must be a whole number"),
        ({}, {"numRatings": 2**40}, "must be a whole number"),
        ({}, {"numRatings": True}, "NUM_RATINGS must be of type int"),
        ({}, {"eventValue": "inf"}, "must be a finite number"),
    ],
)
def test_events_that_do_not_fit_the_schema(event, properties, said):
    with pytest.raises(InvalidInputError, match=said):
        event_row(EVENT | event, properties, TYPED)


STRICT = schema_of(
    "Items",
    {"name": "ITEM_ID", "type": "string"},
    {"name": "GENRES", "type": "string", "categorical": True},
    {"name": "CREATION_TIMESTAMP", "type": "long"},
)


def test_items_are_named_in_camel_case_and_must_be_complete():
    row = metadata_row("i", {"genres": ["a", "b"], "creationTimestamp": 5}, STRICT)
    assert row == {"ITEM_ID": "i", "GENRES": "a|b", "CREATION_TIMESTAMP": 5}
    with pytest.raises(InvalidInputError, match="GENRES cannot be null"):
        metadata_row("i", {"creationTimestamp": 5}, STRICT)


def test_items_and_users_are_put_in_and_replaced(service, refused):
    group = service.create_group()
    fields = [{"name": "USER_ID", "type": "string"}, {"name": "AGE", "type": "int"}]
    dataset = service.add_dataset(group, "Users", fields, "USER_ID,AGE\na,1\nb,2\n")
    put = service.events.put_users
    put(
        datasetArn=dataset,
        users=[{"userId": "b", "properties": '{"age": 3}'}, {"userId": "c", "properties": '{"age": 4}'}],
    )
    put(datasetArn=dataset, users=[{"userId": "c", "properties": '{"age": 5}'}])
    rows = service.emulator.datasets.snapshot(group, "USERS").table.to_pylist()
    assert {row["USER_ID"]: row["AGE"] for row in rows} == {"a": 1, "b": 3, "c": 5}
    for properties in ("{", "[]", '{"age": "old"}', '{"shoe": 1}', "{}", '{"age": "\\ud800"}'):
        users = [{"userId": "d", "properties": '{"age": 9}'}, {"userId": "e", "properties": properties}]
        assert refused(put, datasetArn=dataset, users=users)[:2] == ("InvalidInputException", 400)
    assert len(service.emulator.datasets.snapshot(group, "USERS").table) == 3
    wrong = service.events.put_items
    assert refused(wrong, datasetArn=dataset, items=[{"itemId": "x"}])[0] == "InvalidInputException"
    assert refused(put, datasetArn=DATASET, users=[{"userId": "x"}])[:2] == ("ResourceNotFoundException", 404)


def test_streamed_records_survive_a_restart(tmp_path, start, s3):
    from emulator import Emulator

    first = start(state_dir=tmp_path)
    group = first.ready_group()
    tracking = first.personalize.create_event_tracker(name="t", datasetGroupArn=group)["trackingId"]
    event = {"eventType": "watch", "itemId": "i001", "sentAt": 1_650_000_000}
    first.events.put_events(trackingId=tracking, sessionId="s", userId="u", eventList=[event])
    first.emulator.close()
    second = Emulator(tmp_path, "123456789012", "us-east-1", s3.for_role)
    try:
        assert [kept.item for kept in second.streams.events_of(DATASET, "u")] == ["i001"]
    finally:
        second.close()
