"""Uploads of an assembly's files to the bucket that bootstrapping an account would have made."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from local.deploy.assembly import FileAsset
    from local.deploy.clients import Clients

_FILE_MODE = 0o644 << 16


def zip_directory(directory: Path) -> bytes:
    """A zip of all files below a directory, the same bytes for the same files. Stored, not compressed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path in sorted(path for path in directory.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(path.relative_to(directory).as_posix())
            entry.external_attr = _FILE_MODE
            archive.writestr(entry, path.read_bytes())
    return buffer.getvalue()


def upload(
    asset: FileAsset, clients: Clients, fill_in: Callable[[str], str], pack: Callable[[Path], bytes]
) -> None:
    """Put an asset where its manifest says. `fill_in` replaces the placeholders in bucket and key."""
    bucket, key = fill_in(asset.bucket), fill_in(asset.key)
    body = pack(asset.source) if asset.is_directory else asset.source.read_bytes()
    s3 = clients("s3")
    try:
        s3.put_object(Bucket=bucket, Key=key, Body=body)
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchBucket":
            raise
        _create_bucket(s3, bucket, clients.region)
        s3.put_object(Bucket=bucket, Key=key, Body=body)


def _create_bucket(s3: Any, bucket: str, region: str) -> None:
    place = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    s3.create_bucket(Bucket=bucket, **place)
