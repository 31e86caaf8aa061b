"""What the commands are connected to: the platform, AWS, the folders. Tests connect them to fakes."""

from __future__ import annotations

import os
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import boto3
from rich.console import Console

from config import Settings
from local.cli.aws_target import aws_clients, aws_target
from local.cli.cdk import Cdk
from local.cli.deployed_target import DeployedTarget
from local.cli.local_target import LocalPlatform, announce, find_running, outputs_of
from local.cli.runs import RunLog
from local.cli.target import Clients, RunTarget, Upload
from local.node import ROOT
from local.synthesis import Synthesis, assembly_folder

IamMode = Literal["record", "enforce"]

DEFAULT_SPEED = 1000.0
"""Waits of the state machine are divided by this in a local run: a minute takes 0.06 s."""


def home() -> Path:
    """Where the local platform keeps its things: PIPELINES_HOME, or `.pipelines` in the repository."""
    return Path(os.environ.get("PIPELINES_HOME") or ROOT / ".pipelines")


@dataclass(frozen=True, slots=True)
class PlatformOptions:
    """How a local platform is started."""

    speed: float = DEFAULT_SPEED
    iam_mode: IamMode = "enforce"


def _make_platform(settings: Settings, state_dir: Path, options: PlatformOptions) -> LocalPlatform:
    synthesis = Synthesis.begin(settings, assembly_folder(state_dir))
    # Brings moto and the emulator along: some seconds, in which the synthesis is at work.
    from local.cli.adapter import PlatformAdapter  # noqa: PLC0415

    return PlatformAdapter(settings, state_dir, options.speed, options.iam_mode, synthesis)


def _administrator(endpoint_url: str, region: str) -> Clients:
    from local.deploy.clients import Clients as LocalClients  # noqa: PLC0415  (as above)

    return LocalClients(endpoint_url, region)


def _upload(settings: Settings, *, replace: bool) -> Upload:
    from local.cli.raw_data import Existing, upload  # noqa: PLC0415

    def into(s3: Any, bucket: str, scenario: str, data: Path | None, *, keep: bool) -> None:
        existing: Existing = "keep" if keep else "replace" if replace else "refuse"
        upload(s3, bucket, settings.enabled_scenarios()[scenario], data, existing=existing)

    return into


@dataclass(frozen=True, slots=True)
class Wiring:
    """The connections of the real command line."""

    state_dir: Path = field(default_factory=home)
    console: Console = field(default_factory=Console)
    errors: Console = field(default_factory=lambda: Console(stderr=True))
    make_platform: Callable[[Settings, Path, PlatformOptions], LocalPlatform] = _make_platform
    administrator: Callable[[str, str], Clients] = _administrator
    make_upload: Callable[..., Upload] = _upload
    make_session: Callable[[], boto3.Session] = boto3.Session
    make_cdk: Callable[[str], Cdk] = Cdk
    open_page: Callable[[str], object] = webbrowser.open

    @property
    def results_dir(self) -> Path:
        """Where reports are copied to."""
        return self.state_dir / "results"

    @property
    def runs(self) -> RunLog:
        """What is remembered of earlier runs."""
        return RunLog(self.state_dir)

    @contextmanager
    def target(self, settings: Settings, *, aws: bool, options: PlatformOptions) -> Iterator[RunTarget]:
        """AWS, or the platform that is running, or one that lives as long as the block."""
        upload = self.make_upload(settings, replace=not aws)
        results = self.results_dir
        if aws:
            yield aws_target(settings, results, upload, self.make_session())
        elif running := find_running(settings, self.state_dir, self.administrator):
            clients = self.administrator(running.endpoint_url, running.region)
            yield DeployedTarget(clients, running.outputs, results, upload=upload)
        else:
            with self.platform(settings, options) as platform:
                yield DeployedTarget(
                    platform.clients,
                    outputs_of(platform, settings),
                    results,
                    upload=upload,
                    fire=platform.fire,
                    outlives_command=False,
                )

    @contextmanager
    def clients(self, settings: Settings, *, aws: bool) -> Iterator[Clients]:
        """The same, for commands that need no stacks: what runs have left outlives the stacks that started them."""
        if aws:
            yield aws_clients(self.make_session())
        elif running := find_running(settings, self.state_dir, self.administrator):
            yield self.administrator(running.endpoint_url, running.region)
        else:
            with self.platform(settings, PlatformOptions()) as platform:
                yield platform.clients

    @contextmanager
    def platform(self, settings: Settings, options: PlatformOptions) -> Iterator[LocalPlatform]:
        """A platform that is stopped at the end of the block, whatever happens in it."""
        platform = self.make_platform(settings, self.state_dir, options)
        platform.start()
        try:
            yield platform
        finally:
            platform.stop()

    @contextmanager
    def announced(self, platform: LocalPlatform, settings: Settings) -> Iterator[None]:
        """While the block lasts, other commands find the platform and use it."""
        file = announce(platform, settings, self.state_dir)
        try:
            yield
        finally:
            file.unlink(missing_ok=True)
