"""The task: the page of all runs, and the line with which messages tell of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lambdas.reports.index.publishing import PAGE_KEY, publish_index
from lambdas.reports.index.stores import REPORTS_PREFIX, BucketStore
from lambdas.shared.console import object_url
from lambdas.shared.locations import S3Location

if TYPE_CHECKING:
    from lambdas.shared.storage import S3Client


def update_index(s3: S3Client, *, bucket: str, execution_arn: str, linked: bool) -> dict[str, Any]:
    """Write the page; returns its location, a line about it, and how many runs it shows.

    linked: whether the line holds a link into the console, or else the location. Errors of S3 pass through.
    """
    published = publish_index(BucketStore(s3, bucket))
    location = S3Location(bucket, f"{REPORTS_PREFIX}{PAGE_KEY}")
    link = object_url(location, execution_arn) if linked else str(location)
    return {
        "index": str(location),
        "line": f"All runs: {link}",
        "runs": len(published.gathered.entries),
        "turns": published.turns,
    }
