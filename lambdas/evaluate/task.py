"""The task: fetch a run's files, measure, write the report. Files first, `metrics.json` last, `latest/` after."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from lambdas.evaluate.documents import metrics_document, users_evaluated
from lambdas.evaluate.fetching import fetch_inputs
from lambdas.evaluate.inputs import Measured, measure
from lambdas.evaluate.page.content import page_of
from lambdas.evaluate.page.render import render
from lambdas.evaluate.replay import Replay
from lambdas.evaluate.replay_verdict import decide_replay
from lambdas.evaluate.results import RunResults
from lambdas.evaluate.service_metrics import metrics_of_variants
from lambdas.evaluate.tables import write_metrics_csv, write_per_user_parquet
from lambdas.evaluate.verdict import decide
from lambdas.shared.storage import S3Client, read_json, upload

if TYPE_CHECKING:
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
        measured = _measure(request, s3, work)
        results = results_of(
            request,
            measured,
            service_metrics=metrics_of_variants(personalize, request.variants),
            diagnosis=read_json(s3, request.diagnosis) if request.diagnosis else None,
        )
        written = write_report(work / "report", results)
        for target in (request.locations.report, request.locations.latest):
            for path in written:
                upload(s3, path, target / path.name, content_type=_CONTENT_TYPES[path.name])
    return _summary(results)


def results_of(request: EvaluateRequest, measured: Measured, **known: Any) -> RunResults:
    """The results with their verdict. `known`: further members of RunResults."""
    found = measured.comparison
    verdict = decide_replay(found) if isinstance(found, Replay) else decide(found, request.model_name)
    return RunResults(request, found, verdict, catalogue=measured.catalogue, **known)


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


def _measure(request: EvaluateRequest, s3: S3Client, work: Path) -> Measured:
    """Fetch the run's files and measure; the files are gone afterwards."""
    with TemporaryDirectory(dir=work) as folder:
        files = fetch_inputs(request, s3, Path(folder))
        return measure(files, request.settings, request.design)


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
        "users": users_evaluated(results.evaluation),
    }
