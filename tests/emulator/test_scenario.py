"""The whole way of the user scenario, from an empty account to answers in S3."""

import json


def test_group_to_batch_answers(service):
    group = service.ready_group()
    version = service.train(group)
    assert version["status"] == "ACTIVE", version
    assert version["trainingMode"] == "FULL"
    assert version["trainingType"] == "MANUAL"
    assert version["trainingHours"] > 0
    service.s3.put("s3://data/queries/users.jsonl", '{"userId": "u001"}\n{"userId": "nobody"}\n')
    job = service.infer(version["solutionVersionArn"], numResults=10)
    assert job["status"] == "ACTIVE", job
    lines = [json.loads(line) for line in service.s3.text("s3://data/answers/users.jsonl.out").splitlines()]
    assert [line["input"] for line in lines] == [{"userId": "u001"}, {"userId": "nobody"}]
    assert [len(line["output"]["recommendedItems"]) for line in lines] == [10, 10]
    assert service.s3.text("s3://data/answers/_CHECK") == ""


def test_campaign_answers_by_user(service):
    version = service.train(service.ready_group())
    arn = service.personalize.create_campaign(name="c", solutionVersionArn=version["solutionVersionArn"])[
        "campaignArn"
    ]
    answer = service.runtime.get_recommendations(campaignArn=arn, userId="u001", numResults=5)
    scores = [item["score"] for item in answer["itemList"]]
    assert len(scores) == 5
    assert scores == sorted(scores, reverse=True)
    assert 0 < sum(scores) < 1
    assert answer["recommendationId"].startswith("RID-")
