"""The files of a run, brought from S3 to the function's temporary storage."""

from __future__ import annotations

import errno
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from lambdas.evaluate.exploration import exploration_weights
from lambdas.evaluate.inputs import InputFiles
from lambdas.shared.errors import DataError, TaskError
from lambdas.shared.storage import S3Client, download, list_objects, read_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lambdas.evaluate.request import EvaluateRequest
    from lambdas.shared.locations import S3Location


def fetch_inputs(request: EvaluateRequest, s3: S3Client, folder: Path) -> InputFiles:
    """Download what the request names. Raises DataError for what is missing, TaskError when there is no room."""

    def prefix(location: S3Location | None, name: str, suffix: str) -> Path | None:
        return None if location is None else _fetch(s3, location, folder / name, suffix)

    def single(location: S3Location | None, name: str) -> Path | None:
        if location is None:
            return None
        if location.key.endswith("/"):  # the folder that holds nothing but this file
            return next(_fetch(s3, location, folder / name, ".parquet").iterdir())
        download(s3, location, folder / name)
        return folder / name

    with _room_is_named():
        return InputFiles(
            train=prefix(request.train, "train", ".csv"),
            holdout=prefix(request.holdout, "holdout", ".parquet"),
            answers={
                variant.name: sorted(
                    _fetch(s3, variant.recommendations, folder / f"answers-{number}", ".out").iterdir()
                )
                for number, variant in enumerate(request.variants)
                if variant.recommendations is not None
            },
            catalogue=single(request.catalogue, "items.parquet"),
            user_causes=single(request.user_causes, "user_causes.parquet"),
            causes=read_json(s3, request.causes) if request.causes else {},
            replay=single(request.replay, "lists.parquet"),
            exploration=exploration_weights(request.variants),
        )


@contextmanager
def _room_is_named() -> Iterator[None]:
    """Say what to do when the function's temporary storage is too small for the run's files."""
    try:
        yield
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        raise TaskError(
            "The temporary storage is full: give evaluate more ephemeral_storage_mb in the settings."
        ) from error


def _fetch(s3: S3Client, prefix: S3Location, folder: Path, suffix: str) -> Path:
    """Download the objects below a prefix whose keys end in `suffix` (a batch job also writes `_CHECK`)."""
    found = [item.location for item in list_objects(s3, prefix) if item.location.key.endswith(suffix)]
    if not found:
        raise DataError(
            f"There is no {suffix} file below {prefix}. Check that the step which writes it has run for this run "
            "id (split_data for train and holdout, the batch inference job for recommendations)."
        )
    for number, location in enumerate(found):
        # Two folders below the prefix may hold files of one name; the number keeps them and their order.
        download(s3, location, folder / f"{number:05d}-{Path(location.key).name}")
    return folder
