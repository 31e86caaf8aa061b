"""Looking at what earlier runs have left: reports, and the calls that they made."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from lambdas.shared.errors import ServiceNotReadyError
from local.cli.exit_codes import CommandError, ExitCode
from local.cli.listing import entries_in
from local.cli.report_folder import write_local_index
from local.cli.results import METRICS_FILE
from local.cli.runs import RunLog
from local.cli.target import RunTarget

LATEST = "latest"


def find_report(results: Path, run_id: str | None, scenario: str | None) -> Path:
    """The report folder of a run, or the newest one. Raises CommandError when there is none, or several."""
    found = [
        file.parent
        for file in results.glob(f"reports/{scenario or '*'}/{run_id or '*'}/{METRICS_FILE}")
        if run_id == LATEST or file.parent.name != LATEST
    ]
    if not found:
        raise CommandError(_missing(results, run_id, scenario), ExitCode.USAGE)
    if run_id not in (None, LATEST) and len(found) > 1:
        names = ", ".join(sorted(folder.parent.name for folder in found))
        message = f"{names} each have a run {run_id}: name one with --scenario"
        raise CommandError(message, ExitCode.USAGE)
    return max(found, key=lambda folder: (folder / METRICS_FILE).stat().st_mtime)


def fetch_report(target: RunTarget, run_id: str | None, scenario: str | None) -> Path:
    """Copy a run's report, or that of the newest run, from a deployment; returns the folder.

    Raises CommandError for a run that is not there, and for a name that runs of several scenarios have.
    """
    found = [
        entry
        for entry in entries_in(target.reports(), scenario)
        if run_id in (None, entry.run_id) and (run_id or entry.result)
    ]
    scenarios = sorted({entry.scenario for entry in found})
    if not found:
        what = f"run {run_id}" if run_id else "report"
        message = f"there is no {what} of {scenario or 'any scenario'} in the bucket: pipelines runs --aws"
        raise CommandError(message, ExitCode.USAGE)
    if run_id and len(scenarios) > 1:
        message = f"{', '.join(scenarios)} each have a run {run_id}: name one with --scenario"
        raise CommandError(message, ExitCode.USAGE)
    return target.fetch_report(found[0].scenario, found[0].run_id)


def newer_failure(results: Path, scenario: str | None, folder: Path) -> str | None:
    """The newest run that failed after the report in `folder` was written and left none; None when there is none."""
    written = (folder / METRICS_FILE).stat().st_mtime
    failed = [
        (account.stat().st_mtime, account.parent.name)
        for account in results.glob(f"reports/{scenario or '*'}/*/failure-*.json")
        if not (account.parent / METRICS_FILE).exists()
    ]
    newest = max(failed, default=(written, ""))
    return newest[1] if newest[0] > written else None


def _missing(results: Path, run_id: str | None, scenario: str | None) -> str:
    """Why there is no report: the run failed and says why, it is not known, or there is none at all."""
    if run_id is None:
        return f"there is no report yet below {results}: run a scenario first (pipelines run {scenario or 'hrnn'})"
    accounts = sorted(results.glob(f"reports/{scenario or '*'}/{run_id}/failure-*.json"))
    if not accounts:
        return f"there is no report of run {run_id} below {results}: pipelines runs lists what there is"
    try:
        account = json.loads(accounts[-1].read_bytes())
        why = f"it failed at {account['stage']}: {account['reason']} {account['advice']}"
    except (ValueError, KeyError, TypeError):
        why = "it failed"
    return f"run {run_id} has no report, {why} ({accounts[-1]})"


def update_index(console: Console, results: Path) -> None:
    """Write the page of all runs that are on this machine and print its place; a run is not the worse without it."""
    try:
        page = write_local_index(results)
    except (OSError, ServiceNotReadyError) as error:
        console.print(f"The page of all runs could not be written: {error}", style="yellow", markup=False)
    else:
        console.print(f"All runs: {page}", markup=False, highlight=False, soft_wrap=True)


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
