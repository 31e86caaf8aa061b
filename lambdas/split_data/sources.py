"""The raw objects in S3: which they are, what identifies them, and their copies to work on."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from lambdas.shared.errors import TaskError
from lambdas.shared.storage import S3Client, S3Object, download, list_objects
from lambdas.split_data.files import RawFile
from lambdas.split_data.problems import Problem, refuse
from lambdas.split_data.settings import QuerySettings, SplitSettings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from lambdas.split_data.request import RawData, SplitRequest

MORE_STORAGE = "give split_data more ephemeral_storage_mb in the settings"
# Names that Spark, Hive and desktop systems leave beside the data.
_HIDDEN = ("_", ".")


@dataclass(frozen=True, slots=True)
class Source:
    """One dataset with the objects that hold it."""

    data: RawData
    objects: tuple[S3Object, ...]

    @property
    def subject(self) -> str:
        """How messages name it."""
        return f"The {self.data.dataset} at {self.data.source}"

    @property
    def size(self) -> int:
        """Bytes of all objects."""
        return sum(item.size for item in self.objects)

    def document(self) -> dict[str, Any]:
        """The part of the diagnosis that says where the data came from."""
        return {"location": str(self.data.source), "files": len(self.objects), "bytes": self.size}


def find_source(client: S3Client, data: RawData) -> Source | None:
    """The raw objects: the one that the location names, or those on the first level below its prefix.

    Names that begin with `_` or `.` are not data. When nothing is left: None, or DataError for required data.
    """
    prefix = data.source.key
    whole_folder = not prefix or prefix.endswith("/")
    found = tuple(
        item
        for item in list_objects(client, data.source)
        if item.location.key == prefix
        or (
            whole_folder
            and "/" not in (name := item.location.key[len(prefix) :])
            and not name.startswith(_HIDDEN)
        )
    )
    if not found and not data.required:
        return None
    if not found:
        remedy = (
            f"Copy the {data.dataset} there, as CSV or Parquet (folders below the prefix are not read)."
            if whole_folder
            else "Name an existing object, or end the location in / to read all files below a prefix."
        )
        refuse(f"The {data.dataset}", [Problem(str(data.source), "there is no file", remedy)])
    return Source(data, found)


def data_fingerprint(sources: Sequence[Source], request: SplitRequest) -> str:
    """SHA-256, in hex, of what decides a split: the objects' keys, tags and sizes, columns, settings.

    Only what differs from its default is counted beyond what the first version knew (interactions, method,
    fraction), so that a run begun by it is still recognised.
    """
    interactions, *others = sources
    facts = [
        _objects(interactions),
        [[column.name, column.type, column.nullable] for column in interactions.data.columns],
        [request.split.method, request.split.fraction],
    ]
    plain = SplitSettings(request.split.method, request.split.fraction)
    more: dict[str, Any] = {
        source.data.dataset: [_objects(source), [asdict(column) for column in source.data.columns]]
        for source in others
    }
    if request.split != plain:
        more["split"] = asdict(request.split)
    if request.queries != QuerySettings():
        more["queries"] = asdict(request.queries)
    if request.pairs is not None:
        more["pairs"] = asdict(request.pairs)
    return hashlib.sha256(json.dumps([*facts, more] if more else facts).encode()).hexdigest()


def download_all(client: S3Client, sources: Sequence[Source], folder: Path) -> list[list[RawFile]]:
    """Local copies of every source's objects. Raises TaskError when they do not fit beside each other."""
    free, size = shutil.disk_usage(folder).free, sum(source.size for source in sources)
    if size > free:
        names = ", ".join(source.data.dataset for source in sources)
        raise TaskError(
            f"The raw data ({names}) have {size >> 20:,} MB and the temporary storage {free >> 20:,} MB: "
            f"{MORE_STORAGE}."
        )
    return [_download(client, source, folder / "raw" / source.data.dataset) for source in sources]


def _download(client: S3Client, source: Source, folder: Path) -> list[RawFile]:
    files = []
    for number, item in enumerate(source.objects):
        file = RawFile(path=folder / str(number), name=str(item.location))
        download(client, item.location, file.path)
        files.append(file)
    return files


def _objects(source: Source) -> list[list[Any]]:
    return [[str(item.location), item.etag, item.size] for item in source.objects]
