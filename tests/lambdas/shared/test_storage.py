"""Storage against moto's S3, and the wording of what goes wrong."""

from __future__ import annotations

import json
import subprocess
import sys

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber
from moto import mock_aws

from lambdas.shared import storage
from lambdas.shared.errors import DataError, ServiceNotReadyError, TaskError
from lambdas.shared.locations import S3Location

BUCKET = "a-bucket"


@pytest.fixture
def s3(monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket=BUCKET)
        yield client


def at(key: str) -> S3Location:
    return S3Location(BUCKET, key)


def test_lists_objects_below_a_prefix_in_key_order_with_size_and_etag(s3):
    for key, body in (("raw/b.csv", b"22"), ("raw/a.csv", b"1"), ("other/c.csv", b"3")):
        s3.put_object(Bucket=BUCKET, Key=key, Body=body)
    found = storage.list_objects(s3, at("raw/"))
    assert [(item.location.key, item.size) for item in found] == [("raw/a.csv", 1), ("raw/b.csv", 2)]
    # The entity tag of a single-part object is the MD5 of its content.
    assert found[0].etag == "c4ca4238a0b923820dcc509a6f75849b"


def test_folder_markers_are_not_objects_but_empty_files_are(s3):
    s3.put_object(Bucket=BUCKET, Key="raw/", Body=b"")
    s3.put_object(Bucket=BUCKET, Key="raw/empty.csv", Body=b"")
    assert [item.location.key for item in storage.list_objects(s3, at("raw/"))] == ["raw/empty.csv"]


def test_lists_more_objects_than_one_answer_holds(s3):
    for number in range(1001):
        s3.put_object(Bucket=BUCKET, Key=f"many/{number:04}", Body=b"x")
    assert len(storage.list_objects(s3, at("many/"))) == 1001


def test_a_file_survives_upload_and_download(s3, tmp_path):
    source = tmp_path / "in.csv"
    source.write_bytes("USER_ID\nzoë\n".encode())
    storage.upload(s3, source, at("x.csv"), content_type="text/csv")
    storage.download(s3, at("x.csv"), tmp_path / "new folder" / "out.csv")
    assert (tmp_path / "new folder" / "out.csv").read_bytes() == source.read_bytes()
    assert s3.head_object(Bucket=BUCKET, Key="x.csv")["ContentType"] == "text/csv"


def test_json_is_written_as_utf8_with_its_content_type(s3):
    storage.write_json(s3, at("d.json"), {"name": "zoë"})
    assert storage.read_json(s3, at("d.json")) == {"name": "zoë"}
    answer = s3.get_object(Bucket=BUCKET, Key="d.json")
    assert answer["ContentType"] == "application/json"
    assert "zoë".encode() in answer["Body"].read()


def test_json_refuses_nan(s3):
    with pytest.raises(ValueError, match="not JSON compliant"):
        storage.write_json(s3, at("d.json"), {"value": float("nan")})


def test_damaged_json_is_a_data_error_that_names_the_object(s3):
    s3.put_object(Bucket=BUCKET, Key="d.json", Body=b'{"half": ')
    with pytest.raises(DataError, match=r"s3://a-bucket/d\.json is not valid JSON"):
        storage.read_json(s3, at("d.json"))


def test_find_json_answers_none_only_when_the_object_is_absent(s3):
    assert storage.find_json(s3, at("d.json")) is None
    storage.write_json(s3, at("d.json"), [1])
    assert storage.find_json(s3, at("d.json")) == [1]


@pytest.mark.parametrize(
    "call",
    [
        lambda s3, where, _: storage.list_objects(s3, where),
        lambda s3, where, _: storage.read_json(s3, where),
        lambda s3, where, _: storage.write_json(s3, where, {}),
        lambda s3, where, path: storage.upload(s3, path, where),
        storage.download,
    ],
    ids=["list", "read", "write", "upload", "download"],
)
def test_a_bucket_that_does_not_exist_is_a_data_error_that_names_it(s3, tmp_path, call):
    path = tmp_path / "file"
    path.write_bytes(b"x")
    with pytest.raises(DataError, match=r"no-such-bucket"):
        call(s3, S3Location("no-such-bucket", "key"), path)


def test_an_object_that_does_not_exist_is_a_data_error_that_names_it(s3, tmp_path):
    with pytest.raises(DataError, match=r"s3://a-bucket/gone: there is no such object"):
        storage.download(s3, at("gone"), tmp_path / "file")
    with pytest.raises(DataError, match=r"s3://a-bucket/gone: there is no such object"):
        storage.read_bytes(s3, at("gone"))


@pytest.mark.parametrize(
    ("code", "status", "expected", "words"),
    [
        ("AccessDenied", 403, TaskError, "access denied (the reason)"),
        ("SlowDown", 503, ServiceNotReadyError, "S3 answered SlowDown (the reason)"),
        ("InvalidObjectState", 403, ClientError, "InvalidObjectState"),
    ],
)
def test_other_answers_become_the_error_that_fits(s3, code, status, expected, words):
    client = boto3.client("s3", region_name="us-east-1")
    with Stubber(client) as stub:
        stub.add_client_error("get_object", code, "the reason", http_status_code=status)
        with pytest.raises(expected) as caught:
            storage.read_bytes(client, at("secret"))
    assert type(caught.value) is expected or isinstance(caught.value, ClientError)
    assert words in str(caught.value)


def test_control_tasks_can_use_storage_and_observability_without_the_data_libraries():
    code = (
        "import sys, json\n"
        "import lambdas.shared.storage, lambdas.shared.observability\n"
        "print(json.dumps([name for name in ('pandas', 'numpy', 'pyarrow') if name in sys.modules]))"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(answer.stdout) == []
