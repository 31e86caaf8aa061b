"""The replay against the emulator, which learns from events: A's list really comes to resemble B's."""

from __future__ import annotations

import json

from emulator import Timing

RECIPE = "arn:aws:personalize:::recipe/aws-user-personalization-v2"
TRACKER = "pp-dev-put-events-tracker"


def overlap(row):
    return len(set(row["list_a"]) & set(row["list_b"]))


def test_lists_approach_each_other_and_every_event_arrives_once(
    replay, script, make_personalize, personalize_histories
):
    aws = make_personalize(Timing.instant())
    version = aws.trained(recipe=RECIPE)
    group = aws.scope.arn("dataset-group/pp-dev-put-events")
    campaign = aws.control.create_campaign(name="c", solutionVersionArn=version)["campaignArn"]
    tracker = aws.control.create_event_tracker(name=TRACKER, datasetGroupArn=group)
    pairs = [
        {
            "pair": number + 1,
            "user_a": str(2 * number),
            "user_b": str(2 * number + 1),
            "events": [{"item_id": item} for item in personalize_histories[str(2 * number + 1)][-20:]],
        }
        for number in range(10)
    ]
    key = "runs/put_events/r1/queries/pairs.json"
    replay.s3.put_object(Bucket=script.DATA, Key=key, Body=json.dumps(pairs).encode())
    replay.service.get_recommendations = aws.runtime.get_recommendations
    replay.service.put_events = aws.events.put_events
    replay.personalize = aws.control
    answer = replay(
        replay.event(
            campaign_arn=campaign,
            tracking_id=tracker["trackingId"],
            dataset_arn=aws.scope.arn("dataset/pp-dev-put-events/INTERACTIONS"),
            list_length=10,
        )
    )
    assert (answer["done"], answer["finished_pairs"]) == (True, 10)
    rows = replay.rows()
    before = [overlap(row) for row in rows if row["events"] == 0]
    after = [overlap(row) for row in rows if row["events"] == 20]
    assert len(before) == len(after) == 10
    assert sum(after) > sum(before) + 20
