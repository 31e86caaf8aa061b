"""Requests to S3 are judged: the permissions of each call, bucket policies, and refusals as S3 words them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from local.iam import Authorizer

if TYPE_CHECKING:
    from conftest import Aws

ACCOUNT = "123456789012"
REGION = "us-east-1"
LAMBDA = "lambda.amazonaws.com"
DEFINITION = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}})


def error_of(error: pytest.ExceptionInfo[ClientError]) -> tuple[str, str]:
    return error.value.response["Error"]["Code"], error.value.response["Error"].get("Message", "")


def test_a_role_does_what_its_policy_allows_and_no_more(aws: Aws, enforcing: Authorizer) -> None:
    admin = aws.client("s3")
    admin.create_bucket(Bucket="data")
    admin.put_object(Bucket="data", Key="raw/a.csv", Body=b"1")
    role = aws.role("reader", aws.allow("s3:GetObject*", on="arn:aws:s3:::data/raw/*"))
    s3 = aws.client("s3", enforcing.credentials_for_role(role, LAMBDA))

    assert s3.get_object(Bucket="data", Key="raw/a.csv")["Body"].read() == b"1"
    with pytest.raises(ClientError) as refused:
        s3.put_object(Bucket="data", Key="raw/a.csv", Body=b"2")
    code, message = error_of(refused)
    assert code == "AccessDenied"
    assert "assumed-role/reader/lambda is not authorized to perform: s3:PutObject" in message
    assert "arn:aws:s3:::data/raw/a.csv" in message
    assert admin.get_object(Bucket="data", Key="raw/a.csv")["Body"].read() == b"1"


def test_listing_needs_list_bucket_and_its_prefix_condition_is_judged(
    aws: Aws, enforcing: Authorizer
) -> None:
    aws.client("s3").create_bucket(Bucket="data")
    only_raw = {"Condition": {"StringLike": {"s3:prefix": ["raw/*"]}}}
    role = aws.role("lister", aws.allow("s3:ListBucket", on="arn:aws:s3:::data", **only_raw))
    s3 = aws.client("s3", enforcing.credentials_for_role(role, LAMBDA))

    assert s3.list_objects_v2(Bucket="data", Prefix="raw/x")["KeyCount"] == 0
    for elsewhere in ({"Prefix": "runs/"}, {}):
        with pytest.raises(ClientError, match="AccessDenied"):
            s3.list_objects_v2(Bucket="data", **elsewhere)


def test_a_missing_object_is_forbidden_to_those_who_may_not_list(aws: Aws, enforcing: Authorizer) -> None:
    aws.client("s3").create_bucket(Bucket="data")
    blind = aws.role("blind", aws.allow("s3:GetObject", on="arn:aws:s3:::data/*"))
    seeing = aws.role("seeing", aws.allow("s3:GetObject", "s3:ListBucket"))

    with pytest.raises(ClientError) as refused:
        aws.client("s3", enforcing.credentials_for_role(blind, LAMBDA)).head_object(Bucket="data", Key="no")
    assert error_of(refused)[0] == "403"
    with pytest.raises(ClientError) as missing:
        aws.client("s3", enforcing.credentials_for_role(seeing, LAMBDA)).head_object(Bucket="data", Key="no")
    assert error_of(missing)[0] == "404"


def test_a_copy_needs_to_read_its_source(aws: Aws, enforcing: Authorizer) -> None:
    admin = aws.client("s3")
    for bucket in ("source", "target"):
        admin.create_bucket(Bucket=bucket)
    admin.put_object(Bucket="source", Key="a b", Body=b"1")
    writer = aws.role("writer", aws.allow("s3:PutObject", on="arn:aws:s3:::target/*"))
    copier = aws.role(
        "copier",
        aws.allow("s3:PutObject", on="arn:aws:s3:::target/*"),
        aws.allow("s3:Get*", on="arn:aws:s3:::source/a b"),
    )
    copy = {"Bucket": "target", "Key": "b", "CopySource": {"Bucket": "source", "Key": "a b"}}

    with pytest.raises(ClientError, match=r"s3:GetObject on resource: arn:aws:s3:::source/a b"):
        aws.client("s3", enforcing.credentials_for_role(writer, LAMBDA)).copy_object(**copy)
    aws.client("s3", enforcing.credentials_for_role(copier, LAMBDA)).copy_object(**copy)


def test_a_multi_object_delete_refuses_single_keys(aws: Aws, enforcing: Authorizer) -> None:
    admin = aws.client("s3")
    admin.create_bucket(Bucket="data")
    for key in ("mine/a", "yours/b"):
        admin.put_object(Bucket="data", Key=key, Body=b"")
    role = aws.role("cleaner", aws.allow("s3:DeleteObject", on="arn:aws:s3:::data/mine/*"))
    s3 = aws.client("s3", enforcing.credentials_for_role(role, LAMBDA))

    answer = s3.delete_objects(Bucket="data", Delete={"Objects": [{"Key": "mine/a"}, {"Key": "yours/b"}]})
    assert [entry["Key"] for entry in answer["Deleted"]] == ["mine/a"]
    assert [(entry["Key"], entry["Code"]) for entry in answer["Errors"]] == [("yours/b", "AccessDenied")]
    assert [entry["Key"] for entry in admin.list_objects_v2(Bucket="data")["Contents"]] == ["yours/b"]
    only_denied = s3.delete_objects(Bucket="data", Delete={"Objects": [{"Key": "yours/b"}]})
    assert [entry["Code"] for entry in only_denied["Errors"]] == ["AccessDenied"]


def test_a_bucket_policy_that_demands_tls_lets_local_requests_through(
    aws: Aws, enforcing: Authorizer
) -> None:
    admin = aws.client("s3")
    admin.create_bucket(Bucket="data")
    on_bucket = {"Action": "s3:*", "Resource": ["arn:aws:s3:::data", "arn:aws:s3:::data/*"]}
    tls_only = {"Bool": {"aws:SecureTransport": "false"}, "NumericLessThan": {"s3:TlsVersion": "1.2"}}
    statements = [
        {"Effect": "Deny", "Principal": {"AWS": "*"}, "Condition": {operator: test}, **on_bucket}
        for operator, test in tls_only.items()
    ]
    policy = {"Version": "2012-10-17", "Statement": statements}
    admin.put_bucket_policy(Bucket="data", Policy=json.dumps(policy))
    role = aws.role("worker", aws.allow("s3:*", on=on_bucket["Resource"]))
    s3 = aws.client("s3", enforcing.credentials_for_role(role, LAMBDA))

    s3.put_object(Bucket="data", Key="a", Body=b"1")
    assert s3.get_object(Bucket="data", Key="a")["Body"].read() == b"1"
    assert admin.get_object(Bucket="data", Key="a")["Body"].read() == b"1"


def test_an_explicit_deny_of_a_bucket_policy_wins(aws: Aws, enforcing: Authorizer) -> None:
    admin = aws.client("s3")
    admin.create_bucket(Bucket="data")
    role = aws.role("worker", aws.allow("s3:*"))
    deny = {
        "Effect": "Deny",
        "Principal": {"AWS": role},
        "Action": "s3:Put*",
        "Resource": "arn:aws:s3:::data/raw/*",
    }
    admin.put_bucket_policy(Bucket="data", Policy=json.dumps({"Version": "2012-10-17", "Statement": [deny]}))
    s3 = aws.client("s3", enforcing.credentials_for_role(role, LAMBDA))

    s3.put_object(Bucket="data", Key="runs/a", Body=b"1")
    with pytest.raises(ClientError, match="explicit deny in policy of s3:data, statement 0"):
        s3.put_object(Bucket="data", Key="raw/a", Body=b"1")


def test_a_deleted_object_is_as_one_that_never_was(aws: Aws, enforcing: Authorizer) -> None:
    admin = aws.client("s3")
    admin.create_bucket(Bucket="data")
    admin.put_bucket_versioning(Bucket="data", VersioningConfiguration={"Status": "Enabled"})
    admin.put_object(Bucket="data", Key="a", Body=b"1")
    role = aws.role("blind", aws.allow("s3:GetObject", on="arn:aws:s3:::data/*"))
    s3 = aws.client("s3", enforcing.credentials_for_role(role, LAMBDA))
    s3.get_object(Bucket="data", Key="a")
    admin.delete_object(Bucket="data", Key="a")
    with pytest.raises(ClientError, match="s3:ListBucket on resource: arn:aws:s3:::data because"):
        s3.get_object(Bucket="data", Key="a")


def test_personalize_needs_the_bucket_policy_as_well_as_the_role(aws: Aws, enforcing: Authorizer) -> None:
    admin = aws.client("s3")
    admin.create_bucket(Bucket="data")
    admin.put_object(Bucket="data", Key="a", Body=b"1")
    role = aws.role("service", aws.allow("s3:GetObject"), service="personalize.amazonaws.com")
    s3 = aws.client("s3", enforcing.credentials_for_role(role, "personalize.amazonaws.com"))
    with pytest.raises(ClientError, match=r"User: personalize.amazonaws.com is not authorized"):
        s3.get_object(Bucket="data", Key="a")

    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "personalize.amazonaws.com"},
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::data/*",
        "Condition": {
            "StringEquals": {"aws:SourceAccount": ACCOUNT},
            "ArnLike": {"aws:SourceArn": f"arn:aws:personalize:{REGION}:{ACCOUNT}:*"},
        },
    }
    admin.put_bucket_policy(
        Bucket="data", Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    )
    assert s3.get_object(Bucket="data", Key="a")["Body"].read() == b"1"
