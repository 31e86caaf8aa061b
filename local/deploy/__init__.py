"""A strict deployer of CDK cloud assemblies into moto."""

from local.deploy.assets import zip_directory
from local.deploy.clients import Clients
from local.deploy.deployment import deploy
from local.deploy.errors import DeploymentError
from local.deploy.model import DeployedApp, DeployedResource, DeployedStack

__all__ = [
    "Clients",
    "DeployedApp",
    "DeployedResource",
    "DeployedStack",
    "DeploymentError",
    "deploy",
    "zip_directory",
]
