"""The whole replay against a service whose lists follow the events."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from itertools import pairwise

import pyarrow.parquet as pq
import pytest

from lambdas.shared.errors import DataError, RequestError

RUN = "runs/put_events/r1/"


def test_lists_are_asked_for_before_and_after_every_count(replay):
    answer = replay()
    assert answer == {
        "done": True,
        "finished_pairs": 4,
        "pairs_planned": 4,
        "left_out_pairs": 0,
        "changed_users": 0,
        "lists": f"s3://data-bucket/{RUN}replay/lists.parquet",
    }
    rows = replay.rows()
    assert {field.name: str(field.type) for field in pq.read_schema(replay.folder / "read.parquet")} == {
        "pair": "int32",
        "user_a": "string",
        "user_b": "string",
        "events": "int32",
        "list_a": "list<element: string>",
        "list_b": "list<element: string>",
    }
    for pair, user_b in {(row["pair"], row["user_b"]) for row in rows}:
        counts = [row["events"] for row in rows if row["pair"] == pair]
        assert counts == [0, 1, 2, 5, 10, 20, len(replay.service.past[user_b])]


def test_the_lists_are_the_services_own_at_that_moment(replay):
    replay()
    replay.assert_lists_of_their_moment()


def test_events_are_bs_own_in_order_recent_and_a_second_apart(replay):
    replay()
    replay.assert_sent_once_and_in_order(range(1, 5))
    for events in replay.service.sent.values():
        if events:
            assert [event["sentAt"] for event in events][-1] == int(replay.now)
            assert {b["sentAt"] - a["sentAt"] for a, b in pairwise(events)} == {1}
            assert {event["eventType"] for event in events} == {"watch"}
    sessions = {r["sessionId"]: r["userId"] for op, r in replay.service.calls if op == "PutEvents"}
    assert len(sessions) == len(set(sessions.values())) == 4


def test_it_waits_for_the_effect_after_events_and_not_before_them(replay):
    replay.draw(pairs=1)
    replay(replay.event(settle_seconds=3))
    assert replay.slept == [3.0] * 6


def test_a_filter_goes_along_with_every_question(replay):
    replay(replay.event(filter_arn="filter", list_length=3))
    asked = [request for operation, request in replay.service.calls if operation == "GetRecommendations"]
    assert {(request["filterArn"], request["numResults"]) for request in asked} == {("filter", 3)}


def test_types_and_values_of_the_events_are_sent_as_they_are(replay):
    events = [
        {"item_id": "i,0", "timestamp": 1, "event_type": None, "event_value": None},
        {"item_id": "007", "timestamp": 2, "event_type": "buy", "event_value": 0.5},
    ]
    pairs = [{"pair": 1, "user_a": "0", "user_b": "1", "events": events}]
    replay.s3.put_object(
        Bucket="data-bucket", Key=f"{RUN}queries/pairs.json", Body=json.dumps(pairs).encode()
    )
    replay(replay.event(event_type="view"))
    first, second = replay.service.sent["0"]
    assert (first["itemId"], first["eventType"], "eventValue" in first) == ("i,0", "view", False)
    assert (second["itemId"], second["eventType"], second["eventValue"]) == ("007", "buy", 0.5)


def test_a_repeated_call_does_nothing_again(replay):
    first = replay()
    calls = len(replay.service.calls)
    assert replay() == first
    assert len(replay.service.calls) == calls


def test_users_whom_an_earlier_run_has_changed_are_left_out(replay):
    replay()
    replay.draw("r2", pairs=4, first=4)  # As 4 and 6 were As before, 8 and 10 were not
    replay.now += 60
    answer = replay(replay.event("r2"))
    assert (answer["changed_users"], answer["pairs_planned"]) == (2, 3)
    assert [(pair["user_a"], pair["user_b"]) for pair in replay.pairs("r2")] == [
        ("8", "5"),
        ("10", "7"),
        ("11", "9"),
    ]


def test_users_changed_before_the_dataset_was_made_are_untouched_again(replay):
    class Personalize:
        def describe_dataset(self, datasetArn):  # noqa: N803
            made = datetime.fromtimestamp(replay.now - 1, UTC)
            return {"dataset": {"status": "ACTIVE", "datasetArn": datasetArn, "creationDateTime": made}}

    replay()
    replay.draw("r2")
    replay.now += 60
    replay.personalize = Personalize()
    assert replay(replay.event("r2", dataset_arn="dataset"))["changed_users"] == 0


def test_when_all_users_have_been_changed_it_says_how_to_start_afresh(replay):
    for run in ("r1", "r2", "r3"):  # eight users make four pairs, then two, then one
        replay.draw(run)
        assert replay(replay.event(run))["done"]
    replay.draw("r4")
    with pytest.raises(DataError, match=r"of 8 users that were drawn 7 have been sent events.*cleanup --all"):
        replay(replay.event("r4"))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"counts": [0, 1.5]}, "counts is"),
        ({"counts": []}, "counts is"),
        ({"counts": [-1]}, "counts is"),
        ({"settle_seconds": -1}, "settle_seconds is -1"),
        ({"settle_seconds": 301}, "settle_seconds is 301"),
        ({"pairs_at_a_time": 0}, "pairs_at_a_time is 0"),
        ({"list_length": 501}, "list_length is 501"),
        ({"pairs": "here"}, "not an S3 location"),
    ],
)
def test_a_wrong_event_is_told_in_words(replay, changes, message):
    with pytest.raises(RequestError, match=message):
        replay(replay.event(**changes))


def test_a_missing_member_is_named(replay):
    event = replay.event()
    del event["tracking_id"]
    with pytest.raises(RequestError, match="'tracking_id'"):
        replay(event)
