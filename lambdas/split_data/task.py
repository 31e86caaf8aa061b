"""The task: raw data in S3 to a split in S3, sealed by its diagnosis."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING, Any

from lambdas.shared.errors import DataError, TaskError
from lambdas.shared.storage import S3Client, find_json, upload, write_json
from lambdas.split_data import outputs
from lambdas.split_data.diagnosis import SCHEMA_VERSION
from lambdas.split_data.entities import RawTable
from lambdas.split_data.local_split import Extras, split_files
from lambdas.split_data.outputs import OUTPUTS, Output, SplitFiles
from lambdas.split_data.problems import Notice, warning_documents
from lambdas.split_data.sources import MORE_STORAGE, Source, data_fingerprint, download_all, find_source

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from lambdas.split_data.request import RawData, SplitRequest

__all__ = ["SplitFiles", "split_data", "split_files"]


def split_data(client: S3Client, request: SplitRequest, folder: Path, now: int) -> dict[str, Any]:
    """Split the request's data, once per run: the same request again returns what is there.

    `folder` is an empty local folder to work in, `now` the time in Unix seconds. Returns the summary that
    travels through the state machine. Raises DataError when the data cannot be used or changed under the run.
    """
    sources, missing = _sources(client, request)
    for data in missing:
        request = request.without(data)
    fingerprint = data_fingerprint(sources, request)
    diagnosis = find_json(client, request.locations.diagnosis)
    if diagnosis is None:
        diagnosis = _split(client, request, sources, fingerprint, folder=folder, now=now)
        diagnosis["warnings"] += warning_documents(map(_no_file, missing))
        write_json(client, request.locations.diagnosis, diagnosis)
    elif diagnosis.get("data_fingerprint") != fingerprint:
        raise DataError(
            f"Run {request.run_id!r} was split from other data, schema or split settings than it is "
            f"given now ({', '.join(str(data.source) for data in request.data)}; see "
            f"{request.locations.diagnosis}): start a new run."
        )
    return _summary(request, diagnosis)


def _sources(client: S3Client, request: SplitRequest) -> tuple[list[Source], list[RawData]]:
    """Where the datasets lie, and those that have no file and need none."""
    found = [(data, find_source(client, data)) for data in request.data]
    missing = [data for data, source in found if source is None]
    return [source for _, source in found if source is not None], missing


def _no_file(data: RawData) -> Notice:
    return Notice(
        "missing_dataset",
        1,
        f"dataset of the settings has no file: the {data.dataset} at {data.source}. Reports show ids instead of "
        "titles; upload them, or leave them out of the settings",
    )


def _split(
    client: S3Client,
    request: SplitRequest,
    sources: Sequence[Source],
    fingerprint: str,
    *,
    folder: Path,
    now: int,
) -> dict[str, Any]:
    """Do the work and upload all but the diagnosis, which is returned."""
    target = SplitFiles(folder)
    interactions = sources[0]
    try:
        files = download_all(client, sources, folder)
        tables = {
            source.data.dataset: RawTable(source.data.dataset, raw, source.data.columns, source.subject)
            for source, raw in zip(sources, files, strict=True)
        }
        found = split_files(
            files[0],
            interactions.data.columns,
            request.split,
            target,
            subject=interactions.subject,
            now=now,
            extras=Extras(
                items=tables.get("items"),
                users=tables.get("users"),
                queries=request.queries,
                pairs=request.pairs,
                needs_features=request.needs_features,
            ),
        )
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        raise TaskError(f"The temporary storage is full: {MORE_STORAGE}.") from error
    for output in OUTPUTS:
        if target.path(output).is_file():
            place = output.place(request.locations)
            upload(client, target.path(output), place, content_type=output.content_type)
    for source in sources[1:]:
        found[source.data.dataset] = {"source": source.document(), **found[source.data.dataset]}
    return {
        "schema_version": SCHEMA_VERSION,
        "scenario": request.scenario,
        "run_id": request.run_id,
        "data_fingerprint": fingerprint,
        "source": interactions.document(),
        **found,
    }


def _summary(request: SplitRequest, diagnosis: dict[str, Any]) -> dict[str, Any]:
    """Where everything is (None for what this split has not) and how large."""
    locations, counts = request.locations, diagnosis["counts"]

    def place(output: Output, *, when: bool) -> str | None:
        return str(output.place(locations)) if when else None

    of_items = request.queries.kind == "items"
    numbers = ("train_interactions", "holdout_interactions", "users", "items", "query_users")
    return {
        "train": str(locations.train / "interactions/"),
        "items_train": str(locations.train / "items/") if request.items else None,
        "users_train": str(locations.train / "users/") if request.users else None,
        "catalogue": place(outputs.CATALOGUE, when=request.items is not None),
        "holdout": str(locations.holdout),
        # A batch job reads all that begins with its input path, and the causes are no input.
        "queries": place(outputs.ITEM_QUERIES, when=True) if of_items else str(locations.queries),
        "user_causes": place(outputs.USER_CAUSES, when=of_items),
        "causes": place(outputs.CAUSES, when=of_items),
        "pairs": place(outputs.PAIRS, when=request.pairs is not None),
        "recommendations": str(locations.recommendations),
        "diagnosis": str(locations.diagnosis),
        **{name: counts[name] for name in numbers},
        "cold_items": counts.get("cold_items"),
        "data_fingerprint": diagnosis["data_fingerprint"],
    }
