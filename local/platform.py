"""The application on this machine: the template deployed into a process that answers AWS's API.

with Platform(settings, Path(".pipelines")) as platform:
    execution = platform.clients("stepfunctions").start_execution(
        stateMachineArn=platform.output("HrnnMachineArn"), name="run-1", input="{}")
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import boto3

from emulator import Emulator, Timing, create_app
from local.deploy import deploy
from local.deploy.clients import Clients
from local.functions import FunctionRuntime
from local.iam import Authorizer, IamMode
from local.moto_patches import PatchSettings, apply_patches, remove_patches
from local.s3_store import S3Store
from local.server import LocalServer
from local.synthesis import Synthesis, assembly_folder

if TYPE_CHECKING:
    from config import Settings
    from local.deploy import DeployedApp

ACCOUNT_ID = "123456789012"
REGION = "us-east-1"
DEFAULT_SPEED = 1000.0


class PlatformError(Exception):
    """The local platform cannot do what it was asked to."""


@dataclass(frozen=True, slots=True)
class Folders:
    """Where the platform keeps its things, all below one folder."""

    root: Path

    @property
    def objects(self) -> Path:
        """S3's objects."""
        return self.root / "s3"

    @property
    def personalize(self) -> Path:
        """Resources, data and models of the emulator."""
        return self.root / "personalize"

    @property
    def assembly(self) -> Path:
        """What the CDK app synthesized."""
        return assembly_folder(self.root)

    @property
    def logs(self) -> Path:
        """What the functions print, a file each."""
        return self.root / "logs"

    @property
    def iam_calls(self) -> Path:
        """Every call with its verdict, a JSON line each."""
        return self.root / "iam-calls.jsonl"


class Platform:
    """AWS for one stage of the application, in this process. Used as a context manager.

    `speed` divides every wait: those of the state machines and those of the emulated service. Timeouts of state
    machines stay as they are. moto keeps its state per process, so only one platform can be started at a time.
    """

    def __init__(
        self,
        settings: Settings,
        root: Path,
        *,
        speed: float = DEFAULT_SPEED,
        iam_mode: IamMode = IamMode.ENFORCE,
        port: int = 0,
        synthesis: Synthesis | None = None,
    ) -> None:
        """Prepare; nothing is started before `start`. A synthesis that was begun earlier saves its time."""
        self.settings = settings
        self.folders = Folders(root.resolve())
        self.speed = speed
        self.authorizer = Authorizer(iam_mode, ACCOUNT_ID, REGION, self.folders.iam_calls)
        self._port = port
        self._synthesis = synthesis
        self._stack = ExitStack()
        self._deployed: DeployedApp | None = None
        self._clients: Clients | None = None
        self.emulator: Emulator | None = None
        self.endpoint_url = ""

    def start(self) -> Self:
        """Synthesize, start the server, deploy. What an earlier process stored is there again."""
        synthesis = self._synthesis or Synthesis.begin(self.settings, self.folders.assembly)
        self._stack.callback(synthesis.abandon)
        try:
            self._start_server()
            self._deployed = deploy(
                synthesis.finish(), endpoint_url=self.endpoint_url, account_id=ACCOUNT_ID, region=REGION
            )
        except BaseException:
            self.stop()
            raise
        return self

    def _start_server(self) -> None:
        LocalServer.reset()
        store = S3Store(self.folders.objects, ACCOUNT_ID, REGION)
        store.attach()
        self._stack.callback(store.detach)
        store.restore()
        self.emulator = Emulator(
            self.folders.personalize,
            ACCOUNT_ID,
            REGION,
            s3_for_role=self._s3_of_service,
            timing=Timing.scaled(self.speed),
        )
        self._stack.callback(self.emulator.close)
        app = create_app(self.emulator, authorize=self.authorizer.authorize_personalize)
        server = LocalServer(app, REGION, ACCOUNT_ID, self._port)
        self.endpoint_url = server.start()
        self._stack.callback(server.stop)
        self._clients = Clients(self.endpoint_url, REGION)
        assume = self.authorizer.credentials_for_role
        apply_patches(
            PatchSettings(
                speed=self.speed,
                endpoint_url=self.endpoint_url,
                credentials_for_role=partial(assume, service_principal="states.amazonaws.com"),
            )
        )
        self._stack.callback(remove_patches)
        self.authorizer.install()
        self._stack.callback(self.authorizer.uninstall)
        functions = FunctionRuntime(
            self.endpoint_url,
            self.folders.root / "functions",
            self.folders.logs,
            REGION,
            credentials_for_role=partial(assume, service_principal="lambda.amazonaws.com"),
            # Pauses that a function makes belong to the same clock as the waits of the state machines.
            variables={"PIPELINES_CLOCK_SPEED": str(self.speed)},
        )
        functions.start()
        self._stack.callback(functions.stop)

    def stop(self) -> None:
        """End everything that was started, the last first. Safe to call twice."""
        self._stack.close()

    def __enter__(self) -> Self:
        """Start."""
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.stop()

    @property
    def clients(self) -> Clients:
        """Clients of the platform's administrator, whose calls are not judged."""
        if self._clients is None:
            raise PlatformError("the platform is not started")
        return self._clients

    def output(self, key: str) -> str:
        """An output of the deployed stacks. Raises PlatformError when there is none of that name."""
        for stack in self._deployed.stacks.values() if self._deployed else ():
            if key in stack.outputs:
                return stack.outputs[key]
        raise PlatformError(f"no stack of stage {self.settings.stage!r} has an output {key!r}")

    def _s3_of_service(self, role_arn: str | None) -> Any:
        """S3 as Personalize sees it: with the role it was given, which must trust it."""
        if role_arn is None:
            raise PermissionError("the request names no roleArn, so the service may not read or write S3")
        credentials = self.authorizer.credentials_for_role(role_arn, "personalize.amazonaws.com")
        return boto3.client(
            "s3",
            region_name=REGION,
            endpoint_url=self.endpoint_url,
            aws_access_key_id=credentials.access_key_id,
            aws_secret_access_key=credentials.secret_access_key,
            aws_session_token=credentials.session_token,
        )
