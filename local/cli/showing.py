"""Looking at what earlier runs have left: reports, and the calls that they made."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from local.cli.exit_codes import CommandError, ExitCode
from local.cli.results import METRICS_FILE
from local.cli.runs import RunLog

LATEST = "latest"


def find_report(results: Path, run_id: str | None, scenario: str | None) -> Path:
    """The report folder of a run, or the newest one. Raises CommandError when there is none."""
    found = [
        file.parent
        for file in results.glob(f"reports/{scenario or '*'}/{run_id or '*'}/{METRICS_FILE}")
        if run_id == LATEST or file.parent.name != LATEST
    ]
    if not found:
        what = f"of run {run_id}" if run_id else "yet"
        message = f"there is no report {what} below {results}: run a scenario first (pipelines run hrnn)"
        raise CommandError(message, ExitCode.USAGE)
    return max(found, key=lambda folder: (folder / METRICS_FILE).stat().st_mtime)


def show_calls(console: Console, log: RunLog, run_id: str | None, *, denied_only: bool) -> None:
    """Every distinct call of a run: who, what, on what, and what the policies say. Raises CommandError."""
    record = log.last(run_id)
    calls = log.calls(record) if record else []
    if record is None or not calls:
        what = f"run {run_id}" if run_id else "any run"
        raise CommandError(f"no calls of {what} are recorded on this machine", ExitCode.USAGE)
    rows = Counter(
        (call["role"].rsplit("/", 1)[-1], call["action"], call["resource"], call["verdict"])
        for call in calls
        if not denied_only or call["verdict"] == "denied"
    )
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("role", "action", "resource", "verdict"):
        table.add_column(name, overflow="fold")
    table.add_column("calls", justify="right")
    for (role, action, resource, verdict), number in sorted(rows.items()):
        style = "bold red" if verdict == "denied" else ""
        table.add_row(*(escape(text) for text in (role, action, resource, verdict)), str(number), style=style)
    console.print(table)
    denied = sum(call["verdict"] == "denied" for call in calls)
    console.print(f"Run {record.run_id}: {len(calls)} calls, {denied} denied.", highlight=False)
