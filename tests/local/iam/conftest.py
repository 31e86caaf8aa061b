"""A moto server on 127.0.0.1, roles in it, and clients that act as the administrator or as a role."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from moto.moto_api._internal.models import moto_api_backend
from moto.server import ThreadedMotoServer

from local.iam import (
    ADMINISTRATOR_ACCESS_KEY_ID,
    ADMINISTRATOR_SECRET_ACCESS_KEY,
    Authorizer,
    IamMode,
    RoleCredentials,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

ACCOUNT = "123456789012"
REGION = "us-east-1"
ADMINISTRATOR = RoleCredentials(ADMINISTRATOR_ACCESS_KEY_ID, ADMINISTRATOR_SECRET_ACCESS_KEY, "")


class Aws:
    """The endpoint, with short ways to make clients and roles."""

    def __init__(self, endpoint_url: str) -> None:
        self.endpoint_url = endpoint_url

    def client(self, service: str, credentials: RoleCredentials = ADMINISTRATOR) -> Any:
        return boto3.client(
            service,
            endpoint_url=self.endpoint_url,
            region_name=REGION,
            aws_access_key_id=credentials.access_key_id,
            aws_secret_access_key=credentials.secret_access_key,
            aws_session_token=credentials.session_token or None,
            config=Config(retries={"total_max_attempts": 1}),
        )

    @staticmethod
    def allow(*actions: str, on: str | list[str] = "*", **elements: Any) -> dict[str, Any]:
        """An Allow statement."""
        return {"Effect": "Allow", "Action": list(actions), "Resource": on, **elements}

    def role(self, name: str, *statements: dict[str, Any], service: str = "lambda.amazonaws.com") -> str:
        iam = self.client("iam")
        trust = {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": service}}],
        }
        arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
        if statements:
            policy = {"Version": "2012-10-17", "Statement": list(statements)}
            iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=json.dumps(policy))
        return str(arn)


@pytest.fixture(scope="session")
def endpoint_url() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def aws(endpoint_url: str) -> Iterator[Aws]:
    yield Aws(endpoint_url)
    moto_api_backend.reset()


@pytest.fixture
def authorizer_in(tmp_path: Path) -> Iterator[Callable[[IamMode], Authorizer]]:
    """Installs an authorizer in a mode; it writes its record to `tmp_path / "calls.jsonl"`."""
    installed: list[Authorizer] = []

    def install(mode: IamMode) -> Authorizer:
        authorizer = Authorizer(mode, ACCOUNT, REGION, tmp_path / "calls.jsonl")
        authorizer.install()
        installed.append(authorizer)
        return authorizer

    yield install
    for authorizer in installed:
        authorizer.uninstall()


@pytest.fixture
def enforcing(authorizer_in: Callable[[IamMode], Authorizer]) -> Authorizer:
    return authorizer_in(IamMode.ENFORCE)
