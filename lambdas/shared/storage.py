"""Objects in S3, with errors that name the location and what to do.

Every function takes a boto3 S3 client first. All raise DataError when a bucket or object does not exist,
TaskError when access is denied, and ServiceNotReadyError when S3 asks to come back later; any other error of
the client passes through as it is.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import ClientError

from lambdas.shared.errors import DataError, ServiceNotReadyError, TaskError
from lambdas.shared.locations import S3Location

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

# boto3 makes its clients from data at run time: they have no static type.
S3Client = Any

JSON_CONTENT_TYPE = "application/json"

_MISSING_BUCKET = frozenset({"NoSuchBucket"})
# HeadObject and the transfer manager, which calls it, answer with bare status codes.
_MISSING_KEY = frozenset({"NoSuchKey", "404", "NotFound"})
_DENIED = frozenset({"AccessDenied", "403", "Forbidden", "AllAccessDisabled", "KMS.DisabledException"})
_LATER = frozenset({"SlowDown", "503", "ServiceUnavailable", "InternalError", "500", "RequestTimeout"})


@dataclass(frozen=True, slots=True)
class S3Object:
    """An object that exists: its location, its size in bytes, its entity tag (without quotes), when it was written."""

    location: S3Location
    size: int
    etag: str
    modified: datetime


def list_objects(client: S3Client, location: S3Location) -> list[S3Object]:
    """Objects whose key starts with the location's key, sorted by key; an empty list when there are none.

    Zero-byte keys that end in `/` (the folders that consoles create) are left out.
    """
    found: list[S3Object] = []
    with _explaining("list", location):
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=location.bucket, Prefix=location.key)
        for page in pages:
            found.extend(
                S3Object(
                    S3Location(location.bucket, entry["Key"]),
                    entry["Size"],
                    entry["ETag"].strip('"'),
                    entry["LastModified"],
                )
                for entry in page.get("Contents", ())
                if entry["Size"] or not entry["Key"].endswith("/")
            )
    return sorted(found, key=lambda item: item.location.key)


def download(client: S3Client, location: S3Location, path: Path) -> None:
    """Copy an object to a local file, whose folder is made when it does not exist."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with _explaining("read", location):
        client.download_file(location.bucket, location.key, str(path))


def upload(
    client: S3Client, path: Path, location: S3Location, *, content_type: str = "application/octet-stream"
) -> None:
    """Copy a local file to an object, in parts when it is large."""
    # Not upload_file, which hides the service's error code in the text of an error of its own.
    with _explaining("write", location), path.open("rb") as content:
        client.upload_fileobj(content, location.bucket, location.key, ExtraArgs={"ContentType": content_type})


def read_bytes(client: S3Client, location: S3Location) -> bytes:
    """The content of an object."""
    with _explaining("read", location):
        content: bytes = client.get_object(Bucket=location.bucket, Key=location.key)["Body"].read()
    return content


def write_bytes(client: S3Client, location: S3Location, content: bytes, *, content_type: str) -> None:
    """Write an object of a few megabytes at most in one request."""
    with _explaining("write", location):
        client.put_object(Bucket=location.bucket, Key=location.key, Body=content, ContentType=content_type)


def read_json(client: S3Client, location: S3Location) -> Any:
    """The JSON document in an object. Raises DataError, too, when it is not valid JSON."""
    content = read_bytes(client, location)
    try:
        return json.loads(content)
    except ValueError as error:
        raise DataError(
            f"{location} is not valid JSON ({error}). It was written by another program or damaged: "
            "delete it and run again."
        ) from error


def find_json(client: S3Client, location: S3Location) -> Any:
    """The JSON document in an object, or None when there is no such object.

    S3 tells a missing object from a forbidden one only to callers that may list the bucket.
    """
    try:
        client.head_object(Bucket=location.bucket, Key=location.key)
    except ClientError as error:
        if error.response["Error"]["Code"] in _MISSING_KEY:
            return None
        raise _explained(error, "read", location) from error
    return read_json(client, location)


def write_json(client: S3Client, location: S3Location, document: Any) -> None:
    """Write a document as indented UTF-8 JSON. Raises ValueError for NaN and infinities, which JSON lacks."""
    content = json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False).encode()
    write_bytes(client, location, content, content_type=JSON_CONTENT_TYPE)


@contextmanager
def _explaining(action: str, location: S3Location) -> Iterator[None]:
    """Turn the client's errors inside the block into ours."""
    try:
        yield
    except ClientError as error:
        raise _explained(error, action, location) from error


def _explained(error: ClientError, action: str, location: S3Location) -> Exception:
    """Our error for the client's, or the client's own when it is none of the common ones."""
    code = str(error.response["Error"]["Code"])
    if code in _MISSING_BUCKET:
        return DataError(
            f"Cannot {action} {location}: the bucket {location.bucket!r} does not exist. "
            "Check the bucket's name in the settings, and that it is in this account and region."
        )
    if code in _MISSING_KEY:
        return DataError(
            f"Cannot {action} {location}: there is no such object or bucket. Check the location, "
            "and that the step which writes it has run."
        )
    if code in _DENIED:
        return TaskError(
            f"Cannot {action} {location}: access denied ({_detail(error)}). Allow the function's role this "
            "location, in the bucket policy and in the key policy too if the bucket has a customer key."
        )
    if code in _LATER:
        return ServiceNotReadyError(
            f"Cannot {action} {location} right now: S3 answered {code} ({_detail(error)}). Try again."
        )
    return cast("Exception", error)


def _detail(error: ClientError) -> str:
    """The service's own words."""
    return str(error.response["Error"].get("Message") or error)
