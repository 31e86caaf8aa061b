"""The application on this machine: a platform of this process, or one that `pipelines up` keeps running."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

from botocore.exceptions import BotoCoreError, ClientError

from config import Settings
from local.cli.exit_codes import CommandError, ExitCode
from local.cli.target import Clients, Outputs

RUNNING_FILE = "platform.json"


class LocalPlatform(Protocol):
    """What the command line needs of local/platform.py."""

    @property
    def endpoint_url(self) -> str:
        """Where AWS's API is answered."""

    @property
    def clients(self) -> Clients:
        """Clients of the platform's administrator."""

    def output(self, key: str) -> str:
        """An output of the deployed stacks."""

    def start(self) -> None:
        """Deploy and serve."""

    def stop(self) -> None:
        """End everything that was started."""

    def fire(self, schedule: str) -> str:
        """Fire a schedule by its name; returns the ARN of the execution that it started."""


@dataclass(frozen=True, slots=True)
class RunningPlatform:
    """A platform that another process serves, as `pipelines up` announces it."""

    pid: int
    settings_digest: str
    endpoint_url: str
    outputs: Outputs

    @property
    def region(self) -> str:
        """The region that the platform plays."""
        return next(iter(self.outputs.machines.values())).split(":")[3]


def settings_digest(settings: Settings) -> str:
    """A fingerprint: a platform serves the settings with which it was started."""
    return hashlib.sha256(settings.model_dump_json().encode()).hexdigest()


def outputs_of(platform: LocalPlatform, settings: Settings) -> Outputs:
    """What the stacks of a started platform say about themselves."""
    keys = [*Outputs.BUCKET_KEYS, *(Outputs.machine_key(name) for name in settings.enabled_scenarios())]
    return Outputs.read({key: platform.output(key) for key in keys}, settings)


def announce(platform: LocalPlatform, settings: Settings, state_dir: Path) -> Path:
    """Write down how other processes reach the platform; returns the file, to be removed at the end."""
    running = RunningPlatform(
        os.getpid(), settings_digest(settings), platform.endpoint_url, outputs_of(platform, settings)
    )
    state_dir.mkdir(parents=True, exist_ok=True)
    file = state_dir / RUNNING_FILE
    file.write_text(json.dumps(asdict(running)), encoding="utf-8")
    return file


def find_running(
    settings: Settings, state_dir: Path, make_clients: Callable[[str, str], Clients]
) -> RunningPlatform | None:
    """The platform that serves this state folder, if one answers. Raises CommandError for other settings."""
    try:
        document = json.loads((state_dir / RUNNING_FILE).read_text(encoding="utf-8"))
        running = RunningPlatform(**{**document, "outputs": Outputs(**document["outputs"])})
    except (FileNotFoundError, ValueError, TypeError, KeyError):
        return None  # none was announced, or one of another version: a new platform is as good
    if not _answers(make_clients(running.endpoint_url, running.region)):
        return None
    if running.settings_digest != settings_digest(settings):
        message = (
            f"a platform with other settings is running (process {running.pid}): stop it there with Ctrl-C, "
            "and start it again"
        )
        raise CommandError(message, ExitCode.ENVIRONMENT)
    return running


def _answers(clients: Clients) -> bool:
    try:
        clients("sts").get_caller_identity()
    except (BotoCoreError, ClientError):
        return False
    return True
