"""Permissions, and the findings of cdk-nag about them that are accepted: each by its own id, with its reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aws_cdk import Stack, Validations
from aws_cdk import aws_iam as iam
from constructs import IConstruct


def allow(
    role: iam.Role,
    actions: Sequence[str],
    resources: Sequence[str],
    *,
    wildcard_reason: str = "",
    conditions: Mapping[str, Any] | None = None,
) -> None:
    """Permit actions on resources. A resource with a wildcard needs a reason, which answers cdk-nag's finding."""
    role.add_to_policy(
        iam.PolicyStatement(actions=list(actions), resources=list(resources), conditions=conditions)
    )
    wildcards = [resource for resource in resources if "*" in resource]
    if wildcards and not wildcard_reason:
        raise ValueError(f"say why {', '.join(wildcards)} must have a wildcard")
    acknowledge(role, wildcard_reason, *(wildcard(role, resource) for resource in wildcards))


def acknowledge(construct: IConstruct, reason: str, *findings: str) -> None:
    """Accept these findings on this construct and what it contains.

    Written as metadata, where cdk-nag looks: `Validations.acknowledge` refuses ids with more than one `::`, which the
    findings about wildcards in ARNs have.
    """
    for finding in findings:
        construct.node.add_metadata(Validations.ACKNOWLEDGED_RULES_METADATA_KEY, {finding: reason})


def wildcard(scope: IConstruct, resource: str) -> str:
    """The id of the finding about a wildcard in the resource of a policy statement."""
    return f"AwsSolutions-IAM5[Resource::{_flat(Stack.of(scope).resolve(resource))}]"


def _flat(value: Any) -> str:
    """A resolved token as cdk-nag spells it: references in angle brackets, imports by their export's name."""
    match value:
        case str():
            return value
        case {"Fn::Join": [separator, parts]}:
            return str(separator).join(_flat(part) for part in parts)
        case {"Ref": name}:
            return f"<{name}>"
        case {"Fn::GetAtt": [name, attribute]}:
            return f"<{name}.{attribute}>"
        case {"Fn::ImportValue": name}:
            return str(name)
    raise ValueError(f"no spelling known for {value!r}")
