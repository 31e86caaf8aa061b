"""S3 buckets and their policies."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from local.deploy.model import Created, Handler, ResourceRequest
from local.deploy.properties import api_tags

if TYPE_CHECKING:
    from local.deploy.properties import Block

_CANNED_ACLS = {
    "Private": "private",
    "LogDeliveryWrite": "log-delivery-write",
    "BucketOwnerFullControl": "bucket-owner-full-control",
    "BucketOwnerRead": "bucket-owner-read",
}

_EXPIRATION = {
    "ExpirationInDays": "Days",
    "ExpirationDate": "Date",
    "ExpiredObjectDeleteMarker": "ExpiredObjectDeleteMarker",
}
_TRANSITION = {"StorageClass": "StorageClass", "TransitionInDays": "Days", "TransitionDate": "Date"}
_NONCURRENT_TRANSITION = {
    "StorageClass": "StorageClass",
    "TransitionInDays": "NoncurrentDays",
    "NewerNoncurrentVersions": "NewerNoncurrentVersions",
}
_SAME_IN_THE_API = {
    "NoncurrentVersionExpiration": ("NoncurrentDays", "NewerNoncurrentVersions"),
    "AbortIncompleteMultipartUpload": ("DaysAfterInitiation",),
}
"""Parts of a lifecycle rule: CloudFormation's names of their members → the API's."""


def create_bucket(request: ResourceRequest) -> Created:
    """A bucket, or the one of this name that is already ours: its contents outlive the process."""
    name = request.named("BucketName", 63, lower=True)
    region, s3 = request.identity.region, request.clients("s3")
    if not _exists(s3, name):
        place = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        s3.create_bucket(Bucket=name, **place)
    _protect(request, s3, name)
    _keep(request, s3, name)
    return Created(
        name,
        {
            "Arn": f"arn:aws:s3:::{name}",
            "DomainName": f"{name}.s3.amazonaws.com",
            "RegionalDomainName": f"{name}.s3.{region}.amazonaws.com",
        },
    )


def _exists(s3: Any, name: str) -> bool:
    try:
        s3.head_bucket(Bucket=name)
    except ClientError as error:
        if error.response["Error"]["Code"] in {"404", "NoSuchBucket"}:
            return False
        raise
    return True


def _protect(request: ResourceRequest, s3: Any, name: str) -> None:
    """Ownership, access, encryption."""
    block = request.properties
    if ownership := block.block("OwnershipControls"):
        rules = [{"ObjectOwnership": rule.required("ObjectOwnership")} for rule in ownership.blocks("Rules")]
        s3.put_bucket_ownership_controls(Bucket=name, OwnershipControls={"Rules": rules})
    if acl := block.optional("AccessControl"):
        if acl not in _CANNED_ACLS:
            raise block.error("AccessControl", f"{acl} is not supported")
        s3.put_bucket_acl(Bucket=name, ACL=_CANNED_ACLS[acl])
    if "PublicAccessBlockConfiguration" in block:
        configuration = block.document("PublicAccessBlockConfiguration")
        s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=configuration)
    if encryption := block.block("BucketEncryption"):
        rules = [_encryption_rule(rule) for rule in encryption.blocks("ServerSideEncryptionConfiguration")]
        s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": rules})


def _encryption_rule(rule: Block) -> dict[str, Any]:
    api = rule.given({"BucketKeyEnabled": "BucketKeyEnabled"})
    if default := rule.block("ServerSideEncryptionByDefault"):
        names = {"SSEAlgorithm": "SSEAlgorithm", "KMSMasterKeyID": "KMSMasterKeyID"}
        api["ApplyServerSideEncryptionByDefault"] = default.given(names)
    return api


def _keep(request: ResourceRequest, s3: Any, name: str) -> None:
    """Versions, lifecycle, access logs, tags."""
    block = request.properties
    if versioning := block.block("VersioningConfiguration"):
        status = {"Status": versioning.required("Status")}
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration=status)
    if lifecycle := block.block("LifecycleConfiguration"):
        rules = [_lifecycle_rule(rule, index) for index, rule in enumerate(lifecycle.blocks("Rules"))]
        s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": rules})
    if logging := block.block("LoggingConfiguration"):
        enabled = {
            "TargetBucket": logging.optional("DestinationBucketName") or name,
            "TargetPrefix": logging.optional("LogFilePrefix") or "",
        }
        # moto asks for the log bucket's policy, which names this bucket and so comes after it.
        request.defer(
            lambda: s3.put_bucket_logging(Bucket=name, BucketLoggingStatus={"LoggingEnabled": enabled})
        )
    if tags := api_tags(block):
        s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": tags})


def _lifecycle_rule(rule: Block, index: int) -> dict[str, Any]:
    api: dict[str, Any] = {
        "ID": rule.optional("Id") or f"rule-{index}",
        "Status": rule.required("Status"),
        "Filter": {"Prefix": rule.optional("Prefix") or ""},
    }
    parts: dict[str, Any] = {
        "Expiration": rule.given(_EXPIRATION),
        "Transitions": [transition.given(_TRANSITION) for transition in rule.blocks("Transitions")],
        "NoncurrentVersionTransitions": [
            transition.given(_NONCURRENT_TRANSITION)
            for transition in rule.blocks("NoncurrentVersionTransitions")
        ],
    }
    for key, names in _SAME_IN_THE_API.items():
        if block := rule.block(key):
            parts[key] = block.given({name: name for name in names})
    return api | {key: part for key, part in parts.items() if part}


def create_bucket_policy(request: ResourceRequest) -> Created:
    """The policy of a bucket."""
    bucket = request.properties.required("Bucket")
    policy = json.dumps(request.properties.document("PolicyDocument"))
    request.clients("s3").put_bucket_policy(Bucket=bucket, Policy=policy)
    return Created(bucket)


HANDLERS: dict[str, Handler] = {
    "AWS::S3::Bucket": create_bucket,
    "AWS::S3::BucketPolicy": create_bucket_policy,
}
