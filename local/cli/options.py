"""What commands have in common: the options, the settings that they name, and how their errors end."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from botocore.exceptions import BotoCoreError, ClientError

from config import Settings, SettingsError, load_settings
from local.cli.exit_codes import CommandError, ExitCode
from local.cli.results import UnreadableReportError
from local.cli.wiring import IamMode, Wiring
from local.datasets import DatasetError

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


def settings_of(stage: str, settings_file: Path | None) -> Settings:
    """The settings of a stage, or of a file. Raises SettingsError."""
    return load_settings(settings_file or stage)


def words_of(stage: str, settings_file: Path | None, data: Path | None, *, aws: bool) -> str:
    """The options that a resumed run must have again."""
    words = (
        f" --settings {settings_file}"
        if settings_file
        else f" --stage {stage}"
        if stage != DEFAULT_STAGE
        else ""
    )
    return words + (f" --data {data}" if data else "") + (" --aws" if aws else "")
