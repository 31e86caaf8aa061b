"""Where report folders lie: in a bucket, or copied to a folder of this machine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from lambdas.shared.errors import DataError
from lambdas.shared.locations import S3Location
from lambdas.shared.storage import S3Client, list_objects, read_bytes, write_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

REPORTS_PREFIX = "reports/"


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file below `reports/`: its key from there, its size in bytes, its entity tag, and when it was written."""

    key: str
    size: int
    etag: str
    modified: datetime


class ReportStore(Protocol):
    """The files below `reports/`. Keys begin below it."""

    def files(self) -> Sequence[StoredFile]:
        """Everything that is there at this moment."""

    def read(self, key: str) -> bytes | None:
        """The content of a file; None when there is none, or no longer. Several threads may call this."""

    def write(self, key: str, content: bytes, *, content_type: str) -> None:
        """Put a file there, as a whole, in place of an earlier one."""


@dataclass(frozen=True, slots=True)
class BucketStore:
    """The reports of a bucket. Errors of S3 are those of `lambdas.shared.storage`."""

    client: S3Client
    bucket: str

    def files(self) -> list[StoredFile]:
        """S3 lists what was written before the call, always: its listings are strongly consistent."""
        return [
            StoredFile(item.location.key.removeprefix(REPORTS_PREFIX), item.size, item.etag, item.modified)
            for item in list_objects(self.client, S3Location(self.bucket, REPORTS_PREFIX))
        ]

    def read(self, key: str) -> bytes | None:
        """The content of an object, None when there is none."""
        try:
            return read_bytes(self.client, self._at(key))
        except DataError:
            return None

    def write(self, key: str, content: bytes, *, content_type: str) -> None:
        """Put an object."""
        write_bytes(self.client, self._at(key), content, content_type=content_type)

    def _at(self, key: str) -> S3Location:
        return S3Location(self.bucket, f"{REPORTS_PREFIX}{key}")
