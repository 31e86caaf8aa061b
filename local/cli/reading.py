"""The commands that show what runs have left: reports, lists, comparisons, answers in SQL, recorded calls."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from config import Settings
from local.cli import listing, showing
from local.cli.listing import DEFAULT_LIMIT
from local.cli.options import DEFAULT_STAGE, Aws, Open, SettingsFile, Stage, guarded, settings_of
from local.cli.outcome import show_report
from local.cli.report_folder import local_reports
from local.cli.results import REPORT_FILE
from local.cli.wiring import PlatformOptions, Wiring


@dataclass(frozen=True, slots=True)
class Where:
    """Where to look for runs: in the stage of these settings in AWS, or on this machine; of one scenario, or any."""

    deployed: Settings | None
    scenario: str | None


def _reports(wiring: Wiring, run_ids: Sequence[str | None], where: Where) -> list[Path]:
    """The report folders of runs (None: the newest), copied to this machine where they are not. Raises CommandError."""
    if where.deployed is None:
        return [showing.find_report(wiring.results_dir, run_id, where.scenario) for run_id in run_ids]
    with wiring.target(where.deployed, aws=True, options=PlatformOptions()) as target:
        return [showing.fetch_report(target, run_id, where.scenario) for run_id in run_ids]


@guarded
def report(
    context: typer.Context,
    run_id: Annotated[
        str | None, typer.Argument(metavar="[RUN]", help="A run; the newest when left out.")
    ] = None,
    *,
    scenario: Annotated[str | None, typer.Option(help="Only reports of this scenario.")] = None,
    stage: Stage = DEFAULT_STAGE,
    settings_file: SettingsFile = None,
    aws: Aws = False,
    open_: Open = False,
) -> None:
    """Print a report, or open it: one on this machine, or with --aws one of a deployed stage, which is copied."""
    wiring: Wiring = context.obj
    where = Where(settings_of(stage, settings_file) if aws else None, scenario)
    (folder,) = _reports(wiring, [run_id], where)
    show_report(wiring.console, folder)
    failed = None if run_id or aws else showing.newer_failure(wiring.results_dir, scenario, folder)
    if failed:
        wiring.console.print(
            f"A newer run, {failed}, failed: pipelines report {failed} tells why.",
            style="yellow",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )
    if open_:
        wiring.open_page((folder / REPORT_FILE).resolve().as_uri())


@guarded
def runs(
    context: typer.Context,
    *,
    scenario: Annotated[str | None, typer.Option(help="Only runs of this scenario.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many to show, the newest first.")] = DEFAULT_LIMIT,
    stage: Stage = DEFAULT_STAGE,
    settings_file: SettingsFile = None,
    aws: Aws = False,
) -> None:
    """List runs with their main figures: those of this machine, or with --aws those of a deployed stage."""
    wiring: Wiring = context.obj
    if aws:
        settings = settings_of(stage, settings_file)
        with wiring.target(settings, aws=True, options=PlatformOptions()) as target:
            found = listing.lines(listing.entries_in(target.reports(), scenario), (), scenario)
    else:
        here = listing.entries_in(local_reports(wiring.results_dir), scenario)
        found = listing.lines(here, wiring.runs.records(), scenario)
    listing.show_runs(wiring.console, found, limit, scenario)


@guarded
def compare(
    context: typer.Context,
    then: Annotated[str, typer.Argument(metavar="RUN", help="The earlier run.")],
    now: Annotated[str, typer.Argument(metavar="RUN", help="The later run.")],
    *,
    scenario: Annotated[
        str | None, typer.Option(help="Their scenario, where runs of several have this name.")
    ] = None,
    stage: Stage = DEFAULT_STAGE,
    settings_file: SettingsFile = None,
    aws: Aws = False,
    open_: Open = False,
) -> None:
    """Compare two runs: settings, data and results, user by user where they are the same."""
    # Brings numpy along.
    from local.cli import comparing  # noqa: PLC0415

    wiring: Wiring = context.obj
    where = Where(settings_of(stage, settings_file) if aws else None, scenario)
    before, after = _reports(wiring, [then, now], where)
    page = comparing.compare_runs(wiring.console, wiring.results_dir, before, after)
    if open_:
        wiring.open_page(page.resolve().as_uri())


@guarded
def sql(
    context: typer.Context,
    question: Annotated[
        str | None,
        typer.Argument(metavar="[QUERY]", help="A named query, or a statement; a list when left out."),
    ] = None,
) -> None:
    """Ask the results on this machine in SQL: tables runs, metrics, segments and per_user (docs/sql.md)."""
    # Brings DuckDB along.
    from local.cli import querying  # noqa: PLC0415

    wiring: Wiring = context.obj
    if question is None:
        querying.list_queries(wiring.console)
    else:
        querying.ask(wiring.console, wiring.results_dir, question)


@guarded
def calls(
    context: typer.Context,
    run_id: Annotated[
        str | None, typer.Argument(metavar="[RUN]", help="A local run; the last one when left out.")
    ] = None,
    denied: Annotated[bool, typer.Option("--denied", help="Only calls that the policies deny.")] = False,
) -> None:
    """List the AWS calls of a local run: role, action, resource, and what the policies say."""
    wiring: Wiring = context.obj
    showing.show_calls(wiring.console, wiring.runs, run_id, denied_only=denied)
