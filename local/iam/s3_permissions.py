"""What an S3 call needs. S3 names few of its IAM actions after its operations, and some calls need several.

Source: Service Authorization Reference for S3, and "Required permissions for Amazon S3 API operations".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from local.iam.permissions import Permission, UnmappedOperationError

Parameters = Mapping[str, Any]
ContextValues = Mapping[str, tuple[str, ...]]

_BUCKET_ACTIONS = {
    "HeadBucket": "ListBucket",
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "ListObjectVersions": "ListBucketVersions",
    "ListMultipartUploads": "ListBucketMultipartUploads",
    "GetBucketLocation": "GetBucketLocation",
    "GetBucketVersioning": "GetBucketVersioning",
    "GetBucketPolicy": "GetBucketPolicy",
    "GetBucketTagging": "GetBucketTagging",
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
}
_OBJECT_ACTIONS = {
    "GetObject": "GetObject",
    "HeadObject": "GetObject",
    "GetObjectAttributes": "GetObject",
    "GetObjectTagging": "GetObjectTagging",
    "PutObjectTagging": "PutObjectTagging",
    "DeleteObjectTagging": "DeleteObjectTagging",
    "PutObject": "PutObject",
    "CopyObject": "PutObject",
    "CreateMultipartUpload": "PutObject",
    "UploadPart": "PutObject",
    "UploadPartCopy": "PutObject",
    "CompleteMultipartUpload": "PutObject",
    "AbortMultipartUpload": "AbortMultipartUpload",
    "ListParts": "ListMultipartUploadParts",
    "DeleteObject": "DeleteObject",
}
_OF_A_VERSION = {
    "GetObject": "GetObjectVersion",
    "GetObjectTagging": "GetObjectVersionTagging",
    "PutObjectTagging": "PutObjectVersionTagging",
    "DeleteObjectTagging": "DeleteObjectVersionTagging",
    "DeleteObject": "DeleteObjectVersion",
}
_CONDITION_KEYS = {
    "Prefix": "s3:prefix",
    "Delimiter": "s3:delimiter",
    "MaxKeys": "s3:max-keys",
    "ACL": "s3:x-amz-acl",
    "CopySource": "s3:x-amz-copy-source",
    "ServerSideEncryption": "s3:x-amz-server-side-encryption",
    "SSEKMSKeyId": "s3:x-amz-server-side-encryption-aws-kms-key-id",
    "StorageClass": "s3:x-amz-storage-class",
    "VersionId": "s3:versionid",
}
CONDITION_KEYS = frozenset(_CONDITION_KEYS.values())
"""Keys that are absent from a request when its parameter is."""

_READS = frozenset({"GetObject", "HeadObject", "GetObjectAttributes"})


def s3_permissions(
    operation: str, parameters: Parameters, partition: str, *, object_exists: bool = True
) -> tuple[Permission, ...]:
    """Permissions that an S3 call needs, all of them. Raises UnmappedOperationError.

    `parameters` are the operation's members as botocore names them. For a read, `object_exists` says whether
    the object is there: S3 tells only those who may list the bucket that it is not, and refuses the others.
    """
    if operation == "ListBuckets":
        return (Permission("s3:ListAllMyBuckets", "*"),)
    bucket = f"arn:{partition}:s3:::{parameters.get('Bucket', '')}"
    context = {
        key: (str(parameters[member]),) for member, key in _CONDITION_KEYS.items() if member in parameters
    }
    if operation in _BUCKET_ACTIONS:
        return (Permission(f"s3:{_BUCKET_ACTIONS[operation]}", bucket, context),)
    if operation == "DeleteObjects":
        entries = parameters.get("Delete", {}).get("Objects", [])
        return tuple(_on_object("DeleteObject", bucket, entry, {}) for entry in entries)
    if operation not in _OBJECT_ACTIONS:
        raise UnmappedOperationError("s3", operation)
    needed = [_on_object(_OBJECT_ACTIONS[operation], bucket, parameters, context)]
    if operation in _READS and not object_exists:
        needed.append(Permission("s3:ListBucket", bucket))
    if "CopySource" in parameters:
        needed.append(_copy_source(parameters["CopySource"], partition))
    if operation in {"PutObject", "CopyObject", "CreateMultipartUpload"}:
        extras = {"Tagging": "s3:PutObjectTagging", "ACL": "s3:PutObjectAcl"}
        resource = needed[0].resource
        needed += [
            Permission(action, resource, context) for member, action in extras.items() if member in parameters
        ]
    return tuple(needed)


def _on_object(action: str, bucket: str, parameters: Parameters, context: ContextValues) -> Permission:
    if parameters.get("VersionId") and action in _OF_A_VERSION:
        action = _OF_A_VERSION[action]
    return Permission(f"s3:{action}", f"{bucket}/{parameters.get('Key', '')}", context)


def _copy_source(source: Any, partition: str) -> Permission:
    """`bucket/key`, percent-encoded, with an optional leading slash and `?versionId=`."""
    path, _, version = str(source).partition("?versionId=")
    action = "s3:GetObjectVersion" if version else "s3:GetObject"
    return Permission(action, f"arn:{partition}:s3:::{unquote(path).lstrip('/')}")
