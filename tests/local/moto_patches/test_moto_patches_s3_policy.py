import json

import pytest
from botocore.exceptions import ClientError

TLS_ONLY = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": ["arn:aws:s3:::tls/*", "arn:aws:s3:::tls"],
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}
NO_DELETE = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:DeleteObject",
    "Resource": "arn:aws:s3:::tls/*",
}


@pytest.fixture
def bucket(host):
    s3 = host.client("s3")
    s3.create_bucket(Bucket="tls")
    yield s3
    s3.delete_bucket_policy(Bucket="tls")
    for listed in s3.list_objects_v2(Bucket="tls").get("Contents", []):
        s3.delete_object(Bucket="tls", Key=listed["Key"])
    s3.delete_bucket(Bucket="tls")


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def test_a_policy_that_demands_tls_lets_local_calls_through(bucket):
    bucket.put_object(Bucket="tls", Key="k", Body=b"1")
    bucket.put_bucket_policy(Bucket="tls", Policy=policy(TLS_ONLY))
    bucket.put_object(Bucket="tls", Key="k", Body=b"2")
    assert bucket.get_object(Bucket="tls", Key="k")["Body"].read() == b"2"
    bucket.delete_object(Bucket="tls", Key="k")


def test_other_denials_of_the_same_policy_still_hold(bucket):
    bucket.put_object(Bucket="tls", Key="k", Body=b"1")
    bucket.put_bucket_policy(Bucket="tls", Policy=policy(TLS_ONLY, NO_DELETE))
    with pytest.raises(ClientError, match="Forbidden"):
        bucket.delete_object(Bucket="tls", Key="k")


def test_a_denial_of_calls_over_tls_denies(bucket):
    over_tls = {**TLS_ONLY, "Condition": {"Bool": {"aws:SecureTransport": True}}}
    bucket.put_object(Bucket="tls", Key="k", Body=b"1")
    bucket.put_bucket_policy(Bucket="tls", Policy=policy(over_tls))
    with pytest.raises(ClientError, match="Forbidden"):
        bucket.get_object(Bucket="tls", Key="k")
