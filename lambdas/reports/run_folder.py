"""From the files of a run's report folder to its entry: what is there, what it says, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from lambdas.reports.estimates import Difference, Estimate
from lambdas.reports.reading import DocumentError, Members
from lambdas.reports.runs import (
    FailedAttempt,
    MainComparison,
    RunEntry,
    RunResult,
    Status,
    cost_of,
    estimate,
)

METRICS_FILE = "metrics.json"
REPORT_PAGE = "report.html"
COMPARISON_PAGE = "comparison.html"
_FAILURE_PREFIX, _FAILURE_SUFFIX = "failure-", ".json"

# A folder with none of these is not a run's.
_OF_A_RUN = {
    METRICS_FILE,
    REPORT_PAGE,
    COMPARISON_PAGE,
    "metrics.csv",
    "per_user.parquet",
    "replayed_users.json",
}
_READABLE_VERSIONS = ("1", "2")
_AGAIN = "start an execution with the same run_id: it makes the report again and trains nothing twice"


@dataclass(frozen=True, slots=True)
class RunFile:
    """A file of a run's folder: its name in it, its size in bytes, its entity tag, and when it was written."""

    name: str
    size: int
    etag: str
    modified: datetime


def is_run_file(name: str) -> bool:
    """Whether a file of this name makes a folder a run's."""
    return name in _OF_A_RUN or is_failure(name)


def is_failure(name: str) -> bool:
    """Whether a file of this name tells of a failed attempt."""
    return name.startswith(_FAILURE_PREFIX) and name.endswith(_FAILURE_SUFFIX)


def documents(files: Sequence[RunFile]) -> list[RunFile]:
    """The files of a folder that must be read to make its entry."""
    return [file for file in files if file.name == METRICS_FILE or is_failure(file.name)]


def run_entry(
    scenario: str, run_id: str, files: Sequence[RunFile], read: Callable[[RunFile], bytes]
) -> RunEntry:
    """The entry of a folder, whose broken and missing files are told in it. Errors of `read` pass through."""
    notes: list[str] = []
    failures, metrics = list(_failures(files, read, notes)), _find(files, METRICS_FILE)
    result, started_at, by = None, None, None
    if metrics:
        try:
            document = Members.parse(read(metrics))
            result = result_of(document)
            _check_identity(document, scenario, run_id)
            facts = document.members("facts")
            started_at, by = _time_in(facts, "started_at"), facts.content.get("execution_arn")
            notes += _wrong_files(document, files)
        except DocumentError as error:
            result = None
            notes.append(f"{METRICS_FILE} cannot be read: {error}. To mend it, {_AGAIN}.")
    status = _status(metrics, result, failures, by)
    if status is Status.UNFINISHED:
        notes.append(
            f"There is no {METRICS_FILE}: the run is still at work, or it was stopped. If it was stopped, {_AGAIN}."
        )
    newest = max(
        (file.modified for file in documents(files) or files), default=datetime.fromtimestamp(0, UTC)
    )
    return RunEntry(
        scenario=scenario,
        run_id=run_id,
        status=status,
        ended_at=iso(newest),
        started_at=started_at,
        result=result,
        failures=tuple(failures),
        pages=tuple(page for page in (REPORT_PAGE, COMPARISON_PAGE) if _find(files, page)),
        notes=tuple(notes),
    )


def iso(moment: datetime) -> str:
    """A time in UTC to the second, as all times of entries are written: they sort as texts."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def result_of(document: Members) -> RunResult:
    """What a metrics.json of any readable version says. Raises DocumentError."""
    version = document.text("schema_version")
    if version.split(".", maxsplit=1)[0] not in _READABLE_VERSIONS:
        readable = " and ".join(f"{major}.x" for major in _READABLE_VERSIONS)
        raise DocumentError(
            f"it has version {version}, and this version of Personalize Pipelines reads {readable}: deploy a later one"
        )
    users, cost = document.members("users"), document.members_or_none("cost")
    return RunResult(
        outcome=document.text("outcome"),
        verdict=document.text("verdict"),
        # Version 1.0 knew one kind and one unnamed variant.
        kind=document.text_or_none("kind") or "users",
        model=document.members("model").text("name"),
        users=users.count("evaluated"),
        primary=_comparison(document),
        cost=cost_of(cost) if cost else None,
    )


def _comparison(document: Members) -> MainComparison:
    primary = document.members("primary")
    metric, _, cutoff = primary.text("metric").partition("@")
    if not cutoff.isdecimal():
        raise DocumentError(f"primary.metric {primary.text('metric')!r} has no cut-off")
    source, baseline = primary.text_or_none("source") or "model", primary.text("baseline")
    rows = [
        row
        for row in document.rows("values")
        if (row.text("metric"), row.count("k")) == (metric, int(cutoff))
    ]
    treatment = primary.text("list")
    return MainComparison(
        metric=metric,
        k=int(cutoff),
        source=source,
        baseline=baseline,
        value=_value(rows, source, treatment) or Estimate(primary.number("value")),
        baseline_value=_value(rows, baseline, treatment) or Estimate(primary.number("baseline_value")),
        difference=Difference(
            estimate(primary, "difference"),
            estimate(primary, "relative_difference", "relative_low", "relative_high"),
        ),
    )


def _value(rows: Sequence[Members], source: str, treatment: str) -> Estimate | None:
    """The value of a source's list; baselines have a single one, whatever it is called."""
    mine = [row for row in rows if row.text("source") == source]
    mine = [row for row in mine if row.text("list") == treatment] or mine
    return estimate(mine[0]) if mine else None


def _failures(
    files: Sequence[RunFile], read: Callable[[RunFile], bytes], notes: list[str]
) -> Iterator[FailedAttempt]:
    """The failed attempts, the newest first; what cannot be read is noted."""
    found = [file for file in files if is_failure(file.name)]
    for file in sorted(found, key=lambda file: (file.modified, file.name), reverse=True):
        try:
            document = Members.parse(read(file))
            yield FailedAttempt(
                at=iso(file.modified),
                stage=document.text("stage"),
                error=document.text("error"),
                reason=document.text("reason"),
                advice=document.text("advice"),
                execution_arn=document.text("execution_arn"),
            )
        except DocumentError as error:
            notes.append(
                f"{file.name} cannot be read: {error}. The history of the execution tells why it failed."
            )
            yield FailedAttempt(iso(file.modified), "", "", "", "", "")


def _status(
    metrics: RunFile | None, result: RunResult | None, failures: Sequence[FailedAttempt], by: object
) -> Status:
    """By what was written last; within a second, an execution that wrote a result and failed did so in this order."""
    if not metrics:
        return Status.FAILED if failures else Status.UNFINISHED
    written, latest = iso(metrics.modified), failures[0] if failures else None
    if latest and (latest.at > written or (latest.at == written and latest.execution_arn == by)):
        return Status.FAILED
    return Status.SUCCEEDED if result else Status.UNREADABLE


def _check_identity(document: Members, scenario: str, run_id: str) -> None:
    """Raises DocumentError when the document was written for another folder, and copied."""
    told = document.text("scenario"), document.text("run_id")
    if told != (scenario, run_id):
        raise DocumentError(f"it belongs to run {told[1]} of {told[0]}")


def _wrong_files(document: Members, files: Sequence[RunFile]) -> Iterator[str]:
    """What metrics.json tells of the files beside it and is not so."""
    sizes: Mapping[str, int] = {file.name: file.size for file in files}
    told = document.members("files")
    for name in told.content:
        expected = told.members(name).count("bytes")
        if name not in sizes:
            yield f"{name} is missing. To have it again, {_AGAIN}."
        elif sizes[name] != expected:
            yield (
                f"{name} has {sizes[name]:,} bytes where {METRICS_FILE} tells of {expected:,}: it is damaged or of "
                f"another attempt. To have it again, {_AGAIN}."
            )


def _time_in(document: Members, name: str) -> str | None:
    """A time, None when there is none that can be read."""
    try:
        return iso(datetime.fromisoformat(str(document.content.get(name))))
    except ValueError:
        return None


def _find(files: Sequence[RunFile], name: str) -> RunFile | None:
    return next((file for file in files if file.name == name), None)
