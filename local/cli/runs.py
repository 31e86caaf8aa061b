"""What this machine remembers of runs: which one was interrupted, and which recorded calls belong to which."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from local.cli.exit_codes import CommandError, ExitCode

CALLS_FILE = "iam-calls.jsonl"
"""Where the local platform records the IAM decisions of every call, a JSON line each, below its state folder."""


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One start of a run. `status` is RUNNING until the command saw its end: then the run was interrupted.

    `started_at` is in ISO 8601, UTC; None where an earlier version of this command line did not write it down.
    `calls_from` and `calls_to` are byte positions in the platform's record of calls.
    """

    scenario: str
    stage: str
    run_id: str
    data: str | None
    on_aws: bool = False
    status: str = "RUNNING"
    started_at: str | None = None
    calls_from: int = 0
    calls_to: int | None = None


class RunLog:
    """The runs that were started from this machine, newest last, in one file that is replaced as a whole."""

    def __init__(self, state_dir: Path) -> None:
        self._file = state_dir / "runs.json"
        self._calls = state_dir / CALLS_FILE

    def records(self) -> list[RunRecord]:
        """Everything that is remembered. A file that cannot be read is named, not thrown away."""
        try:
            return [RunRecord(**record) for record in json.loads(self._file.read_text(encoding="utf-8"))]
        except FileNotFoundError:
            return []
        except (ValueError, TypeError) as error:
            message = (
                f"{self._file} cannot be read ({error}): delete it; only the memory of earlier runs is lost"
            )
            raise CommandError(message, ExitCode.ENVIRONMENT) from error

    def begin(self, record: RunRecord) -> RunRecord:
        """Remember a start."""
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        begun = replace(record, started_at=now, calls_from=self._calls_size())
        self._write([*self.records(), begun])
        return begun

    def end(self, begun: RunRecord, status: str) -> None:
        """Remember how it ended."""
        ended = replace(begun, status=status, calls_to=self._calls_size())
        self._write([ended if record == begun else record for record in self.records()])

    def interrupted(self, scenario: str, stage: str, data: str | None) -> RunRecord | None:
        """The last local run of the scenario, if its end was never seen and its data was the same."""
        mine = [record for record in self.records() if (record.scenario, record.stage) == (scenario, stage)]
        last = mine[-1] if mine else None
        resumable = last and last.status == "RUNNING" and last.data == data and not last.on_aws
        return last if resumable else None

    def last(self, run_id: str | None) -> RunRecord | None:
        """The newest start of a run, or of any run."""
        mine = [record for record in self.records() if run_id in (None, record.run_id)]
        return mine[-1] if mine else None

    def calls(self, record: RunRecord) -> list[dict[str, str]]:
        """The recorded calls of one start."""
        if not self._calls.is_file():
            return []
        with self._calls.open("rb") as file:
            file.seek(record.calls_from)
            size = -1 if record.calls_to is None else record.calls_to - record.calls_from
            return [json.loads(line) for line in file.read(size).splitlines() if line]

    def _calls_size(self) -> int:
        return self._calls.stat().st_size if self._calls.is_file() else 0

    def _write(self, records: list[RunRecord]) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        draft = self._file.with_suffix(".new")
        draft.write_text(json.dumps([asdict(record) for record in records], indent=1), encoding="utf-8")
        os.replace(draft, self._file)  # noqa: PTH105  (Path.replace says less plainly that it overwrites)


def new_run_id(now: datetime | None = None) -> str:
    """A run id that sorts by time: `20260131-235959`."""
    return (now or datetime.now(UTC)).strftime("%Y%m%d-%H%M%S")
