"""Small made-up interactions, and an S3 to keep them in."""

from __future__ import annotations

from pathlib import Path

import boto3
import pytest
from hypothesis import settings
from moto import mock_aws

from lambdas.split_data.files import RawFile
from lambdas.split_data.schema import columns_of

# How long an example takes says nothing about the code on a busy machine.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

SCHEMA = {
    "type": "record",
    "name": "Interactions",
    "namespace": "com.amazonaws.personalize.schema",
    "fields": [
        {"name": "USER_ID", "type": "string"},
        {"name": "ITEM_ID", "type": "string"},
        {"name": "TIMESTAMP", "type": "long"},
    ],
    "version": "1.0",
}
BUCKET = "data-bucket"


@pytest.fixture
def schema():
    return SCHEMA


@pytest.fixture
def columns():
    return columns_of(SCHEMA)


@pytest.fixture
def wide_columns():
    """A column of each kind besides the three keys, all of which a row may lack but EVENT_TYPE."""
    optional = [
        {"name": "EVENT_VALUE", "type": ["null", "float"]},
        {"name": "DEVICE", "type": ["null", "string"]},
        {"name": "DURATION", "type": ["int", "null"]},
        {"name": "SIGNED_IN", "type": ["boolean", "null"]},
    ]
    return columns_of({"fields": [*SCHEMA["fields"], {"name": "EVENT_TYPE", "type": "string"}, *optional]})


@pytest.fixture
def raw(tmp_path):
    """Writes a raw file and names it as if it lay in S3."""

    def write(content: str | bytes, name: str = "events.csv") -> RawFile:
        path: Path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return RawFile(path=path, name=f"s3://raw/{name}")

    return write


@pytest.fixture
def lively():
    """Lines of a CSV that the service would train on: 40 users with 30 events each on 25 items."""
    lines = [
        f"u{user:02},i{(user * 7 + event * event) % 25:02},{1_600_000_000 + event * 86_400 + user}"
        for user in range(40)
        for event in range(30)
    ]
    return ["USER_ID,ITEM_ID,TIMESTAMP", *lines]


@pytest.fixture
def s3(monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        client = boto3.client("s3")
        client.create_bucket(Bucket=BUCKET)
        yield client


@pytest.fixture
def event():
    """What the state machine sends."""
    return {
        "scenario": "hrnn",
        "run_id": "r1",
        "data_bucket": BUCKET,
        "reports_bucket": "reports-bucket",
        "interactions": {"location": f"s3://{BUCKET}/raw/hrnn/interactions/", "schema": SCHEMA},
        "split": {"method": "per_user", "fraction": 0.1},
    }
