"""Checking settings, and bringing the stacks of a stage to AWS and away again."""

from __future__ import annotations

from collections.abc import Callable

import boto3
from rich.console import Console

from config import Settings, SettingsError, load_settings
from config.load import stages
from local.cli.aws_target import require_bootstrap, stack_names
from local.cli.cdk import Cdk
from local.cli.exit_codes import CommandError, ExitCode

Confirm = Callable[[str], bool]


def validate(console: Console, which: list[str]) -> ExitCode:
    """Check settings files, all of them when none is named, and say everything that is wrong."""
    code = ExitCode.OK
    for stage in which or list(stages()):
        try:
            settings = load_settings(stage)
        except SettingsError as error:
            console.print(str(error), markup=False, highlight=False, soft_wrap=True)
            code = ExitCode.USAGE
        else:
            enabled = ", ".join(settings.enabled_scenarios()) or "none"
            console.print(f"{stage}: no problems; scenarios: {enabled}", markup=False, highlight=False)
    return code


def deploy(
    console: Console, cdk: Cdk, settings: Settings, session: boto3.Session, confirm: Confirm | None
) -> None:
    """Show the difference, ask (`confirm` None does not), deploy. The settings have been checked."""
    require_bootstrap(session)
    cdk.diff()
    console.print(
        f"This deploys {' and '.join(stack_names(settings))} in {session.region_name}.", highlight=False
    )
    _ask(confirm, "Deploy?")
    cdk.deploy()


def destroy(
    console: Console, cdk: Cdk, settings: Settings, session: boto3.Session, confirm: Confirm | None
) -> None:
    """Say what goes and what stays, ask, delete."""
    if settings.termination_protection:
        message = f"stage {settings.stage} has termination_protection: set it to false and deploy before you destroy it"
        raise CommandError(message, ExitCode.USAGE)
    require_bootstrap(session)
    console.print(destroy_notice(settings, str(session.region_name)), highlight=False, soft_wrap=True)
    _ask(confirm, "Destroy?")
    cdk.destroy()


def destroy_notice(settings: Settings, region: str) -> str:
    """What a deletion removes and what it keeps."""
    buckets = (
        "the three buckets with data, reports and access logs, their key and the log groups"
        if settings.retains_data
        else "buckets that still hold objects: S3 deletes only empty ones, and the deletion stops there"
    )
    return (
        f"This deletes {' and '.join(stack_names(settings))} in {region}: functions, state machines, schedules, "
        f"roles, messages.\nIt keeps {buckets} (removal_policy: {settings.removal_policy}).\n"
        "It also keeps what runs have made in Amazon Personalize (dataset groups, solutions and their versions): "
        "they belong to runs, not to stacks, and cost nothing while no campaign serves them and no solution trains "
        "by itself."
    )


def _ask(confirm: Confirm | None, question: str) -> None:
    if confirm is not None and not confirm(question):
        raise CommandError("Nothing was changed.", ExitCode.INTERRUPTED)
