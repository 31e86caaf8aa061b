"""A moto server on 127.0.0.1, and assemblies written by hand."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from moto.moto_api._internal.models import moto_api_backend
from moto.server import ThreadedMotoServer

from local.deploy import Clients, DeployedApp, deploy

ACCOUNT = "123456789012"
REGION = "us-east-1"


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def endpoint_url(server_url: str) -> Iterator[str]:
    yield server_url
    moto_api_backend.reset()


@pytest.fixture
def clients(endpoint_url: str) -> Clients:
    return Clients(endpoint_url, REGION)


WriteAssembly = Callable[..., Path]


@pytest.fixture
def write_assembly(tmp_path: Path) -> WriteAssembly:
    """Writes an assembly of templates: name → template, and optionally its dependencies and asset files."""

    def write(
        templates: Mapping[str, Mapping[str, Any]],
        *,
        dependencies: Mapping[str, list[str]] | None = None,
        files: Mapping[str, Any] | None = None,
        more_artifacts: Mapping[str, Any] | None = None,
    ) -> Path:
        folder = tmp_path / "cdk.out"
        folder.mkdir(exist_ok=True)
        artifacts: dict[str, Any] = dict(more_artifacts or {})
        for name, template in templates.items():
            (folder / f"{name}.template.json").write_text(json.dumps(template))
            assets = {"version": "1", "files": dict(files or {}), "dockerImages": {}}
            (folder / f"{name}.assets.json").write_text(json.dumps(assets))
            artifacts[f"{name}.assets"] = {
                "type": "cdk:asset-manifest",
                "properties": {"file": f"{name}.assets.json"},
            }
            artifacts[name] = {
                "type": "aws:cloudformation:stack",
                "properties": {"templateFile": f"{name}.template.json", "stackName": name},
                "dependencies": [f"{name}.assets", *(dependencies or {}).get(name, [])],
            }
        (folder / "manifest.json").write_text(json.dumps({"version": "1", "artifacts": artifacts}))
        return folder

    return write


@pytest.fixture
def deploy_resources(endpoint_url: str, write_assembly: WriteAssembly) -> Callable[..., DeployedApp]:
    """Deploys a stack `app` of the given resources and other template sections."""

    def run(resources: Mapping[str, Any], **sections: Any) -> DeployedApp:
        folder = write_assembly({"app": {"Resources": resources, **sections}})
        return deploy(folder, endpoint_url=endpoint_url, account_id=ACCOUNT, region=REGION)

    return run
