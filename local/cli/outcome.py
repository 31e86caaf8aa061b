"""The last word of a run: the verdict and its figures, or the reason and where to look."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from local.cli.exit_codes import ExitCode
from local.cli.history import readable_cause
from local.cli.results import (
    REPORT_FILE,
    UnreadableReportError,
    read_metrics,
    results_table,
    side_table,
    stage_table,
)
from local.cli.target import Execution


class EndedRun(Protocol):
    """A run that has ended, as far as its line in a table goes."""

    @property
    def scenario(self) -> str:
        """Which one."""

    @property
    def sentence(self) -> str:
        """What came out."""


DATA_ERRORS = frozenset({"DataError"})
_OUTCOME_STYLES = {"better": "bold green", "not_better": "bold red", "cannot_tell": "bold yellow"}
_STOPPED = {"TIMED_OUT": "timed out", "ABORTED": "was stopped"}


def show_success(console: Console, execution: Execution, folder: Path) -> ExitCode:
    """Verdict first, then the table, the times, and where the report is."""
    console.print()
    show_report(console, folder)
    stages = (execution.output or {}).get("stages", [])
    if stages:
        console.print()
        console.print(stage_table(stages))
    return ExitCode.OK


def show_report(console: Console, folder: Path) -> None:
    """The verdict, the table, and the files of a report folder. Raises UnreadableReportError."""
    document = read_metrics(folder)
    style = _OUTCOME_STYLES.get(document["outcome"], "bold")
    console.print(escape(document["verdict"]), style=style, highlight=False, soft_wrap=True)
    console.print()
    console.print(results_table(document))
    side = side_table(document)
    if side is not None:
        console.print()
        console.print(side)
    console.print()
    console.print(f"Report: {folder / REPORT_FILE}", markup=False, highlight=False, soft_wrap=True)


def show_failure(console: Console, execution: Execution, folder: Path, resume: str) -> ExitCode:
    """What failed and why, where it is written down, and how to go on."""
    console.print()
    if execution.status in _STOPPED:
        headline, code = f"The run {_STOPPED[execution.status]}.", ExitCode.INTERRUPTED
    else:
        code = ExitCode.DATA if execution.error in DATA_ERRORS else ExitCode.RUN_FAILED
        headline = f"The run failed: {execution.error or 'no error was given'}"
    console.print(headline, style="bold red", markup=False, highlight=False)
    cause = readable_cause(execution.cause) or ""
    if cause:
        console.print(cause, markup=False, highlight=False, soft_wrap=True)
    if execution.arn not in cause:
        console.print(f"Execution ARN: {execution.arn}", markup=False, highlight=False, soft_wrap=True)
    accounts = sorted(folder.glob("failure-*.json")) if folder.is_dir() else []
    if accounts:
        console.print(f"Written down in: {accounts[-1]}", markup=False, highlight=False, soft_wrap=True)
    if code is ExitCode.DATA:
        console.print("Correct the data and start a new run.")
    else:
        console.print(f"Resume: {resume}", markup=False, highlight=False, soft_wrap=True)
    return code


def show_ended(console: Console, execution: Execution, folder: Path, resume: str) -> ExitCode:
    """The fitting last word of an execution that has ended."""
    if execution.status != "SUCCEEDED":
        return show_failure(console, execution, folder, resume)
    try:
        return show_success(console, execution, folder)
    except UnreadableReportError as error:
        console.print(
            f"The run succeeded, but its report cannot be read: {error}", style="bold red", markup=False
        )
        return ExitCode.RUN_FAILED


def sentence_of(execution: Execution, folder: Path) -> str:
    """What came out of a run, in a sentence."""
    if execution.status != "SUCCEEDED":
        reason = readable_cause(execution.cause) or ""
        return f"{execution.status}: {execution.error or ''} {reason}".split("\n", maxsplit=1)[0]
    try:
        return str(read_metrics(folder)["verdict"])
    except UnreadableReportError as error:
        return str(error)


def show_all(console: Console, ended: Sequence[EndedRun]) -> None:
    """One line for every scenario that was run."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("scenario", no_wrap=True)
    table.add_column("what came out")
    for each in ended:
        table.add_row(each.scenario, escape(each.sentence))
    console.print()
    console.print(table)
