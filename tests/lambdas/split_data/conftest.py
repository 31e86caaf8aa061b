"""Small made-up interactions, and an S3 to keep them in."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import boto3
import pyarrow.parquet as pq
import pytest
from hypothesis import settings
from moto import mock_aws

from lambdas.split_data.entities import RawTable, read_entities
from lambdas.split_data.files import RawFile
from lambdas.split_data.request import SplitRequest
from lambdas.split_data.schema import columns_of
from lambdas.split_data.task import split_data

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
ITEM_FIELDS = [
    {"name": "ITEM_ID", "type": "string"},
    {"name": "TITLE", "type": "string"},
    {"name": "GENRES", "type": ["null", "string"], "categorical": True},
    {"name": "YEAR", "type": ["null", "int"]},
    {"name": "PLOT", "type": ["null", "string"], "textual": True},
]
BUCKET = "data-bucket"
ITEMS = {
    "location": f"s3://{BUCKET}/raw/items/",
    "schema": {
        "fields": [
            {"name": "ITEM_ID", "type": "string"},
            {"name": "TITLE", "type": "string"},
            {"name": "GENRES", "type": ["null", "string"], "categorical": True},
        ]
    },
}
USERS = {
    "location": f"s3://{BUCKET}/raw/users/",
    "schema": {"fields": [{"name": "USER_ID", "type": "string"}, {"name": "AGE", "type": "int"}]},
}


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


@pytest.fixture
def item_fields():
    """A field of each kind: a title, categories, a number, prose."""
    return ITEM_FIELDS


@pytest.fixture
def read_items(raw):
    """Reads items from the contents of one file or several."""

    def of(*contents, fields=ITEM_FIELDS, dataset="items"):
        files = [raw(content, f"{number}.csv") for number, content in enumerate(contents)]
        return read_entities(RawTable(dataset, files, columns_of({"fields": fields}, dataset), "The items"))

    return of


@pytest.fixture
def many_events():
    """Lines of a CSV that can be trained on when half of its 25 items are taken out: 40 users, 60 events each."""
    lines = [
        f"u{user:02},i{(user * 7 + event * 3) % 25:02},{1_600_000_000 + event * 86_400 + user}"
        for user in range(40)
        for event in range(60)
    ]
    return ["USER_ID,ITEM_ID,TIMESTAMP", *lines]


@pytest.fixture
def item_lines():
    lines = [f'i{n:02},"Number {n}, <b>🎬</b>",{"Drama|War" if n % 2 else "Comedy"}' for n in range(25)]
    return ["ITEM_ID,TITLE,GENRES", *lines]


@pytest.fixture
def put(s3):
    def write(folder, lines, name="part.csv"):
        s3.put_object(Bucket=BUCKET, Key=f"raw/{folder}/{name}", Body="\n".join(lines).encode() + b"\n")

    return write


@pytest.fixture
def data(put, many_events, item_lines):
    """All three datasets; five users have no interactions."""
    put("hrnn/interactions", many_events)
    put("items", item_lines)
    put("users", ["USER_ID,AGE", *(f"u{n:02},{20 + n}" for n in range(45))])


@pytest.fixture
def split_run(s3, event, tmp_path):
    counter = iter(range(100))

    def call(**changes):
        folder = tmp_path / f"work-{next(counter)}"
        folder.mkdir()
        return split_data(s3, SplitRequest.of({**event, **changes}), folder, 1_700_000_000)

    return call


@pytest.fixture
def read_output(s3):
    """The content of an object of the run: rows of CSV, a JSON document, lines of JSON, or columns of Parquet."""

    def of(key):
        content = s3.get_object(Bucket=BUCKET, Key=f"runs/hrnn/r1/{key}")["Body"].read()
        if key.endswith(".parquet"):
            return pq.read_table(io.BytesIO(content)).to_pydict()
        text = content.decode()
        if key.endswith(".csv"):
            return list(csv.reader(io.StringIO(text), escapechar="\\", doublequote=False))
        return [json.loads(line) for line in text.splitlines()] if key.endswith("l") else json.loads(text)

    return of


@pytest.fixture
def items():
    """The member `items` of the event."""
    return ITEMS


@pytest.fixture
def users():
    """The member `users` of the event."""
    return USERS
