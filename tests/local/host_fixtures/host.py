"""A patched local server with its clients, for tests that need AWS to answer."""

import json
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import boto3

from local.functions import AssumedRoles
from local.moto_patches import PatchSettings, apply_patches, remove_patches
from local.server import LocalServer

ACCOUNT = "123456789012"
REGION = "us-east-1"
MACHINE_ROLE = f"arn:aws:iam::{ACCOUNT}:role/machine"


@dataclass
class Host:
    server: LocalServer
    url: str
    _clients: dict[str, Any] = field(default_factory=dict)

    def client(self, service: str) -> Any:
        if service not in self._clients:
            session = boto3.session.Session("test", "test", region_name=REGION)
            self._clients[service] = session.client(service, endpoint_url=self.url)
        return self._clients[service]

    def set_speed(self, speed: float) -> None:
        apply_patches(
            PatchSettings(speed=speed, endpoint_url=self.url, credentials_for_role=AssumedRoles(self.url))
        )

    def machine(self, definition: dict[str, Any], role: str = MACHINE_ROLE) -> str:
        document = json.dumps({"QueryLanguage": "JSONata", **definition})
        name = f"m-{uuid.uuid4().hex[:12]}"
        return str(
            self.client("stepfunctions").create_state_machine(name=name, definition=document, roleArn=role)[
                "stateMachineArn"
            ]
        )

    def start(self, machine_arn: str, event: Any = None, **request: Any) -> str:
        answer = self.client("stepfunctions").start_execution(
            stateMachineArn=machine_arn, input=json.dumps({} if event is None else event), **request
        )
        return str(answer["executionArn"])

    def finish(self, execution_arn: str, seconds: float = 30) -> dict[str, Any]:
        """Wait for the end of an execution; its output is parsed."""
        sfn = self.client("stepfunctions")
        deadline = time.monotonic() + seconds
        while (answer := sfn.describe_execution(executionArn=execution_arn))["status"] == "RUNNING":
            assert time.monotonic() < deadline, f"{execution_arn} is still running"
            time.sleep(0.01)
        return {**answer, "output": json.loads(answer["output"]) if "output" in answer else None}

    def run(self, definition: dict[str, Any], event: Any = None, **request: Any) -> dict[str, Any]:
        return self.finish(self.start(self.machine(definition), event, **request))

    def events(self, execution_arn: str) -> list[dict[str, Any]]:
        pages = self.client("stepfunctions").get_paginator("get_execution_history")
        return [event for page in pages.paginate(executionArn=execution_arn) for event in page["events"]]


@contextmanager
def started_host(emulator_app: Any = None, speed: float = 1000) -> Iterator[Host]:
    """Serve an empty AWS with the patches in place; patches and resources are gone afterwards."""
    LocalServer.reset()
    with LocalServer(emulator_app, region=REGION, account_id=ACCOUNT) as server:
        host = Host(server, server.endpoint_url)
        host.set_speed(speed)
        try:
            for role in ("machine", "function"):
                host.client("iam").create_role(RoleName=role, AssumeRolePolicyDocument="{}")
            yield host
        finally:
            remove_patches()
    LocalServer.reset()


def pass_state(expression: Any) -> dict[str, Any]:
    """A machine of one state whose output is the expression's value."""
    return {"StartAt": "P", "States": {"P": {"Type": "Pass", "Output": expression, "End": True}}}
