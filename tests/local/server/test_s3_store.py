import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError
from hypothesis import given, settings
from hypothesis import strategies as st
from moto.s3.models import s3_backends

from local.s3_store import S3Store, S3StoreError
from local.server import LocalServer
from tests.local.host_fixtures.host import ACCOUNT, started_host

ODD_KEYS = [
    "plain.txt",
    "a",
    "a/b",
    "A",
    "with space and + plus",
    "ünïcode/日本/😀.csv",
    "100%/quota%2Fescaped",
    "../../escape",
    "./dot/../dot",
    "trailing/",
    "double//slash",
    "quote\"and'tick",
    "back\\slash",
    "question?and#hash&amp=1",
    "tab\tulator",
    "x" * 1000,
    "CON",
    "key.unfinished",
]


class Stored:
    """A store with its S3 client that can lose its memory, as a process does that ends."""

    def __init__(self, root, s3):
        self.root = root
        self.s3 = s3
        self.store = None
        self.attach()

    def attach(self):
        self.store = S3Store(self.root, ACCOUNT)
        self.store.attach()

    def forget(self):
        self.store.detach()
        LocalServer.reset()
        self.attach()

    def restart(self, **options):
        self.forget()
        return self.store.restore(**options)

    def read(self, key, bucket="data"):
        return self.s3.get_object(Bucket=bucket, Key=key)["Body"].read()

    def keys(self, bucket="data"):
        return [listed["Key"] for listed in self.s3.list_objects_v2(Bucket=bucket).get("Contents", [])]


@pytest.fixture
def stored(tmp_path):
    with started_host() as host:
        held = Stored(tmp_path / "s3", host.client("s3"))
        held.s3.create_bucket(Bucket="data")
        yield held
        held.store.detach()


@pytest.mark.parametrize("key", ODD_KEYS)
def test_any_key_comes_back_with_its_bytes(stored, key):
    body = key.encode() + b"\n\x00binary\xff\n"
    stored.s3.put_object(Bucket="data", Key=key, Body=body)
    assert stored.restart() == 1
    assert stored.read(key) == body
    assert stored.keys() == [key]
    outside = [path for path in stored.root.parent.rglob("*") if not path.is_relative_to(stored.root)]
    assert outside == []


@given(st.dictionaries(st.text(min_size=1, max_size=200), st.binary(max_size=50), max_size=5))
@settings(max_examples=30, deadline=None)
def test_all_keys_at_once_do_not_get_into_each_others_way(tmp_path_factory, objects):
    LocalServer.reset()
    root = tmp_path_factory.mktemp("s3")
    backend = s3_backends[ACCOUNT]["aws"]
    store = S3Store(root, ACCOUNT)
    store.attach()
    try:
        backend.create_bucket("bucket", "us-east-1")
        for key, body in objects.items():
            backend.put_object("bucket", key, body)
    finally:
        store.detach()
    LocalServer.reset()
    assert S3Store(root, ACCOUNT).restore() == len(objects)
    held = s3_backends[ACCOUNT]["aws"].buckets["bucket"].keys
    assert {key: held.get(key).value for key in held} == objects


def test_what_is_known_of_an_object_comes_back(stored):
    stored.s3.put_object(
        Bucket="data",
        Key="report.html",
        Body=b"<p>",
        ContentType="text/html; charset=utf-8",
        CacheControl="no-cache",
        Metadata={"run": "r1"},
        Tagging="scenario=hrnn",
    )
    before = stored.s3.head_object(Bucket="data", Key="report.html")
    stored.restart()
    after = stored.s3.head_object(Bucket="data", Key="report.html")
    for name in ("ContentType", "CacheControl", "Metadata", "ETag", "LastModified", "ContentLength"):
        assert after[name] == before[name]
    tags = stored.s3.get_object_tagging(Bucket="data", Key="report.html")["TagSet"]
    assert tags == [{"Key": "scenario", "Value": "hrnn"}]


def test_the_last_body_of_a_key_counts_and_a_deleted_key_stays_deleted(stored):
    for body in (b"1", b"22", b"3"):
        stored.s3.put_object(Bucket="data", Key="k", Body=body)
    stored.s3.put_object(Bucket="data", Key="gone", Body=b"x")
    stored.s3.put_object(Bucket="data", Key="gone too", Body=b"x")
    stored.s3.delete_object(Bucket="data", Key="gone")
    stored.s3.delete_objects(Bucket="data", Delete={"Objects": [{"Key": "gone too"}]})
    assert stored.restart() == 1
    assert stored.read("k") == b"3"


def test_copies_and_multipart_uploads_are_stored(stored):
    stored.s3.put_object(Bucket="data", Key="from", Body=b"copied", ContentType="text/csv")
    stored.s3.copy_object(Bucket="data", Key="copy", CopySource={"Bucket": "data", "Key": "from"})
    upload = stored.s3.create_multipart_upload(Bucket="data", Key="large", ContentType="text/plain")
    part = {"Bucket": "data", "Key": "large", "UploadId": upload["UploadId"]}
    first = stored.s3.upload_part(**part, PartNumber=1, Body=b"a" * 5 * 1024 * 1024)
    second = stored.s3.upload_part(**part, PartNumber=2, Body=b"b")
    parts = [{"PartNumber": 1, "ETag": first["ETag"]}, {"PartNumber": 2, "ETag": second["ETag"]}]
    stored.s3.complete_multipart_upload(**part, MultipartUpload={"Parts": parts})
    etag = stored.s3.head_object(Bucket="data", Key="large")["ETag"]
    assert stored.restart() == 3
    assert stored.read("copy") == b"copied"
    assert stored.s3.head_object(Bucket="data", Key="copy")["ContentType"] == "text/csv"
    assert stored.read("large") == b"a" * 5 * 1024 * 1024 + b"b"
    large = stored.s3.head_object(Bucket="data", Key="large")
    assert (large["ETag"], large["ContentType"]) == (etag, "text/plain")
    assert etag.endswith('-2"')


def test_of_a_versioned_bucket_the_latest_version_comes_back(stored):
    stored.s3.put_bucket_versioning(Bucket="data", VersioningConfiguration={"Status": "Enabled"})
    for body in (b"1", b"2"):
        stored.s3.put_object(Bucket="data", Key="kept", Body=body)
    stored.s3.put_object(Bucket="data", Key="marked", Body=b"1")
    stored.s3.delete_object(Bucket="data", Key="marked")
    assert stored.restart() == 1
    assert stored.read("kept") == b"2"
    assert stored.keys() == ["kept"]


def test_buckets_come_back_and_deleted_ones_do_not(stored):
    stored.s3.create_bucket(Bucket="empty-bucket")
    stored.s3.create_bucket(Bucket="deleted-bucket")
    stored.s3.delete_bucket(Bucket="deleted-bucket")
    assert stored.restart() == 0
    assert {bucket["Name"] for bucket in stored.s3.list_buckets()["Buckets"]} == {"data", "empty-bucket"}


def test_objects_can_be_restored_into_the_buckets_of_a_deployer_only(stored):
    stored.s3.create_bucket(Bucket="old-bucket")
    stored.s3.put_object(Bucket="data", Key="k", Body=b"stored")
    stored.s3.put_object(Bucket="data", Key="new", Body=b"stored")
    stored.s3.put_object(Bucket="old-bucket", Key="k", Body=b"stored")
    stored.forget()
    stored.s3.create_bucket(Bucket="data")
    stored.s3.put_object(Bucket="data", Key="new", Body=b"newer")
    assert stored.store.restore(create_buckets=False) == 1
    assert [bucket["Name"] for bucket in stored.s3.list_buckets()["Buckets"]] == ["data"]
    assert (stored.read("k"), stored.read("new")) == (b"stored", b"newer")


def test_simultaneous_writes_of_one_key_leave_what_s3_serves(stored):
    with ThreadPoolExecutor(8) as pool:
        bodies = [str(i).encode() * 10_000 for i in range(40)]
        list(pool.map(lambda body: stored.s3.put_object(Bucket="data", Key="k", Body=body), bodies))
    served = stored.read("k")
    stored.restart()
    assert stored.read("k") == served


def test_after_detaching_nothing_more_is_written(stored):
    stored.store.detach()
    stored.s3.put_object(Bucket="data", Key="k", Body=b"1")
    stored.attach()
    assert stored.restart() == 0


def test_a_failed_request_stores_nothing(stored):
    with pytest.raises(ClientError, match="NoSuchBucket"):
        stored.s3.put_object(Bucket="missing-bucket", Key="k", Body=b"1")
    assert not (stored.root / "missing-bucket").exists()


def test_a_damaged_file_is_named(stored):
    stored.s3.put_object(Bucket="data", Key="k", Body=b"1")
    [file] = stored.root.glob("data/*/*")
    file.write_bytes(b"damaged")
    with pytest.raises(S3StoreError, match=file.name):
        stored.restart()


def test_what_a_killed_process_did_not_finish_is_removed(stored):
    stored.s3.put_object(Bucket="data", Key="k", Body=b"1")
    [file] = stored.root.glob("data/*/*")
    half = file.with_name("0123.unfinished")
    half.write_bytes(b'{"key": "half')
    assert stored.restart() == 1
    assert not half.exists()


WRITER = """
import sys
from pathlib import Path
from local.s3_store import S3Store
from tests.local.host_fixtures.host import started_host
store = S3Store(Path(sys.argv[1]))
store.attach()
with started_host() as host:
    s3 = host.client("s3")
    s3.create_bucket(Bucket="data")
    number = 0
    while True:
        s3.put_object(Bucket="data", Key=f"object {number}", Body=str(number).encode() * 20_000)
        s3.put_object(Bucket="data", Key="latest", Body=str(number).encode() * 20_000)
        print(number, flush=True)
        number += 1
"""


def test_every_object_that_was_confirmed_survives_a_kill(stored, tmp_path):
    root = tmp_path / "killed"
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(root)], stdout=subprocess.PIPE, text=True)
    for line in writer.stdout:
        if int(line) >= 20:
            break
    os.kill(writer.pid, signal.SIGKILL)
    confirmed = max([20, *(int(line) for line in writer.stdout.read().split())])
    writer.wait()
    writer.stdout.close()
    stored.root = root
    stored.restart()
    for number in range(confirmed + 1):
        assert stored.read(f"object {number}") == str(number).encode() * 20_000
    latest = stored.read("latest")
    assert latest in {str(n).encode() * 20_000 for n in (confirmed, confirmed + 1)}
    assert json.loads((root / "data" / "bucket.json").read_text()) == {"region": "us-east-1"}
