"""The task that brings the page of all runs up to date, against moto's S3."""

from __future__ import annotations

import json

import boto3
import pytest
from moto import mock_aws

from lambdas.publish_index import handler as entry

ARN = "arn:aws:states:us-east-1:123456789012:execution:pp-test-hrnn:r1"


@pytest.fixture
def s3(monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("POWERTOOLS_TRACE_DISABLED", "true")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        client = boto3.client("s3")
        client.create_bucket(Bucket="reports")
        failure = {name: f"its {name}" for name in ("stage", "error", "reason", "advice", "execution_arn")}
        client.put_object(
            Bucket="reports", Key="reports/hrnn/r1/failure-r1.json", Body=json.dumps(failure).encode()
        )
        entry._s3.cache_clear()
        yield client
        entry._s3.cache_clear()


class Context:
    """What the logger reads of Lambda's context."""

    function_name = "publish_index"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:publish_index"
    aws_request_id = "1"


def update() -> dict[str, object]:
    return entry.handler({"reports_bucket": "reports", "execution_arn": ARN}, Context())


def test_the_page_is_written_and_its_link_told(s3):
    told = update()
    assert told == {
        "index": "s3://reports/reports/index.html",
        "line": "All runs: https://us-east-1.console.aws.amazon.com/s3/object/reports"
        "?region=us-east-1&prefix=reports/index.html",
        "runs": 1,
        "turns": 1,
    }
    page = s3.get_object(Bucket="reports", Key="reports/index.html")["Body"].read().decode()
    assert "Failed at its stage: its reason" in page


def test_where_there_is_no_console_the_location_is_told(s3, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://s3.us-east-1.amazonaws.com")
    assert update()["line"] == "All runs: s3://reports/reports/index.html"
