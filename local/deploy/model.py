"""What the deployer hands to a resource's handler, and what comes back; and the result of a deployment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from local.deploy.clients import Clients
    from local.deploy.names import ResourceIdentity
    from local.deploy.properties import Block, NotApplied


@dataclass(frozen=True, slots=True)
class ResourceRequest:
    """A resource to create. Its properties are resolved; every one must be read.

    `defer` takes work that has to wait until all resources of the stack exist (CloudFormation's own order of
    calls is not ours to know, and moto checks some things earlier than AWS does).
    """

    identity: ResourceIdentity
    properties: Block
    clients: Clients
    defer: Callable[[Callable[[], object]], None]

    def arn(self, service: str, resource: str) -> str:
        """The ARN of a regional resource of the account that is deployed to."""
        return f"arn:aws:{service}:{self.identity.region}:{self.identity.account_id}:{resource}"

    def named(self, key: str, limit: int, *, with_stack: bool = True, lower: bool = False) -> str:
        """The name in the template, or a generated one of at most `limit` characters."""
        given = self.properties.optional(key)
        return str(given) if given else self.identity.physical_name(limit, with_stack=with_stack, lower=lower)


@dataclass(frozen=True, slots=True)
class Created:
    """A resource that exists now: what Ref gives (its physical id), and what Fn::GetAtt gives."""

    physical_id: str
    attributes: Mapping[str, Any] = field(default_factory=dict)


Handler = Callable[[ResourceRequest], Created]


@dataclass(frozen=True, slots=True)
class DeployedResource:
    """A resource of a deployed stack. `not_applied` lists properties that have no effect locally, with reasons."""

    logical_id: str
    type: str
    physical_id: str
    attributes: Mapping[str, Any]
    not_applied: tuple[NotApplied, ...]


@dataclass(frozen=True, slots=True)
class DeployedStack:
    """A deployed stack: its outputs by their logical ids, and its resources by theirs."""

    name: str
    outputs: Mapping[str, str]
    resources: Mapping[str, DeployedResource]

    def of_type(self, resource_type: str) -> list[DeployedResource]:
        """Resources of one type, in the order of their creation."""
        return [resource for resource in self.resources.values() if resource.type == resource_type]


@dataclass(frozen=True, slots=True)
class DeployedApp:
    """All stacks of an assembly by name, in the order of their deployment."""

    stacks: Mapping[str, DeployedStack]

    @property
    def outputs(self) -> dict[str, dict[str, str]]:
        """Outputs of every stack: stack name → output → value."""
        return {name: dict(stack.outputs) for name, stack in self.stacks.items()}

    def of_type(self, resource_type: str) -> list[DeployedResource]:
        """Resources of one type in all stacks."""
        return [resource for stack in self.stacks.values() for resource in stack.of_type(resource_type)]
