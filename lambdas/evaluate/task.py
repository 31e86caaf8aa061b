"""The task: fetch a run's files, measure, write the report.

Files first, `metrics.json` after them, then the tables for SQL, and `latest/` last.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from lambdas.evaluate.cost import Cost, estimate_cost
from lambdas.evaluate.documents import metrics_document, users_evaluated
from lambdas.evaluate.fetching import fetch_inputs
from lambdas.evaluate.inputs import Measured, measure
from lambdas.evaluate.message import message_of
from lambdas.evaluate.page.content import page_of
from lambdas.evaluate.page.render import render_run
from lambdas.evaluate.previous import with_previous
from lambdas.evaluate.replay import Replay
from lambdas.evaluate.replay_verdict import decide_replay
from lambdas.evaluate.results import RunResults
from lambdas.evaluate.run_date import run_date
from lambdas.evaluate.service_metrics import metrics_of_variants
from lambdas.evaluate.tables import write_metrics_csv, write_per_user_parquet, write_tables
from lambdas.evaluate.usage import usage_of_run
from lambdas.evaluate.verdict import decide
from lambdas.reports.comparison.page import Links, render_comparison
from lambdas.reports.run_folder import COMPARISON_PAGE
from lambdas.shared import result_tables
from lambdas.shared.console import has_console
from lambdas.shared.storage import S3Client, read_json, upload

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from lambdas.evaluate.request import EvaluateRequest
    from lambdas.shared.locations import S3Location
    from lambdas.shared.result_tables import ResultTable

METRICS_JSON = "metrics.json"
METRICS_CSV = "metrics.csv"
PER_USER = "per_user.parquet"
REPORT = "report.html"

_CONTENT_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".parquet": "application/vnd.apache.parquet",
    ".json": "application/json",
}


def evaluate_run(request: EvaluateRequest, s3: S3Client, personalize: Any) -> dict[str, Any]:
    """Measure a run and write its report; returns the summary for the state machine.

    Raises DataError when files of the run are missing or unusable; errors of the services pass through.
    """
    dated = run_date(s3, request.locations.report / METRICS_JSON)
    with TemporaryDirectory() as folder:
        work = Path(folder)
        measured = _measure(request, s3, work)
        diagnosis = read_json(s3, request.diagnosis) if request.diagnosis else None
        results = results_of(
            request,
            measured,
            service_metrics=metrics_of_variants(personalize, request.variants),
            diagnosis=diagnosis,
            cost=_cost(request, measured, diagnosis, s3, personalize),
            run_date=dated,
        )
        results = with_previous(results, s3, work / "previous")
        written = write_report(work / "report", results)
        tables = _tables(work / "tables", written)
        _publish(s3, written, request.locations.report)
        for table, path in tables.items():
            upload(
                s3, path, request.locations.in_table(table, dated), content_type=_CONTENT_TYPES[path.suffix]
            )
        _publish(s3, written, request.locations.latest)
    return _summary(results)


def results_of(request: EvaluateRequest, measured: Measured, **known: Any) -> RunResults:
    """The results with their verdict. `known`: further members of RunResults."""
    found = measured.comparison
    verdict = decide_replay(found) if isinstance(found, Replay) else decide(found, request.model_name)
    return RunResults(request, found, verdict, catalogue=measured.catalogue, **known)


def write_report(folder: Path, results: RunResults) -> tuple[Path, ...]:
    """Write the files into a folder; returns them in the order in which they must be published.

    There is a comparison.html where there is a run before to compare with. metrics.json is the last: it holds size
    and SHA-256 of the others, so that a reader who finds it can tell whether the files beside it belong to it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    report, table, users = folder / REPORT, folder / METRICS_CSV, folder / PER_USER
    report.write_text(render_run(page_of(results)), encoding="utf-8")
    write_metrics_csv(table, results.request, results.evaluation)
    write_per_user_parquet(users, results.request, results.evaluation)
    others = (report, *_comparison(folder, results), table, users)
    files = {path.name: _fingerprint(path) for path in others}
    text = json.dumps(metrics_document(results, files), indent=2, ensure_ascii=False, allow_nan=False)
    (folder / METRICS_JSON).write_text(text, encoding="utf-8")
    return (*others, folder / METRICS_JSON)


def _comparison(folder: Path, results: RunResults) -> Iterator[Path]:
    """The page that compares with the run before, if there is one; it lies in a folder beside this run's."""
    found = results.previous.comparison if results.previous else None
    if found:
        page = folder / COMPARISON_PAGE
        links = Links(then=f"../{found.then.run_id}/{REPORT}", now=REPORT)
        page.write_text(render_comparison(found, links), encoding="utf-8")
        yield page


def _tables(folder: Path, report: Sequence[Path]) -> dict[ResultTable, Path]:
    """The run's file of every table. The row in `runs` is the last: who finds it finds the others."""
    files = {path.name: path for path in report}
    document = json.loads(files[METRICS_JSON].read_text(encoding="utf-8"))
    whole = {result_tables.PER_USER: files[PER_USER], result_tables.METRICS_CSV: files[METRICS_CSV]}
    return whole | write_tables(folder, document)


def _publish(s3: S3Client, files: Sequence[Path], target: S3Location) -> None:
    for path in files:
        upload(s3, path, target / path.name, content_type=_CONTENT_TYPES[path.suffix])


def _measure(request: EvaluateRequest, s3: S3Client, work: Path) -> Measured:
    """Fetch the run's files and measure; the files are gone afterwards."""
    with TemporaryDirectory(dir=work) as folder:
        files = fetch_inputs(request, s3, Path(folder))
        return measure(files, request.settings, request.design)


def _cost(
    request: EvaluateRequest,
    measured: Measured,
    diagnosis: Mapping[str, Any] | None,
    s3: S3Client,
    personalize: Any,
) -> Cost | None:
    if request.prices is None:
        return None
    usage = usage_of_run(request, measured.comparison, diagnosis, s3, personalize)
    return estimate_cost(usage, request.prices, charged=has_console())


def _fingerprint(path: Path) -> dict[str, Any]:
    with path.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    return {"bytes": path.stat().st_size, "sha256": digest}


def _summary(results: RunResults) -> dict[str, Any]:
    verdict, locations = results.verdict, results.request.locations
    since = results.previous.sentence if results.previous else ""
    message = message_of(results, locations.report / REPORT, linked=has_console(), since=since)
    return {
        "outcome": verdict.outcome.value,
        "verdict": verdict.sentence,
        "report": str(locations.report / REPORT),
        "metrics": str(locations.report / METRICS_JSON),
        "primary": verdict.as_document(),
        "users": users_evaluated(results.evaluation),
        "subject": message.subject,
        "message": message.text,
    }
