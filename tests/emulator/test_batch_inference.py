"""Batch jobs: which files are read, how lines are answered, what is refused."""

import json

import pytest

from emulator.jobs.batch_lines import parse_line

ROLE = "arn:aws:iam::123456789012:role/r"


@pytest.fixture
def trained(service):
    """A service with a version of the popularity recipe, whose answers are known: (service, version ARN)."""
    return service, service.train(service.ready_group(), "aws-popularity-count")["solutionVersionArn"]


def test_lines_have_the_services_exact_form(service):
    version = service.train(service.ready_group())["solutionVersionArn"]
    service.s3.put("s3://data/queries/q.jsonl", '{"userId": "u001"}\n')
    assert service.infer(version, numResults=2)["status"] == "ACTIVE"
    (line,) = service.s3.text("s3://data/answers/q.jsonl.out").splitlines()
    answer = json.loads(line)
    items, scores = answer["output"]["recommendedItems"], answer["output"]["scores"]
    assert line == (
        f'{{"input":{{"userId":"u001"}},"output":{{"recommendedItems":["{items[0]}","{items[1]}"],'
        f'"scores":[{scores[0]:.7g},{scores[1]:.7g}]}},"error":null}}'
    )


def test_popularity_has_no_scores_and_counts(trained):
    service, version = trained
    counts = {}
    for row in service.s3.text("s3://data/train.csv").splitlines()[1:]:
        item = row.split(",")[1]
        counts[item] = counts.get(item, 0) + 1
    expected = sorted(counts, key=lambda item: (-counts[item], item))[:25]
    service.s3.put("s3://data/queries/q.jsonl", '{"userId":"u001"}')
    service.infer(version)
    answer = json.loads(service.s3.text("s3://data/answers/q.jsonl.out"))
    assert answer == {"input": {"userId": "u001"}, "output": {"recommendedItems": expected}, "error": None}


def test_every_key_with_the_prefix_is_read_and_named_by_its_last_part(trained):
    service, version = trained
    for key in ("in/a.jsonl", "in/deeper/b.jsonl", "in_test/c.jsonl", "other/d.jsonl"):
        service.s3.put(f"s3://data/{key}", '{"userId":"u001"}\n')
    service.s3.put("s3://data/in/", "")
    service.s3.put("s3://out/keep", "")
    key_arn = "arn:aws:kms:us-east-1:123456789012:key/k"
    service.infer(
        version,
        jobInput={"s3DataSource": {"path": "s3://data/in"}},
        jobOutput={"s3DataDestination": {"path": "s3://out/x", "kmsKeyArn": key_arn}},
    )
    written = sorted(key for bucket, key in service.s3.objects if bucket == "out")
    assert written == ["keep", "x/_CHECK", "x/a.jsonl.out", "x/b.jsonl.out", "x/c.jsonl.out"]
    assert service.s3.extra["x/a.jsonl.out"] == {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key_arn}


@pytest.mark.parametrize(
    ("line", "error"),
    [
        (b'{"userId": "u"}', None),
        (b'{"userId": 5}', "User error: Required fields for the provided recipe are userId"),
        (b'{"itemId": "5"}', "User error: Required fields for the provided recipe are userId"),
        (b"[]", "User error: Required fields for the provided recipe are userId"),
        (b"{", "User error: The line is not valid JSON"),
        (b"\xff", "User error: The line is not valid JSON"),
        (
            b'{"userId": "u", "filterValues": {"A": 1}}',
            "User error: filterValues must be an object of strings",
        ),
        (b'{"userId": "u", "filterValues": ["A"]}', "User error: filterValues must be an object of strings"),
    ],
)
def test_lines_that_cannot_be_answered_say_why(line, error):
    assert parse_line(line, "userId").error == error


def test_half_a_surrogate_pair_is_echoed_escaped(trained):
    service, version = trained
    service.s3.put("s3://data/queries/q.jsonl", r'{"userId":"\ud800"}')
    assert service.infer(version)["status"] == "ACTIVE"
    assert service.s3.text("s3://data/answers/q.jsonl.out").startswith(r'{"input":{"userId":"\ud800"}')


def test_a_bad_line_does_not_spoil_its_neighbours(trained):
    service, version = trained
    lines = ['{"userId":"u001"}', "rubbish", "", '{"item":"x"}', '{"userId":"Zoë \\" , \\u2028"}']
    service.s3.put("s3://data/queries/q.jsonl", "\n".join(lines))
    assert service.infer(version, numResults=3)["status"] == "ACTIVE"
    text = service.s3.text("s3://data/answers/q.jsonl.out")
    answers = [json.loads(line) for line in text.split("\n")[:-1]]
    assert [answer["input"] for answer in answers] == [
        {"userId": "u001"},
        "rubbish",
        {"item": "x"},
        {"userId": 'Zoë " , \u2028'},
    ]
    assert [len(answer["output"]["recommendedItems"]) for answer in answers] == [3, 0, 0, 3]
    assert [answer["error"] is None for answer in answers] == [True, False, False, True]


def test_a_prefix_without_files_fails_the_job(trained):
    service, version = trained
    job = service.infer(version)
    assert job["status"] == "CREATE FAILED"
    assert job["failureReason"].startswith("Invalid S3 input path.")


def test_an_output_that_cannot_be_written_fails_the_job(trained):
    service, version = trained
    service.s3.put("s3://data/queries/q.jsonl", '{"userId":"u001"}')
    service.s3.put("s3://locked/x", "")
    service.s3.denied.add("locked")
    job = service.infer(version, jobOutput={"s3DataDestination": {"path": "s3://locked/out/"}})
    assert job["status"] == "CREATE FAILED"
    assert "Insufficient privileges" in job["failureReason"]


def test_two_files_of_one_name_fail_the_job(trained):
    service, version = trained
    for folder in ("a", "b"):
        service.s3.put(f"s3://data/queries/{folder}/q.jsonl", '{"userId":"u001"}')
    assert "same name" in service.infer(version)["failureReason"]


@pytest.mark.parametrize(
    ("members", "code", "said"),
    [
        (
            {"jobOutput": {"s3DataDestination": {"path": "s3://data/queries"}}},
            "InvalidInput",
            "Invalid S3 output path",
        ),
        (
            {"jobInput": {"s3DataSource": {"path": "https://data/queries"}}},
            "InvalidInput",
            "Invalid S3 input path",
        ),
        ({"numResults": 501}, "InvalidInput", "numResults must be from 1 to 500"),
        ({"batchInferenceJobMode": "THEME_GENERATION"}, "UnsupportedOperation", "THEME_GENERATION"),
        (
            {"batchInferenceJobConfig": {"itemExplorationConfig": {"explorationWeight": "0.3"}}},
            "InvalidInput",
            "for the recipe aws-user-personalization only",
        ),
        (
            {"filterArn": "arn:aws:personalize:us-east-1:123456789012:filter/none"},
            "ResourceNotFound",
            "filter/none does not exist",
        ),
        (
            {"solutionVersionArn": "arn:aws:personalize:us-east-1:123456789012:solution/solution/00000000"},
            "ResourceNotFound",
            "does not exist",
        ),
    ],
)
def test_jobs_that_are_refused(trained, refused, members, code, said):
    service, version = trained
    request = {
        "jobName": "j",
        "solutionVersionArn": version,
        "roleArn": ROLE,
        "jobInput": {"s3DataSource": {"path": "s3://data/queries/"}},
        "jobOutput": {"s3DataDestination": {"path": "s3://data/answers/"}},
    }
    answered, _, message = refused(service.personalize.create_batch_inference_job, **(request | members))
    assert answered == f"{code}Exception"
    assert said in message
    assert (
        service.personalize.list_batch_inference_jobs(solutionVersionArn=version)["batchInferenceJobs"] == []
    )
