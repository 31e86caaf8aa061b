"""The commands: each reads its arguments and calls the module that does the work."""

import functools
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from botocore.exceptions import BotoCoreError, ClientError

from config import Settings, SettingsError, load_settings
from local.cli import cleaning, deploying, listing, running, showing
from local.cli.exit_codes import HELP, CommandError, ExitCode
from local.cli.listing import DEFAULT_LIMIT
from local.cli.outcome import show_all, show_report
from local.cli.report_folder import local_reports
from local.cli.results import REPORT_FILE, UnreadableReportError
from local.cli.signals import interruptible
from local.cli.wiring import DEFAULT_SPEED, IamMode, PlatformOptions, Wiring
from local.datasets import DatasetError

app = typer.Typer(no_args_is_help=True, add_completion=False, epilog=HELP, rich_markup_mode="rich")
schedule = typer.Typer(no_args_is_help=True, help="Schedules of scenarios.")
app.add_typer(schedule, name="schedule")

DEFAULT_STAGE = "dev"

Stage = Annotated[str, typer.Option(help="Stage whose settings to take: config/<stage>.yaml.")]
SettingsFile = Annotated[Path | None, typer.Option("--settings", help="A settings file instead of a stage.")]
Scenario = Annotated[str, typer.Argument(help="Scenario to run, for example hrnn; or all.")]
Aws = Annotated[bool, typer.Option("--aws", help="The stage deployed in AWS instead of this machine.")]
Speed = Annotated[float, typer.Option(min=1, help="Divides the waits of a local run.")]
Iam = Annotated[IamMode, typer.Option(help="Record what the policies say, or enforce it as AWS does.")]
Open = Annotated[bool, typer.Option("--open", help="Open the report in the browser.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


def guarded(command: Callable[..., ExitCode | None]) -> Callable[..., None]:
    """Turn the errors of a command into a message and the exit code that goes with it."""

    @functools.wraps(command)
    def run(context: typer.Context, **arguments: object) -> None:
        wiring: Wiring = context.obj
        try:
            code = command(context, **arguments) or ExitCode.OK
        except SettingsError as error:
            message, code = str(error), ExitCode.USAGE
        except CommandError as error:
            message, code = str(error), error.code
        except DatasetError as error:
            message, code = str(error), ExitCode.DATA
        except UnreadableReportError as error:
            message, code = str(error), ExitCode.USAGE
        except (BotoCoreError, ClientError, ConnectionError) as error:
            message, code = f"AWS or the local platform does not answer: {error}", ExitCode.ENVIRONMENT
        except KeyboardInterrupt:
            message, code = "Interrupted.", ExitCode.INTERRUPTED
        else:
            message = ""
        if message:
            wiring.errors.print(message, style="bold red", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(code)

    return run


def _settings(stage: str, settings_file: Path | None) -> Settings:
    return load_settings(settings_file or stage)


def _options(stage: str, settings_file: Path | None, data: Path | None, *, aws: bool) -> str:
    """The options that a resumed run must have again."""
    words = (
        f" --settings {settings_file}"
        if settings_file
        else f" --stage {stage}"
        if stage != DEFAULT_STAGE
        else ""
    )
    return words + (f" --data {data}" if data else "") + (" --aws" if aws else "")


@app.command()
@guarded
def validate(
    context: typer.Context,
    stage: Annotated[list[str] | None, typer.Option(help="Stages to check; all when none is named.")] = None,
    settings_file: SettingsFile = None,
) -> ExitCode:
    """Check settings: everything that is wrong, with path and line, before anything is deployed."""
    which = [*(stage or []), *([str(settings_file)] if settings_file else [])]
    return deploying.validate(context.obj.console, which)


@app.command()
@guarded
def run(
    context: typer.Context,
    scenario: Scenario,
    *,
    data: Annotated[
        Path | None, typer.Option(help="Raw data: a folder or file. Without: MovieLens-100K.")
    ] = None,
    stage: Stage = DEFAULT_STAGE,
    settings_file: SettingsFile = None,
    run_id: Annotated[str | None, typer.Option(help="Resume this run, or give a new one its name.")] = None,
    new: Annotated[bool, typer.Option("--new", help="Start afresh though a run was interrupted.")] = False,
    aws: Aws = False,
    speed: Speed = DEFAULT_SPEED,
    iam: Iam = "enforce",
    open_: Open = False,
) -> ExitCode:
    """Run a scenario, watch it, and print what came out."""
    wiring: Wiring = context.obj
    settings = _settings(stage, settings_file)
    options = _options(stage, settings_file, data, aws=aws)
    requests = [
        running.RunRequest(name, settings.stage, options, data, run_id, new, aws)
        for name in running.scenarios_asked_for(settings, scenario, run_id)
    ]
    for request in requests:
        running.check_request(settings, request)
    with wiring.target(settings, aws=aws, options=PlatformOptions(speed, iam)) as target:
        ended = [running.run(wiring.console, target, wiring.runs, request) for request in requests]
    if len(ended) > 1:
        show_all(wiring.console, ended)
    showing.update_index(wiring.console, wiring.results_dir)
    for page in (each.page for each in ended if open_ and each.page):
        wiring.open_page(page.resolve().as_uri())
    return max(each.code for each in ended)


@app.command()
@guarded
def up(
    context: typer.Context,
    stage: Stage = DEFAULT_STAGE,
    settings_file: SettingsFile = None,
    speed: Speed = DEFAULT_SPEED,
    iam: Iam = "enforce",
) -> None:
    """Keep the local platform running, so that the next run is quick. Ends with Ctrl-C."""
    wiring: Wiring = context.obj
    settings = _settings(stage, settings_file)
    with (
        interruptible(),
        wiring.platform(settings, PlatformOptions(speed, iam)) as platform,
        wiring.announced(platform, settings),
    ):
        endpoint = platform.endpoint_url
        try:
            wiring.console.print(
                f"Stage {settings.stage} is running at {endpoint}. In another window: pipelines run hrnn\n"
                f"Any AWS SDK can use it too: AWS_ENDPOINT_URL={endpoint}. Ctrl-C ends it.",
                highlight=False,
                soft_wrap=True,
            )
            threading.Event().wait()
        except KeyboardInterrupt:
            wiring.console.print("Stopped. What was trained and reported is kept.")


@app.command()
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
    if aws:
        settings = _settings(stage, settings_file)
        with wiring.target(settings, aws=True, options=PlatformOptions()) as target:
            folder = showing.fetch_report(target, run_id, scenario)
    else:
        folder = showing.find_report(wiring.results_dir, run_id, scenario)
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


@app.command()
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
        settings = _settings(stage, settings_file)
        with wiring.target(settings, aws=True, options=PlatformOptions()) as target:
            found = listing.lines(listing.entries_in(target.reports(), scenario), (), scenario)
    else:
        here = listing.entries_in(local_reports(wiring.results_dir), scenario)
        found = listing.lines(here, wiring.runs.records(), scenario)
    listing.show_runs(wiring.console, found, limit, scenario)


@app.command()
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
    if aws:
        settings = _settings(stage, settings_file)
        with wiring.target(settings, aws=True, options=PlatformOptions()) as target:
            folders = [showing.fetch_report(target, run_id, scenario) for run_id in (then, now)]
    else:
        folders = [showing.find_report(wiring.results_dir, run_id, scenario) for run_id in (then, now)]
    page = comparing.compare_runs(wiring.console, wiring.results_dir, *folders)
    if open_:
        wiring.open_page(page.resolve().as_uri())


@app.command()
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


@app.command()
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


@app.command()
@guarded
def synth(context: typer.Context, stage: Stage = DEFAULT_STAGE, settings_file: SettingsFile = None) -> None:
    """Write the CloudFormation templates to cdk.out. Needs no AWS account."""
    wiring: Wiring = context.obj
    _settings(stage, settings_file)
    folder = wiring.make_cdk(str(settings_file or stage)).synth()
    wiring.console.print(f"Templates: {folder}", highlight=False, soft_wrap=True)


@app.command()
@guarded
def deploy(
    context: typer.Context, stage: Stage = DEFAULT_STAGE, settings_file: SettingsFile = None, yes: Yes = False
) -> None:
    """Deploy a stage to AWS: check, show the difference, ask, deploy."""
    wiring: Wiring = context.obj
    settings = _settings(stage, settings_file)
    cdk = wiring.make_cdk(str(settings_file or stage))
    deploying.deploy(wiring.console, cdk, settings, wiring.make_session(), None if yes else typer.confirm)


@app.command()
@guarded
def destroy(
    context: typer.Context, stage: Stage = DEFAULT_STAGE, settings_file: SettingsFile = None, yes: Yes = False
) -> None:
    """Delete the stacks of a stage from AWS, after saying what is kept."""
    wiring: Wiring = context.obj
    settings = _settings(stage, settings_file)
    cdk = wiring.make_cdk(str(settings_file or stage))
    deploying.destroy(wiring.console, cdk, settings, wiring.make_session(), None if yes else typer.confirm)


@app.command()
@guarded
def cleanup(
    context: typer.Context,
    scenario: Annotated[str, typer.Argument(help="Scenario to clean up after, for example put_events.")],
    *,
    everything: Annotated[
        bool,
        typer.Option("--all", help="Also its solutions, filters, datasets, schemas and dataset group."),
    ] = False,
    stage: Stage = DEFAULT_STAGE,
    settings_file: SettingsFile = None,
    aws: Aws = False,
    yes: Yes = False,
) -> None:
    """Delete campaigns and event trackers that a scenario has left in Amazon Personalize: list, ask, delete."""
    wiring: Wiring = context.obj
    settings = _settings(stage, settings_file)
    cleaning.check_scenario(settings, scenario)
    request = cleaning.CleanupRequest(
        scenario,
        everything,
        cleaning.AWS_PAUSE if aws else cleaning.LOCAL_PAUSE,
        None if yes else typer.confirm,
    )
    with wiring.clients(settings, aws=aws) as clients:
        cleaning.clean_up(wiring.console, clients("personalize"), settings, request)


@schedule.command("fire")
@guarded
def fire(
    context: typer.Context,
    scenario: Scenario,
    *,
    stage: Stage = DEFAULT_STAGE,
    settings_file: SettingsFile = None,
    aws: Aws = False,
    speed: Speed = DEFAULT_SPEED,
    iam: Iam = "enforce",
) -> ExitCode:
    """Do at once what the scenario's schedule does at its time, and watch it."""
    wiring: Wiring = context.obj
    settings = _settings(stage, settings_file)
    options = _options(stage, settings_file, None, aws=aws)
    request = running.RunRequest(scenario, settings.stage, options, aws=aws)
    running.check_request(settings, request)
    with wiring.target(settings, aws=aws, options=PlatformOptions(speed, iam)) as target:
        code = running.fire(wiring.console, target, wiring.runs, request).code
    showing.update_index(wiring.console, wiring.results_dir)
    return code
