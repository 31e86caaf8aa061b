"""The commands: each reads its arguments and calls the module that does the work."""

import threading
from pathlib import Path
from typing import Annotated

import typer

from local.cli import cleaning, deploying, reading, running, showing
from local.cli.exit_codes import HELP, ExitCode
from local.cli.options import (
    DEFAULT_STAGE,
    Aws,
    Iam,
    Open,
    Scenario,
    SettingsFile,
    Speed,
    Stage,
    Yes,
    guarded,
    settings_of,
    words_of,
)
from local.cli.outcome import show_all
from local.cli.signals import interruptible
from local.cli.wiring import DEFAULT_SPEED, PlatformOptions, Wiring

app = typer.Typer(no_args_is_help=True, add_completion=False, epilog=HELP, rich_markup_mode="rich")
schedule = typer.Typer(no_args_is_help=True, help="Schedules of scenarios.")
app.add_typer(schedule, name="schedule")


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
    settings = settings_of(stage, settings_file)
    options = words_of(stage, settings_file, data, aws=aws)
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
    settings = settings_of(stage, settings_file)
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


for _command in (reading.report, reading.runs, reading.compare, reading.sql, reading.calls):
    app.command()(_command)


@app.command()
@guarded
def synth(context: typer.Context, stage: Stage = DEFAULT_STAGE, settings_file: SettingsFile = None) -> None:
    """Write the CloudFormation templates to cdk.out. Needs no AWS account."""
    wiring: Wiring = context.obj
    settings_of(stage, settings_file)
    folder = wiring.make_cdk(str(settings_file or stage)).synth()
    wiring.console.print(f"Templates: {folder}", highlight=False, soft_wrap=True)


@app.command()
@guarded
def deploy(
    context: typer.Context, stage: Stage = DEFAULT_STAGE, settings_file: SettingsFile = None, yes: Yes = False
) -> None:
    """Deploy a stage to AWS: check, show the difference, ask, deploy."""
    wiring: Wiring = context.obj
    settings = settings_of(stage, settings_file)
    cdk = wiring.make_cdk(str(settings_file or stage))
    deploying.deploy(wiring.console, cdk, settings, wiring.make_session(), None if yes else typer.confirm)


@app.command()
@guarded
def destroy(
    context: typer.Context, stage: Stage = DEFAULT_STAGE, settings_file: SettingsFile = None, yes: Yes = False
) -> None:
    """Delete the stacks of a stage from AWS, after saying what is kept."""
    wiring: Wiring = context.obj
    settings = settings_of(stage, settings_file)
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
    settings = settings_of(stage, settings_file)
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
    settings = settings_of(stage, settings_file)
    options = words_of(stage, settings_file, None, aws=aws)
    request = running.RunRequest(scenario, settings.stage, options, aws=aws)
    running.check_request(settings, request)
    with wiring.target(settings, aws=aws, options=PlatformOptions(speed, iam)) as target:
        code = running.fire(wiring.console, target, wiring.runs, request).code
    showing.update_index(wiring.console, wiring.results_dir)
    return code
