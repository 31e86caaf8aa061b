"""The runs as a table in the terminal: what came out of each, or why it failed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from lambdas.reports.index.gathering import gather, read_cache, run_folders
from lambdas.reports.index.rows import RunRow, run_row
from lambdas.reports.index.stores import ReportStore
from lambdas.reports.runs import RunEntry
from local.cli.exit_codes import CommandError, ExitCode
from local.cli.runs import RunRecord

DEFAULT_LIMIT = 20
_HEADS = ("ended (UTC)", "scenario", "run", "outcome", "users")
# Columns of a terminal from which on a line has room for what it says.
_WIDE = 125
_STYLES = {
    "better": "green",
    "not_better": "red",
    "cannot_tell": "yellow",
    "failed": "bold red",
    "unreadable": "bold red",
    "unfinished": "yellow",
    "interrupted": "yellow",
}
# What the run log calls the end of an execution, where nothing was reported.
_ENDS = {
    "RUNNING": ("interrupted", "Its end was not seen: it was interrupted, or another command follows it."),
    "SUCCEEDED": ("succeeded", "Its report is no longer on this machine."),
    "TIMED_OUT": ("timed out", "It ran into the timeout of its state machine."),
    "ABORTED": ("stopped", "It was stopped."),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the table. time: ISO 8601, UTC; sorts. state: decides the colour of `told`."""

    time: str
    scenario: str
    run_id: str
    state: str
    told: str
    users: str
    says: str


def entries_in(store: ReportStore, scenario: str | None) -> list[RunEntry]:
    """The runs whose reports are in a store, the newest first; reads what the store's index does not know."""
    folders = [folder for folder in run_folders(store.files()) if scenario in (None, folder.scenario)]
    return gather(store, folders, read_cache(store)).entries


def lines(entries: Iterable[RunEntry], records: Sequence[RunRecord], scenario: str | None) -> list[Line]:
    """A line for every run that has a report or that this machine remembers, the newest first."""
    remembered = {(record.scenario, record.run_id): record for record in records}
    found = [_reported(entry, remembered.pop((entry.scenario, entry.run_id), None)) for entry in entries]
    found += [_remembered(record) for record in remembered.values() if scenario in (None, record.scenario)]
    return sorted(found, key=lambda line: (line.time, line.scenario, line.run_id), reverse=True)


def show_runs(console: Console, found: Sequence[Line], limit: int, scenario: str | None) -> None:
    """Print the newest lines. Raises CommandError when there are none."""
    if not found:
        what = f"run of {scenario}" if scenario else "run"
        raise CommandError(f"there is no {what} yet: pipelines run {scenario or 'hrnn'}", ExitCode.USAGE)
    shown, wide = found[:limit], console.width >= _WIDE
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in _HEADS:
        table.add_column(name, no_wrap=True, justify="right" if name == "users" else "left")
    if wide:
        table.add_column("main metric, or what is the matter", overflow="fold", ratio=1)
    for line in shown:
        table.add_row(*_cells(line), *([Text(line.says)] if wide else []))
    if wide:
        console.print(table)
    else:
        _print_in_two_lines(console, table, shown)
    if len(found) > limit:
        console.print(f"The newest {limit} of {len(found)} runs; --limit shows more.", highlight=False)


def _cells(line: Line) -> tuple[Text, ...]:
    """What every line has, in the order of _HEADS."""
    ended = line.time[:16].replace("T", " ") or "unknown"
    told = Text(line.told, style=_STYLES.get(line.state, ""))
    return Text(ended), Text(line.scenario), Text(line.run_id), told, Text(line.users)


def _print_in_two_lines(console: Console, table: Table, shown: Sequence[Line]) -> None:
    """The rows of a table with what each says below it: a column of words would be too narrow."""
    rows = console.render_lines(table, pad=False)
    for row, line in zip(rows, (None, *shown), strict=True):
        console.print(
            Text.assemble(*((segment.text, segment.style or "") for segment in row)), soft_wrap=True
        )
        if line and line.says:
            console.print(Padding(Text(line.says), (0, 0, 0, 4), expand=False))


def _reported(entry: RunEntry, record: RunRecord | None) -> Line:
    row = run_row(entry)
    says = _figures(row) if row.figures else " ".join(row.words)
    if record and record.status == "RUNNING":
        state, told = "interrupted", _ENDS["RUNNING"][0]
        says = f"{_ENDS['RUNNING'][1]} Before: {row.told}. {says}"
        return Line(entry.ended_at, entry.scenario, entry.run_id, state, told, "", says)
    users = f"{row.figures.users} {row.figures.users_unit}".strip() if row.figures else ""
    return Line(entry.ended_at, entry.scenario, entry.run_id, row.state, row.told, users, says)


def _remembered(record: RunRecord) -> Line:
    told, says = _ENDS.get(record.status, (record.status.lower(), "It left no report."))
    state = "interrupted" if record.status == "RUNNING" else "failed"
    return Line(record.started_at or "", record.scenario, record.run_id, state, told, "", says)


def _figures(row: RunRow) -> str:
    """`NDCG@10 0.1547 (0.1440 to 0.1664), popularity 0.0797: +94 % (+88 % to +101 %); after 1 failed attempt`."""
    figures = row.figures
    if figures is None:
        return ""
    lead = f"{figures.lead} {figures.lead_interval}".strip()
    value = f"{figures.value} {figures.value_interval}".strip()
    remarks = "".join(f"; {remark}" for remark in row.remarks)
    return f"{figures.metric} {value}, {figures.against} {figures.baseline}: {lead}{remarks}"
