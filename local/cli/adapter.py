"""The local platform as the command line sees it. Imported only by commands that run something: it brings moto."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from config import Settings
from local.cli.exit_codes import CommandError, ExitCode
from local.cli.target import Clients
from local.deploy.errors import DeploymentError
from local.iam import IamMode
from local.platform import Platform, PlatformError
from local.schedules import ScheduleError, fire_schedule
from local.synthesis import Synthesis, SynthesisError


class PlatformAdapter:
    """A platform of this process whose failures are messages for people."""

    def __init__(
        self,
        settings: Settings,
        state_dir: Path,
        speed: float,
        iam_mode: Literal["record", "enforce"],
        synthesis: Synthesis,
    ) -> None:
        self._platform = Platform(
            settings, state_dir, speed=speed, iam_mode=IamMode(iam_mode), synthesis=synthesis
        )

    @property
    def endpoint_url(self) -> str:
        """Where AWS's API is answered."""
        return self._platform.endpoint_url

    @property
    def clients(self) -> Clients:
        """Clients of the platform's administrator."""
        return self._platform.clients

    def output(self, key: str) -> str:
        """An output of the deployed stacks."""
        return self._platform.output(key)

    def start(self) -> None:
        """Deploy and serve. Raises CommandError when the template cannot be deployed."""
        try:
            self._platform.start()
        except (DeploymentError, PlatformError, SynthesisError) as error:
            raise CommandError(f"the local platform cannot start: {error}", ExitCode.ENVIRONMENT) from error

    def stop(self) -> None:
        """End everything that was started."""
        self._platform.stop()

    def fire(self, schedule: str) -> str:
        """Fire a schedule with its own role, also one that is switched off: whoever fires it wants it now."""
        try:
            return fire_schedule(
                schedule, clients=self._platform.clients, roles=self._platform.authorizer, force=True
            )
        except ScheduleError as error:
            raise CommandError(f"the schedule cannot be fired: {error}", ExitCode.ENVIRONMENT) from error
