"""The date by which a run's rows are kept: that of its first evaluation, so that a later one replaces them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from lambdas.shared.errors import DataError
from lambdas.shared.storage import find_json

if TYPE_CHECKING:
    from lambdas.shared.locations import S3Location
    from lambdas.shared.storage import S3Client


def moment_text(moment: datetime) -> str:
    """A moment as files tell it: `2026-11-24T07:41:06.123Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def this_moment() -> str:
    """The present moment."""
    return moment_text(datetime.now(UTC))


def today() -> str:
    """The UTC date as 2026-11-24."""
    return datetime.now(UTC).date().isoformat()


def run_date(s3: S3Client, metrics: S3Location) -> str:
    """The date in the run's metrics.json, or today when it has none: it is new, or of a version without dates.

    Raises DataError when the file is there and cannot be read.
    """
    document = find_json(s3, metrics)
    known = document.get("run_date") if isinstance(document, dict) else None
    if known is None:
        return today()
    try:
        return date.fromisoformat(known).isoformat()
    except (TypeError, ValueError) as error:
        raise DataError(
            f"{metrics} says run_date {known!r}, which is no date like 2026-11-24: put the date of the run's first "
            "evaluation there, by which its rows in tables/ are found, and run again."
        ) from error
