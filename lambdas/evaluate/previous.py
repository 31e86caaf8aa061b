"""What has changed since the run before. Nothing that is wrong with earlier runs ends this one: it is told."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from botocore.exceptions import BotoCoreError, ClientError

from lambdas.evaluate.documents import metrics_document
from lambdas.evaluate.earlier_runs import EarlierRun, find_earlier
from lambdas.evaluate.run_date import moment_text
from lambdas.evaluate.user_table import user_blocks
from lambdas.reports.comparison.compare import compare
from lambdas.reports.comparison.run import USERS_FILE, UnreadableRunError, parse_run
from lambdas.reports.comparison.user_values import users_in, users_of
from lambdas.shared.errors import TaskError
from lambdas.shared.storage import S3Client, download

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from lambdas.evaluate.results import RunResults
    from lambdas.reports.comparison.changes import Comparison
    from lambdas.reports.comparison.run import ListKey, MetricKey
    from lambdas.reports.comparison.user_values import UserValues

_TROUBLE = (TaskError, ClientError, BotoCoreError, OSError)


@dataclass(frozen=True, slots=True)
class Previous:
    """What is known of the run before.

    comparison: with it; None when there is none that can be compared. notes: what was passed over, in sentences.
    """

    comparison: Comparison | None = None
    notes: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """What has changed; empty without a comparison."""
        return self.comparison.sentence if self.comparison else ""

    def as_document(self) -> dict[str, Any] | None:
        """The comparison as a member of metrics.json."""
        return self.comparison.as_document() if self.comparison else None


def with_previous(results: RunResults, s3: S3Client, folder: Path) -> RunResults:
    """The results with the time of the run's first evaluation, and with what has changed since the run before.

    folder: where the earlier run's values of users are put, a file as large as this run's.
    """
    try:
        search = find_earlier(s3, results.request.locations, datetime.now(UTC))
    except _TROUBLE as error:
        return replace(results, previous=Previous(notes=(f"Earlier runs cannot be looked for: {error}",)))
    dated = replace(results, evaluated_at=moment_text(search.evaluated_at))
    if search.earlier is None:
        return replace(dated, previous=Previous(notes=search.notes) if search.notes else None)
    try:
        found = _compared(dated, search.earlier, s3, folder)
    except UnreadableRunError as error:
        return replace(dated, previous=Previous(notes=(*search.notes, str(error))))
    return replace(dated, previous=Previous(found, search.notes))


def _compared(results: RunResults, earlier: EarlierRun, s3: S3Client, folder: Path) -> Comparison:
    request = results.request
    document = json.dumps(metrics_document(results, {}), ensure_ascii=False, allow_nan=False)
    run = parse_run(document, f"run {request.run_id}")
    blocks = (pa.table(block) for block in user_blocks(request.run_id, results.evaluation))
    return compare(earlier.run, run, (partial(_earlier_users, s3, earlier, folder), users_of(blocks, run)))


def _earlier_users(
    s3: S3Client, earlier: EarlierRun, folder: Path, wanted: Mapping[ListKey, Sequence[MetricKey]]
) -> UserValues:
    """Fetched when they are asked for: runs with nothing in common need none."""
    try:
        download(s3, earlier.folder / USERS_FILE, folder / USERS_FILE)
    except _TROUBLE as error:
        raise UnreadableRunError(str(error)) from error
    try:
        return users_in(folder, earlier.run)(wanted)
    finally:
        (folder / USERS_FILE).unlink()
