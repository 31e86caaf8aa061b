"""Putting a data set where a scenario looks for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

from boto3.s3.transfer import S3Transfer

from config import ScenarioSettings
from local.cli.exit_codes import CommandError, ExitCode
from local.datasets import Dataset, load_dataset


@dataclass(frozen=True, slots=True)
class RawPrefix:
    """Bucket and key prefix of one dataset's files."""

    bucket: str
    prefix: str

    @classmethod
    def of(cls, location: str, data_bucket: str) -> RawPrefix:
        """Read the setting: a prefix in the data bucket, or `s3://bucket/prefix/`."""
        if not location.startswith("s3://"):
            return cls(data_bucket, location)
        bucket, _, prefix = location.removeprefix("s3://").partition("/")
        return cls(bucket, prefix)


Existing: TypeAlias = Literal["replace", "keep", "refuse"]
"""What becomes of files that lie there already: deleted, left (and nothing uploaded), or an error."""


def upload(
    s3: Any, data_bucket: str, scenario: ScenarioSettings, data: Path | None, *, existing: Existing
) -> None:
    """Load the data (MovieLens-100K when None) and put its files under the locations in the settings.

    `replace` and `keep` make buckets that are missing, as fits a bucket on this machine. `refuse` fits AWS, where
    files that would mix with the new ones are somebody's. Raises DatasetError when the data cannot be read.
    """
    wanted = scenario.data.present()
    columns = {name: settings.avro_schema.columns for name, settings in wanted.items()}
    dataset = load_dataset(
        data,
        columns=columns["interactions"],
        item_columns=columns.get("items"),
        user_columns=columns.get("users"),
    )
    for name, files in _files(dataset, wanted):
        if not files and existing != "replace":
            continue
        where = RawPrefix.of(wanted[name].location, data_bucket)
        if existing != "refuse":
            _make_bucket(s3, where.bucket)
        keys = {f"{where.prefix}{file.name}": file for file in files}
        others = _others(s3, where, keys)
        if others and existing == "keep":
            continue
        if others and existing == "refuse":
            raise _would_mix(where, others)
        for key in others:
            s3.delete_object(Bucket=where.bucket, Key=key)
        for key, file in keys.items():
            S3Transfer(s3).upload_file(str(file), where.bucket, key)


def _files(dataset: Dataset, wanted: Mapping[str, Any]) -> Iterator[tuple[str, tuple[Path, ...]]]:
    """The files of every dataset that the scenario reads, none of one that there is not."""
    for name in wanted:
        found = getattr(dataset, name) or ()
        yield name, found if isinstance(found, tuple) else (found,)


def _make_bucket(s3: Any, bucket: str) -> None:
    if bucket not in {found["Name"] for found in s3.list_buckets()["Buckets"]}:
        s3.create_bucket(Bucket=bucket)


def _others(s3: Any, where: RawPrefix, keys: Mapping[str, Path]) -> list[str]:
    """The objects below the prefix that the upload would not overwrite."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=where.bucket, Prefix=where.prefix)
    return [entry["Key"] for page in pages for entry in page.get("Contents", []) if entry["Key"] not in keys]


def _would_mix(where: RawPrefix, others: list[str]) -> CommandError:
    message = (
        f"s3://{where.bucket}/{where.prefix} holds other files ({others[0]} and {len(others) - 1} more), which "
        "would be read together with these: remove them, or run without --data on what is there"
    )
    return CommandError(message, ExitCode.DATA)
