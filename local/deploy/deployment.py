"""Deploys a cloud assembly: what `cdk deploy` does through CloudFormation, done by API calls of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local.deploy.assembly import read_assembly
from local.deploy.assets import upload, zip_directory
from local.deploy.clients import Clients
from local.deploy.errors import DeploymentError
from local.deploy.identifiers import MotoIdentifiers
from local.deploy.model import DeployedApp
from local.deploy.stack import StackDeployment

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any


def deploy(
    assembly_dir: Path,
    *,
    endpoint_url: str,
    account_id: str,
    region: str,
    pack_directory: Callable[[Path], bytes] = zip_directory,
) -> DeployedApp:
    """Deploy every stack of an assembly (`cdk.out`) into the moto server at `endpoint_url`.

    Nothing is left out silently: an unknown resource type, intrinsic function, property or template section is
    a DeploymentError that names stack, resource and property. Buckets that exist already are taken over (their
    contents outlive the process); everything else must be new to the server. `pack_directory` turns an asset's
    directory into the bytes that are uploaded. Not for two threads at once: moto's identifiers are seeded.
    """
    clients = Clients(endpoint_url, region)
    _check_account(clients, account_id)
    stacks = read_assembly(assembly_dir)
    placeholders = {"AWS::AccountId": account_id, "AWS::Region": region, "AWS::Partition": "aws"}
    exports: dict[str, Any] = {}
    identifiers = MotoIdentifiers(endpoint_url)
    deployed = {}
    try:
        for stack in stacks:
            for asset in stack.assets:
                upload(asset, clients, lambda text: _fill_in(text, placeholders), pack_directory)
            deployed[stack.name] = StackDeployment(
                stack.name,
                stack.template,
                account_id=account_id,
                exports=exports,
                clients=clients,
                identifiers=identifiers,
            ).run()
    finally:
        identifiers.be_random_again()
    return DeployedApp(deployed)


def _check_account(clients: Clients, account_id: str) -> None:
    """ARNs are spelled with the account: a server that thinks it is another one would not find them."""
    served = clients("sts").get_caller_identity()["Account"]
    if served != account_id:
        raise DeploymentError(clients.endpoint_url, f"serves account {served}, not {account_id}")


def _fill_in(text: str, placeholders: dict[str, str]) -> str:
    for name, value in placeholders.items():
        text = text.replace(f"${{{name}}}", value)
    if "${" in text:
        raise DeploymentError(text, "holds a placeholder that the deployer does not know")
    return text
