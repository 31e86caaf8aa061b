"""A moto server on 127.0.0.1 with an authorizer that enforces, as the platform has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from moto.moto_api._internal.models import moto_api_backend
from moto.server import ThreadedMotoServer

from local.deploy import Clients
from local.iam import Authorizer, IamMode

if TYPE_CHECKING:
    from collections.abc import Iterator

REGION = "us-east-1"


@pytest.fixture(scope="session")
def endpoint_url() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def clients(endpoint_url: str) -> Iterator[Clients]:
    yield Clients(endpoint_url, REGION)
    moto_api_backend.reset()


@pytest.fixture
def authorizer(clients: Clients) -> Iterator[Authorizer]:
    authorizer = Authorizer(IamMode.ENFORCE, "123456789012", REGION)
    authorizer.install()
    yield authorizer
    authorizer.uninstall()
