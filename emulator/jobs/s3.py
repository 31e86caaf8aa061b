"""S3 as a job sees it: locations, listing, reading and writing with the role's client, failures in words."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from emulator.errors import JobFailedError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_DENIED = ("AccessDenied", "403", "AllAccessDisabled", "InvalidAccessKeyId", "AccessDeniedException")


@dataclass(frozen=True)
class Location:
    """`s3://bucket/key-or-prefix`."""

    bucket: str
    key: str

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


@dataclass(frozen=True)
class S3Object:
    """A listed object."""

    location: Location
    size: int


def parse_location(text: str) -> Location | None:
    """Splits an S3 location; None when it is not one."""
    scheme, separator, rest = text.partition("://")
    bucket, _, key = rest.partition("/")
    return Location(bucket, key) if scheme == "s3" and separator and bucket else None


@contextmanager
def explained(reason: str, location: Location) -> Iterator[None]:
    """Turns S3's errors into a JobFailedError: the service's words on privileges, `reason` otherwise."""
    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        if code in _DENIED:
            raise JobFailedError(
                f"Insufficient privileges for accessing data in Amazon S3. ({location}: {error})"
            ) from error
        raise JobFailedError(f"{reason} ({location}: {error})") from error
    except BotoCoreError as error:
        raise JobFailedError(f"{reason} ({location}: {error})") from error


def list_objects(client: Any, location: Location, *, first_level: bool) -> list[S3Object]:
    """All objects whose key begins with the location's, in the order of their keys, folder marks left out.

    first_level: stop at the next `/`.
    """
    arguments = {"Bucket": location.bucket, "Prefix": location.key} | (
        {"Delimiter": "/"} if first_level else {}
    )
    found = []
    while True:
        page = client.list_objects_v2(**arguments)
        found += [
            S3Object(Location(location.bucket, entry["Key"]), entry["Size"])
            for entry in page.get("Contents", [])
            if not entry["Key"].endswith("/")
        ]
        if not page.get("IsTruncated"):
            return found
        arguments["ContinuationToken"] = page["NextContinuationToken"]


def read(client: Any, location: Location) -> bytes:
    """The whole object."""
    content: bytes = client.get_object(Bucket=location.bucket, Key=location.key)["Body"].read()
    return content


def write_file(client: Any, location: Location, path: Path, kms_key_arn: str | None) -> None:
    """Uploads a file, in parts if it is large."""
    extra = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": kms_key_arn} if kms_key_arn else {}
    # Not upload_file: that hides the error code of a refusal in a text.
    with path.open("rb") as file:
        client.upload_fileobj(file, location.bucket, location.key, ExtraArgs=extra)
