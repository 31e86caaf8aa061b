"""The task: fetch a run's files, measure, write the report. Files first, `metrics.json` last, `latest/` after."""

from __future__ import annotations

import errno
import hashlib
import json
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from lambdas.evaluate.documents import metrics_document
from lambdas.evaluate.evaluation import Evaluation, evaluate_files
from lambdas.evaluate.page.content import page_of
from lambdas.evaluate.page.render import render
from lambdas.evaluate.results import RunResults
from lambdas.evaluate.service_metrics import solution_metrics
from lambdas.evaluate.tables import write_metrics_csv, write_per_user_parquet
from lambdas.evaluate.verdict import decide
from lambdas.shared.errors import DataError, TaskError
from lambdas.shared.locations import S3Location
from lambdas.shared.storage import S3Client, download, list_objects, read_json, upload

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lambdas.evaluate.request import EvaluateRequest

METRICS_JSON = "metrics.json"
METRICS_CSV = "metrics.csv"
PER_USER = "per_user.parquet"
REPORT = "report.html"

_CONTENT_TYPES = {
    REPORT: "text/html; charset=utf-8",
    METRICS_CSV: "text/csv; charset=utf-8",
    PER_USER: "application/vnd.apache.parquet",
    METRICS_JSON: "application/json",
}


def evaluate_run(request: EvaluateRequest, s3: S3Client, personalize: Any) -> dict[str, Any]:
    """Measure a run and write its report; returns the summary for the state machine.

    Raises DataError when files of the run are missing or unusable; errors of the services pass through.
    """
    with TemporaryDirectory() as folder:
        work = Path(folder)
        evaluation = _measure(request, s3, work)
        arn = request.solution_version_arn
        results = RunResults(
            request=request,
            evaluation=evaluation,
            verdict=decide(evaluation, request.model_name),
            service_metrics=solution_metrics(personalize, arn) if arn else None,
            diagnosis=read_json(s3, request.diagnosis) if request.diagnosis else None,
        )
        written = write_report(work / "report", results)
        for target in (request.locations.report, request.locations.latest):
            for path in written:
                upload(s3, path, target / path.name, content_type=_CONTENT_TYPES[path.name])
    return _summary(results)


def write_report(folder: Path, results: RunResults) -> tuple[Path, ...]:
    """Write the four files into a folder; returns them in the order in which they must be published.

    metrics.json is the last: it holds size and SHA-256 of the others, so that a reader who finds it can tell
    whether the files beside it belong to it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    report, table, users = folder / REPORT, folder / METRICS_CSV, folder / PER_USER
    report.write_text(render(page_of(results)), encoding="utf-8")
    write_metrics_csv(table, results.request, results.evaluation)
    write_per_user_parquet(users, results.request, results.evaluation)
    others = (report, table, users)
    files = {path.name: _fingerprint(path) for path in others}
    text = json.dumps(metrics_document(results, files), indent=2, ensure_ascii=False, allow_nan=False)
    (folder / METRICS_JSON).write_text(text, encoding="utf-8")
    return (*others, folder / METRICS_JSON)


def _measure(request: EvaluateRequest, s3: S3Client, work: Path) -> Evaluation:
    """Fetch train, held-out and recommended files and evaluate them; the files are gone afterwards."""
    with TemporaryDirectory(dir=work) as folder:
        inputs = Path(folder)
        with _room_is_named():
            train = _fetch(s3, request.train, inputs / "train", ".csv")
            holdout = _fetch(s3, request.holdout, inputs / "holdout", ".parquet")
            answers = _fetch(s3, request.recommendations, inputs / "recommendations", ".out")
        return evaluate_files(train, holdout, sorted(answers.iterdir()), request.settings)


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


def _fingerprint(path: Path) -> dict[str, Any]:
    with path.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    return {"bytes": path.stat().st_size, "sha256": digest}


def _summary(results: RunResults) -> dict[str, Any]:
    verdict, locations = results.verdict, results.request.locations
    return {
        "outcome": verdict.outcome.value,
        "verdict": verdict.sentence,
        "report": str(locations.report / REPORT),
        "metrics": str(locations.report / METRICS_JSON),
        "primary": verdict.as_document(),
        "users": results.evaluation.data.n_users,
    }
