"""The programs behind report_pages: pages made by the tasks, in memory that stands for S3; results printed as JSON.

python -m benchmarks.pages run DATA FOLDER
python -m benchmarks.pages index METRICS FOLDER
"""

from __future__ import annotations

import json
import os
import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar
from unittest import mock

import boto3
from moto import mock_aws

from benchmarks.many_runs import MemoryStore, many_runs
from lambdas.evaluate import task
from lambdas.evaluate.documents import metrics_document
from lambdas.evaluate.page.content import page_of
from lambdas.evaluate.page.render import render_run
from lambdas.evaluate.request import EvaluateRequest
from lambdas.evaluate.results import RunResults
from lambdas.evaluate.tables import write_metrics_csv, write_per_user_parquet
from lambdas.reports.index.page import render_index
from lambdas.reports.index.publishing import publish_index
from lambdas.split_data.request import SplitRequest
from lambdas.split_data.task import split_data

_DATA, _REPORTS = "data", "reports"
_TEXT = {"type": "string"}
_SCHEMAS = {
    "interactions": [
        {"name": "USER_ID", **_TEXT},
        {"name": "ITEM_ID", **_TEXT},
        {"name": "TIMESTAMP", "type": "long"},
    ],
    "items": [
        {"name": "ITEM_ID", **_TEXT},
        {"name": "TITLE", **_TEXT},
        {"name": "GENRES", **_TEXT, "categorical": True},
    ],
}
_STAGES = {"Split data": 41, "interactions import": 1260, "solution version": 7400, "batch inference": 2900}
_KEYS = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_DEFAULT_REGION": "us-east-1"}
_T = TypeVar("_T")


def run(data: Path, folder: Path) -> dict[str, Any]:
    """Judge a run, and the same again as the next run, whose page then tells of the one before.

    Leaves the reports in FOLDER. Returns seconds of each file's making, and the peak of the page's own memory in bytes.
    """
    with mock.patch.dict(os.environ, _KEYS), mock_aws():
        s3 = boto3.client("s3")
        for bucket in (_DATA, _REPORTS):
            s3.create_bucket(Bucket=bucket)
        for name in _SCHEMAS:
            s3.upload_file(str(data / f"{name}.csv"), _DATA, f"raw/{name}/{name}.csv")
        for run_id in ("first", "second"):
            results = _evaluated(s3, run_id, data / "answers.jsonl.out")
        for entry in s3.list_objects_v2(Bucket=_REPORTS, Prefix="reports/hrnn/second/")["Contents"]:
            s3.download_file(_REPORTS, entry["Key"], str(folder / Path(entry["Key"]).name))
    tracemalloc.start()
    render_run(page_of(results))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return {"peak": peak, "seconds": _seconds(results)}


def _evaluated(s3: Any, run_id: str, answers: Path) -> RunResults:
    """Split, put the answers where a batch job would, judge; what the report was made from."""
    names = {"scenario": "hrnn", "run_id": run_id, "data_bucket": _DATA, "reports_bucket": _REPORTS}
    datasets = {
        name: {"location": f"s3://{_DATA}/raw/{name}/", "schema": {"fields": fields}}
        for name, fields in _SCHEMAS.items()
    }
    with TemporaryDirectory() as work:
        request = SplitRequest.of({**names, **datasets, "split": {"method": "per_user", "fraction": 0.1}})
        split = split_data(s3, request, Path(work), int(time.time()))
    s3.upload_file(str(answers), _DATA, f"runs/hrnn/{run_id}/recommendations/users.jsonl.out")
    facts = {
        "recipe_arn": "arn:aws:personalize:::recipe/aws-user-personalization-v2",
        "stages": [{"stage": stage, "seconds": seconds} for stage, seconds in _STAGES.items()],
    }
    event = {**split, **names, "evaluation": {}, "facts": facts}
    kept: list[RunResults] = []

    def keeping(folder: Path, results: RunResults) -> tuple[Path, ...]:
        kept.append(results)
        return written(folder, results)

    written = task.write_report
    with mock.patch.object(task, "write_report", keeping):
        task.evaluate_run(EvaluateRequest.parse(event), s3, None)
    return kept[0]


def _seconds(results: RunResults) -> dict[str, float]:
    """How long the making of each file of a report takes."""
    request, found = results.request, results.evaluation
    with TemporaryDirectory() as work:
        path = Path(work) / "file"
        makers: dict[str, Callable[[], object]] = {
            "report.html": lambda: render_run(page_of(results)),
            "metrics.csv": lambda: write_metrics_csv(path, request, found),
            "per_user.parquet": lambda: write_per_user_parquet(path, request, found),
            "metrics.json": lambda: json.dumps(metrics_document(results, {}), indent=2),
        }
        return {name: _timed(make)[1] for name, make in makers.items()}


def index(metrics: Path, folder: Path) -> dict[str, Any]:
    """The page of a thousand runs: all of them new, then all of them known, and the page alone."""
    store = MemoryStore(many_runs(json.loads(metrics.read_text())))
    published, new = _timed(lambda: publish_index(store))
    _, known = _timed(lambda: publish_index(store))
    page, rendering = _timed(lambda: render_index(published.gathered.entries))
    (folder / "index.html").write_text(page, encoding="utf-8")
    return {
        "runs": len(published.gathered.entries),
        "cache": len(store.read("index.json") or b""),
        "seconds": {"new": new, "known": known, "page": rendering},
    }


def _timed(make: Callable[[], _T]) -> tuple[_T, float]:
    started = time.perf_counter()
    made = make()
    return made, time.perf_counter() - started


if __name__ == "__main__":
    program = {"run": run, "index": index}[sys.argv[1]]
    print(json.dumps(program(Path(sys.argv[2]), Path(sys.argv[3]))))
