"""The task: raw interactions in S3 to a split in S3, sealed by its diagnosis."""

from __future__ import annotations

import errno
import hashlib
import json
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lambdas.shared.errors import DataError, TaskError
from lambdas.shared.storage import S3Client, S3Object, download, find_json, list_objects, upload, write_json
from lambdas.split_data.checks import training_problems
from lambdas.split_data.diagnosis import SCHEMA_VERSION, diagnose
from lambdas.split_data.files import RawFile
from lambdas.split_data.measures import Measures
from lambdas.split_data.ordering import histories
from lambdas.split_data.problems import Problem, refuse
from lambdas.split_data.reading import read_interactions
from lambdas.split_data.schema import USER_ID, Column
from lambdas.split_data.splitting import split
from lambdas.split_data.writing import write_csv, write_parquet, write_queries

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from lambdas.shared.locations import RunLocations, S3Location
    from lambdas.split_data.request import SplitRequest, SplitSettings

# Names that Spark, Hive and desktop systems leave beside the data.
_HIDDEN = ("_", ".")
_MORE_STORAGE = "give split_data more ephemeral_storage_mb in the settings"


@dataclass(frozen=True, slots=True)
class SplitFiles:
    """The files of a split in a local folder, in the layout that they have in S3."""

    folder: Path

    @property
    def train(self) -> Path:
        """The past, as it is imported."""
        return self.folder / "train.csv"

    @property
    def holdout(self) -> Path:
        """The future."""
        return self.folder / "holdout.parquet"

    @property
    def queries(self) -> Path:
        """Whom to recommend to."""
        return self.folder / "users.jsonl"


def split_data(client: S3Client, request: SplitRequest, folder: Path, now: int) -> dict[str, Any]:
    """Split the request's data, once per run: the same request again returns what is there.

    `folder` is an empty local folder to work in, `now` the time in Unix seconds. Returns the summary that
    travels through the state machine. Raises DataError when the data cannot be used or changed under the run.
    """
    sources = source_objects(client, request.source)
    fingerprint = data_fingerprint(sources, request)
    diagnosis = find_json(client, request.locations.diagnosis)
    if diagnosis is None:
        diagnosis = _split(client, request, sources, fingerprint, folder=folder, now=now)
    elif diagnosis.get("data_fingerprint") != fingerprint:
        raise DataError(
            f"Run {request.run_id!r} was split from other data, schema or split settings than it is "
            f"given now ({request.source}; see {request.locations.diagnosis}): start a new run."
        )
    return _summary(request.locations, diagnosis)


def split_files(
    files: Sequence[RawFile],
    columns: Sequence[Column],
    settings: SplitSettings,
    target: SplitFiles,
    *,
    subject: str,
    now: int,
) -> dict[str, Any]:
    """Read, check, split and write local files; returns the diagnosis without what only a run knows.

    Deletes each raw file that lies in the target's folder once all are read, to make room there.
    """
    frame = read_interactions(files, columns, subject)
    for file in files:
        if target.folder in file.path.parents:
            file.path.unlink()
    events = histories(frame)
    cut = split(events, settings)
    measures = Measures(events, cut)
    refuse(subject, training_problems(measures, settings))
    diagnosis = diagnose(measures, settings, now)
    write_csv(frame, events.order[~cut.held], columns, target.train)
    write_parquet(frame, events.order[cut.held], columns, target.holdout)
    write_queries(frame[USER_ID].cat.categories[measures.query_users].tolist(), target.queries)
    return diagnosis


def source_objects(client: S3Client, source: S3Location) -> list[S3Object]:
    """The raw objects: the one that the location names, or those on the first level below its prefix.

    Names that begin with `_` or `.` are not data. Raises DataError when nothing is left.
    """
    prefix = source.key
    whole_folder = not prefix or prefix.endswith("/")
    found = [
        item
        for item in list_objects(client, source)
        if item.location.key == prefix
        or (
            whole_folder
            and "/" not in (name := item.location.key[len(prefix) :])
            and not name.startswith(_HIDDEN)
        )
    ]
    if not found:
        remedy = (
            "Copy the interactions there, as CSV or Parquet (folders below the prefix are not read)."
            if whole_folder
            else "Name an existing object, or end the location in / to read all files below a prefix."
        )
        refuse("The interactions", [Problem(str(source), "there is no file", remedy)])
    return found


def data_fingerprint(sources: Sequence[S3Object], request: SplitRequest) -> str:
    """SHA-256, in hex, of what decides a split: the objects' keys, tags and sizes, columns, settings."""
    facts = [
        [[str(item.location), item.etag, item.size] for item in sources],
        [[column.name, column.type, column.nullable] for column in request.columns],
        [request.split.method, request.split.fraction],
    ]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def _split(
    client: S3Client,
    request: SplitRequest,
    sources: Sequence[S3Object],
    fingerprint: str,
    *,
    folder: Path,
    now: int,
) -> dict[str, Any]:
    """Do the work and upload it, the diagnosis last."""
    size = sum(item.size for item in sources)
    try:
        files = _download(client, sources, size, folder)
        target = SplitFiles(folder)
        subject = f"The interactions at {request.source}"
        found = split_files(files, request.columns, request.split, target, subject=subject, now=now)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        raise TaskError(f"The temporary storage is full: {_MORE_STORAGE}.") from error
    upload(
        client,
        target.train,
        request.locations.train / "interactions/interactions.csv",
        content_type="text/csv",
    )
    upload(client, target.holdout, request.locations.holdout / "interactions.parquet")
    upload(
        client, target.queries, request.locations.queries / "users.jsonl", content_type="application/x-ndjson"
    )
    diagnosis = {
        "schema_version": SCHEMA_VERSION,
        "scenario": request.scenario,
        "run_id": request.run_id,
        "data_fingerprint": fingerprint,
        "source": {"location": str(request.source), "files": len(sources), "bytes": size},
        **found,
    }
    write_json(client, request.locations.diagnosis, diagnosis)
    return diagnosis


def _download(client: S3Client, sources: Sequence[S3Object], size: int, folder: Path) -> list[RawFile]:
    free = shutil.disk_usage(folder).free
    if size > free:
        raise TaskError(
            f"The raw interactions have {size >> 20:,} MB and the temporary storage {free >> 20:,} MB: "
            f"{_MORE_STORAGE}."
        )
    files = []
    for number, item in enumerate(sources):
        file = RawFile(path=folder / "raw" / str(number), name=str(item.location))
        download(client, item.location, file.path)
        files.append(file)
    return files


def _summary(locations: RunLocations, diagnosis: dict[str, Any]) -> dict[str, Any]:
    counts = diagnosis["counts"]
    numbers = ("train_interactions", "holdout_interactions", "users", "items", "query_users")
    return {
        "train": str(locations.train / "interactions/"),
        "holdout": str(locations.holdout),
        "queries": str(locations.queries),
        "recommendations": str(locations.recommendations),
        "diagnosis": str(locations.diagnosis),
        **{name: counts[name] for name in numbers},
        "data_fingerprint": diagnosis["data_fingerprint"],
    }
