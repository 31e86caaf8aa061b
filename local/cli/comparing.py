"""What changed between two runs: a sentence and tables in the terminal, and the page that holds everything."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table as Printed

from lambdas.reports.comparison.changes import Comparison, Outcome
from lambdas.reports.comparison.compare import compare_folders
from lambdas.reports.comparison.page import Links, render_comparison
from lambdas.reports.comparison.run import UnreadableRunError
from lambdas.reports.comparison.tables import counts_table, metrics_table, settings_table
from lambdas.reports.tables import Table
from local.cli.exit_codes import CommandError, ExitCode
from local.cli.results import REPORT_FILE

COMPARISONS = "comparisons"
_STYLES = {Outcome.BETTER: "bold green", Outcome.WORSE: "bold red"}


def compare_runs(console: Console, results: Path, then: Path, now: Path) -> Path:
    """Compare the runs of two report folders, print what matters, write the page; returns its place.

    Raises CommandError when a run's files cannot be used.
    """
    try:
        found = compare_folders(then, now)
    except UnreadableRunError as error:
        raise CommandError(str(error), ExitCode.USAGE) from error
    page = results / COMPARISONS / f"{then.name}--{now.name}.html"
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(render_comparison(found, _links(page, then, now)), encoding="utf-8")
    _show(console, found)
    console.print(f"\nComparison: {page}", markup=False, highlight=False, soft_wrap=True)
    return page


def _links(page: Path, then: Path, now: Path) -> Links:
    """Where the reports are, as seen from the page; empty for one that was not fetched."""
    return Links(*(_link(page, folder / REPORT_FILE) for folder in (then, now)))


def _link(page: Path, report: Path) -> str:
    return Path(os.path.relpath(report, page.parent)).as_posix() if report.is_file() else ""


def _show(console: Console, found: Comparison) -> None:
    style = _STYLES.get(found.outcome, "bold yellow")
    console.print(escape(found.sentence), style=style, highlight=False, soft_wrap=True)
    for line in (*found.readings, *found.notices):
        console.print(f"- {line}", markup=False, highlight=False)
    tables = []
    if found.metrics:
        tables.append(_printed(metrics_table(_at_the_main_cutoff(found)), detailed="difference"))
    if found.settings:
        tables.append(_printed(settings_table(found)))
    if found.changed_counts:
        tables.append(_printed(counts_table(found)))
    for table in tables:
        console.print()
        console.print(table)
    if not found.settings:
        console.print("\nNo setting differs.")
    if not found.changed_counts:
        console.print("The counts of the data are the same." if found.counts else "No data can be compared.")


def _at_the_main_cutoff(found: Comparison) -> Comparison:
    """The metrics that a terminal has room for; the page has all."""
    if found.headline is None:
        return found
    k = found.headline.k
    return replace(found, metrics=tuple(change for change in found.metrics if change.k == k))


def _printed(table: Table, *, detailed: str | None = None) -> Printed:
    """A table of a page as one of the terminal. detailed: the column that has room for its intervals; all when None."""
    printed = Printed(box=None, pad_edge=False, header_style="bold")
    printed.add_column(table.corner, overflow="fold")
    for head in table.heads:
        printed.add_column(escape(head), overflow="fold")
    for head, cells in table.rows:
        texts = (
            f"{cell.text} {cell.detail}" if detailed in (None, name) else cell.text
            for name, cell in zip(table.heads, cells, strict=True)
        )
        printed.add_row(escape(head), *(escape(text.strip()) for text in texts))
    return printed
