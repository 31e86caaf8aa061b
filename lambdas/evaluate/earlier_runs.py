"""Which run of the scenario came before this one.

It is the run that was evaluated last, of those evaluated before this one was evaluated first. So a run that is
evaluated again is compared with the same run as before, whatever has been evaluated since.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from lambdas.reports.comparison.run import Run, UnreadableRunError, parse_run
from lambdas.reports.run_folder import METRICS_FILE
from lambdas.shared.errors import TaskError
from lambdas.shared.locations import S3Location
from lambdas.shared.storage import S3Client, S3Object, list_objects, read_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lambdas.shared.locations import RunLocations

_LATEST = "latest"
# S3 tells when an object was written to the second.
_CLOCK = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class EarlierRun:
    """The run before, where its report is, and when it was first evaluated."""

    run: Run
    folder: S3Location
    evaluated_at: datetime


@dataclass(frozen=True, slots=True)
class Search:
    """What was found. evaluated_at: of this run, the first time. notes: runs that were passed over, in sentences."""

    evaluated_at: datetime
    earlier: EarlierRun | None
    notes: tuple[str, ...]


def find_earlier(s3: S3Client, locations: RunLocations, now: datetime) -> Search:
    """Look for the run before. now: when this run is evaluated, if it is for the first time.

    A run whose metrics.json cannot be read is passed over. Errors of S3 pass through.
    """
    scenario = S3Location(locations.report.bucket, locations.report.key.removesuffix(f"{locations.run_id}/"))
    reports = dict(_reports(list_objects(s3, scenario), scenario))
    own = reports.pop(locations.run_id, None)
    known = _document(s3, own) if own else {}
    first = _moment(known.get("evaluated_at")) or (own.modified if own else None)
    notes: list[str] = []
    candidates = _Candidates(s3, scenario, reports, notes)
    earlier = candidates.recorded(known) or candidates.newest(first)
    return Search(first or now, earlier, tuple(notes))


def _reports(objects: list[S3Object], scenario: S3Location) -> Iterator[tuple[str, S3Object]]:
    """The metrics.json of every run of the scenario, by the run's id."""
    for each in objects:
        run_id, _, name = each.location.key.removeprefix(scenario.key).partition("/")
        if name == METRICS_FILE and run_id != _LATEST:
            yield run_id, each


def _document(s3: S3Client, metrics: S3Object) -> Mapping[str, Any]:
    """The run's own metrics.json; empty when it is no JSON object: it is being written again."""
    try:
        document = json.loads(read_bytes(s3, metrics.location))
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _moment(text: object) -> datetime | None:
    """A time of a document; None when it is none."""
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Candidates:
    """The other runs of the scenario by their ids. Whoever reads one notes what is wrong with it."""

    s3: S3Client
    scenario: S3Location
    reports: Mapping[str, S3Object]
    notes: list[str]

    def recorded(self, own: Mapping[str, Any]) -> EarlierRun | None:
        """The run that this one was compared with when it was evaluated before."""
        previous = own.get("previous")
        run_id = previous.get("run_id") if isinstance(previous, dict) else None
        return self._read(run_id) if isinstance(run_id, str) and run_id in self.reports else None

    def newest(self, before: datetime | None) -> EarlierRun | None:
        """The run that was evaluated last.

        before: when this run was evaluated first. Runs written later are left out: those of them that were evaluated
        before and again since could only be told by reading all of them.
        """
        found: EarlierRun | None = None
        order = sorted(self.reports, key=lambda run_id: (self.reports[run_id].modified, run_id), reverse=True)
        for run_id in order:
            written = self.reports[run_id].modified
            if before is not None and written > before:
                continue
            # A run is evaluated first no later than it is written: the others are earlier still.
            if found is not None and written + _CLOCK <= found.evaluated_at:
                break
            candidate = self._read(run_id)
            if candidate and (
                found is None or (candidate.evaluated_at, run_id) > (found.evaluated_at, found.run.run_id)
            ):
                found = candidate
        return found

    def _read(self, run_id: str) -> EarlierRun | None:
        metrics = self.reports[run_id]
        told = f"{METRICS_FILE} of run {run_id}"
        try:
            run = parse_run(read_bytes(self.s3, metrics.location), told)
        except (UnreadableRunError, TaskError) as error:
            self.notes.append(f"Run {run_id} was passed over: {error}")
            return None
        if run.run_id != run_id:
            self.notes.append(f"Run {run_id} was passed over: {told} is that of run {run.run_id}.")
            return None
        return EarlierRun(run, self.scenario / f"{run_id}/", _moment(run.evaluated_at) or metrics.modified)
