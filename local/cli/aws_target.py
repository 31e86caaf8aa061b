"""The application as it is deployed in an AWS account."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, NoRegionError

from config import Settings
from local.cli.deployed_target import DeployedTarget
from local.cli.exit_codes import CommandError, ExitCode
from local.cli.target import Clients, Outputs, Upload

BOOTSTRAP_PARAMETER = "/cdk-bootstrap/hnb659fds/version"


def stack_names(settings: Settings) -> tuple[str, str]:
    """The stacks of a stage, the one with the data first."""
    base = f"{settings.prefix}-{settings.stage}"
    return f"{base}-storage", f"{base}-pipelines"


def aws_clients(session: boto3.Session) -> Clients:
    """Clients that try again when AWS is busy: following a run must outlive a throttled call."""
    retries = Config(retries={"mode": "standard", "max_attempts": 8})
    return cache(lambda service: session.client(service, config=retries))


def aws_target(settings: Settings, results: Path, upload: Upload, session: boto3.Session) -> DeployedTarget:
    """Find the stage's stacks in the account. Raises CommandError when AWS or they cannot be reached."""
    outputs: dict[str, str] = {}
    client = session.client("cloudformation")
    for name in stack_names(settings):
        try:
            stack = client.describe_stacks(StackName=name)["Stacks"][0]
        except ClientError as error:
            if "does not exist" in error.response["Error"].get("Message", ""):
                message = (
                    f"stack {name} is not there: deploy first (pipelines deploy --stage {settings.stage})"
                )
                raise CommandError(message, ExitCode.ENVIRONMENT) from error
            raise unreachable(error) from error
        except BotoCoreError as error:
            raise unreachable(error) from error
        outputs |= {entry["OutputKey"]: entry["OutputValue"] for entry in stack.get("Outputs", [])}
    found = Outputs.read(outputs, settings)
    return DeployedTarget(aws_clients(session), found, results, upload=upload)


def require_bootstrap(session: boto3.Session) -> None:
    """Raises CommandError when the account and region have not been prepared for CDK deployments."""
    try:
        session.client("ssm").get_parameter(Name=BOOTSTRAP_PARAMETER)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ParameterNotFound":
            raise unreachable(error) from error
        message = (
            f"region {session.region_name} of this account is not prepared for CDK: run once "
            "`make tools` and `node_modules/.bin/cdk bootstrap`"
        )
        raise CommandError(message, ExitCode.ENVIRONMENT) from error
    except BotoCoreError as error:
        raise unreachable(error) from error


def unreachable(error: Exception) -> CommandError:
    """The error of a call that did not get through, or was refused."""
    needs_set_up = isinstance(error, NoCredentialsError | NoRegionError)
    hint = ": set AWS_PROFILE, or the AWS_* variables" if needs_set_up else ""
    return CommandError(f"AWS does not answer: {error}{hint}", ExitCode.ENVIRONMENT)
