"""Deploys one stack: its resources in the order of their references, then its outputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from local.deploy.errors import DeploymentError
from local.deploy.handlers import HANDLERS, WITHOUT_EFFECT
from local.deploy.intrinsics import NO_VALUE, Resolver, references
from local.deploy.model import DeployedResource, DeployedStack, ResourceRequest
from local.deploy.names import ResourceIdentity
from local.deploy.properties import Block, NotApplied

if TYPE_CHECKING:
    from local.deploy.clients import Clients
    from local.deploy.identifiers import MotoIdentifiers

T = TypeVar("T")

_SECTIONS = {
    "AWSTemplateFormatVersion",
    "Description",
    "Metadata",
    "Parameters",
    "Rules",
    "Mappings",
    "Conditions",
    "Resources",
    "Outputs",
}
_RESOURCE_KEYS = {
    "Type",
    "Properties",
    "DependsOn",
    "Condition",
    "Metadata",
    "DeletionPolicy",
    "UpdateReplacePolicy",
}
_NO_UPDATES = "a local stack is made anew in every process, never updated or deleted"
_KNOWN_RULES = {"CheckBootstrapVersion"}
_SSM_PARAMETER = "AWS::SSM::Parameter::Value<String>"
_BOOTSTRAP_VERSION = "30"
"""What `cdk bootstrap` would have left in Parameter Store. It is not put there: templates only compare it with the
least version they need (rule CheckBootstrapVersion), and moto takes a second to load its Parameter Store."""


class StackDeployment:
    """A stack on its way: gives its template's names their meaning (`intrinsics.Names`) as resources appear."""

    def __init__(
        self,
        name: str,
        template: Mapping[str, Any],
        *,
        account_id: str,
        exports: dict[str, Any],
        clients: Clients,
        identifiers: MotoIdentifiers,
    ) -> None:
        self._name = name
        self._template = template
        self._account_id = account_id
        self._exports = exports
        self._clients = clients
        self._identifiers = identifiers
        self._resources: dict[str, DeployedResource] = {}
        self._deferred: list[tuple[str, Callable[[], object]]] = []
        self._pseudo_parameters = {
            "AWS::AccountId": account_id,
            "AWS::Region": clients.region,
            "AWS::Partition": "aws",
            "AWS::URLSuffix": "amazonaws.com",
            "AWS::StackName": name,
            "AWS::StackId": f"arn:aws:cloudformation:{clients.region}:{account_id}:stack/{name}/local",
            "AWS::NotificationARNs": [],
        }

    def run(self) -> DeployedStack:
        """Create everything. Raises DeploymentError at the first thing that is not understood or refused."""
        self._check_template()
        for logical_id in self._order():
            self._create(logical_id)
        for where, action in self._deferred:
            _calling(where, action)
        return DeployedStack(self._name, self._outputs(), self._resources)

    def ref(self, name: str) -> Any:
        """See Names."""
        if name in self._pseudo_parameters:
            return self._pseudo_parameters[name]
        if name in self._section("Parameters"):
            return self._parameter(name)
        return self._resource(name).physical_id

    def attribute(self, logical_id: str, name: str) -> Any:
        """See Names."""
        resource = self._resource(logical_id)
        if name not in resource.attributes:
            raise LookupError(f"the deployer knows no attribute {name} of {resource.type}")
        return resource.attributes[name]

    def exported(self, name: str) -> Any:
        """See Names."""
        if name not in self._exports:
            raise LookupError(f"no stack deployed so far exports {name}")
        return self._exports[name]

    def condition(self, name: str) -> bool:
        """See Names."""
        conditions = self._section("Conditions")
        if name not in conditions:
            raise LookupError(f"there is no condition {name}")
        return bool(Resolver(self, f"{self._name}/condition {name}").resolve(conditions[name]))

    def mapped(self, mapping: str, top: str, second: str) -> Any:
        """See Names."""
        entry = self._section("Mappings").get(mapping, {}).get(top, {})
        if second not in entry:
            raise LookupError(f"mapping {mapping} has no {top}.{second}")
        return entry[second]

    def _section(self, name: str) -> Mapping[str, Any]:
        section: Mapping[str, Any] = self._template.get(name, {})
        return section

    def _resource(self, logical_id: str) -> DeployedResource:
        if logical_id not in self._resources:
            raise LookupError(f"there is no parameter or resource {logical_id} in this stack")
        return self._resources[logical_id]

    def _parameter(self, name: str) -> Any:
        parameter = self._section("Parameters")[name]
        if "Default" not in parameter:
            raise LookupError(f"parameter {name} has no default, and nobody gives it a value here")
        if name == "BootstrapVersion":
            return _BOOTSTRAP_VERSION
        if parameter["Type"] == _SSM_PARAMETER:
            stored = self._clients("ssm").get_parameter(Name=parameter["Default"])
            return stored["Parameter"]["Value"]
        return parameter["Default"]

    def _check_template(self) -> None:
        unknown = sorted(set(self._template) - _SECTIONS)
        if unknown:
            raise DeploymentError(self._name, f"the template has unsupported sections: {', '.join(unknown)}")
        rules = sorted(set(self._section("Rules")) - _KNOWN_RULES)
        if rules:
            raise DeploymentError(
                self._name, f"the template has rules that nobody checks here: {', '.join(rules)}"
            )
        for logical_id, body in self._section("Resources").items():
            odd = sorted(set(body) - _RESOURCE_KEYS)
            if odd:
                raise DeploymentError(self._where(logical_id), f"has unsupported keys: {', '.join(odd)}")

    def _order(self) -> list[str]:
        """Logical ids, each after what it refers to or depends on; else in the template's order."""
        resources = {
            logical_id: body
            for logical_id, body in self._section("Resources").items()
            if self._is_wanted(body, self._where(logical_id))
        }
        graph = {}
        for logical_id, body in resources.items():
            explicit = body.get("DependsOn", [])
            named = [explicit] if isinstance(explicit, str) else explicit
            for name in named:
                if name not in self._section("Resources"):
                    raise DeploymentError(self._where(logical_id), f"depends on {name}, which does not exist")
            referred = set(references(body.get("Properties", {}))) | set(named)
            graph[logical_id] = [name for name in resources if name in referred]
        try:
            return list(TopologicalSorter(graph).static_order())
        except CycleError as error:
            raise DeploymentError(
                self._name, f"resources refer to each other: {' -> '.join(error.args[1])}"
            ) from error

    def _is_wanted(self, body: Mapping[str, Any], where: str) -> bool:
        """Whether the condition of a resource or output holds, if it has one."""
        name = body.get("Condition")
        return name is None or bool(Resolver(self, where).resolve({"Condition": name}))

    def _where(self, logical_id: str) -> str:
        kind = self._section("Resources")[logical_id].get("Type", "no type")
        return f"{self._name}/{logical_id} ({kind})"

    def _create(self, logical_id: str) -> None:
        body, where = self._section("Resources")[logical_id], self._where(logical_id)
        if body.get("Type") in WITHOUT_EFFECT:
            return
        handler = HANDLERS.get(body.get("Type"))
        if handler is None:
            raise DeploymentError(where, "resources of this type are not supported")
        properties = Resolver(self, where).resolve(body.get("Properties", {}))
        if properties is NO_VALUE:
            properties = {}
        block = Block(properties, where)
        identity = ResourceIdentity(self._account_id, self._clients.region, self._name, logical_id)
        self._identifiers.follow_from(identity)
        request = ResourceRequest(
            identity, block, self._clients, lambda action: self._deferred.append((where, action))
        )
        created = _calling(where, lambda: handler(request))
        if unread := block.unread():
            raise DeploymentError(
                where, f"properties that the deployer does not know: {', '.join(sorted(unread))}"
            )
        policies = [
            NotApplied(key, _NO_UPDATES) for key in ("DeletionPolicy", "UpdateReplacePolicy") if key in body
        ]
        self._resources[logical_id] = DeployedResource(
            logical_id, body["Type"], created.physical_id, created.attributes, (*policies, *block.ignored)
        )

    def _outputs(self) -> dict[str, str]:
        outputs = {}
        for name, body in self._section("Outputs").items():
            where = f"{self._name}/output {name}"
            if not self._is_wanted(body, where):
                continue
            resolver = Resolver(self, where)
            outputs[name] = resolver.resolve(body["Value"])
            if "Export" in body:
                export = resolver.resolve(body["Export"]["Name"])
                if export in self._exports:
                    raise DeploymentError(where, f"{export} is exported already")
                self._exports[export] = outputs[name]
        return outputs


def _calling(where: str, action: Callable[[], T]) -> T:
    """Do something with the API; what it refuses is an error about the resource."""
    try:
        return action()
    except (BotoCoreError, ClientError) as error:
        raise DeploymentError(where, f"was refused: {error}") from error
