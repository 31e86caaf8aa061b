"""IAM roles and their policies."""

from __future__ import annotations

import json

from botocore.exceptions import ClientError

from local.deploy.model import Created, Handler, ResourceRequest
from local.deploy.properties import api_tags


def create_role(request: ResourceRequest) -> Created:
    """A role with its inline policies and attached managed policies."""
    block, iam = request.properties, request.clients("iam")
    name = request.named("RoleName", 64)
    parameters = block.given(
        {
            "Path": "Path",
            "Description": "Description",
            "MaxSessionDuration": "MaxSessionDuration",
            "PermissionsBoundary": "PermissionsBoundary",
        }
    )
    if tags := api_tags(block):
        parameters["Tags"] = tags
    trust = json.dumps(block.document("AssumeRolePolicyDocument"))
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust, **parameters)["Role"]
    for policy in block.blocks("Policies"):
        iam.put_role_policy(
            RoleName=name,
            PolicyName=policy.required("PolicyName"),
            PolicyDocument=json.dumps(policy.document("PolicyDocument")),
        )
    for arn in block.optional("ManagedPolicyArns") or []:
        _attach(request, name, arn)
    return Created(name, {"Arn": role["Arn"], "RoleId": role["RoleId"]})


def _attach(request: ResourceRequest, role: str, arn: str) -> None:
    try:
        request.clients("iam").attach_role_policy(RoleName=role, PolicyArn=arn)
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchEntity":
            raise
        raise request.properties.error(
            "ManagedPolicyArns",
            f"there is no policy {arn}. AWS's own managed policies are not loaded locally, for each of them allows "
            "more than a task needs: give the role a policy of the application.",
        ) from error


def create_policy(request: ResourceRequest) -> Created:
    """An inline policy of one or several roles."""
    block = request.properties
    name = block.required("PolicyName")
    document = json.dumps(block.document("PolicyDocument"))
    roles = block.required("Roles")
    for role in roles:
        request.clients("iam").put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=document)
    return Created(name)


def create_managed_policy(request: ResourceRequest) -> Created:
    """A managed policy, attached to roles."""
    block, iam = request.properties, request.clients("iam")
    policy = iam.create_policy(
        PolicyName=request.named("ManagedPolicyName", 128),
        PolicyDocument=json.dumps(block.document("PolicyDocument")),
        **block.given({"Path": "Path", "Description": "Description"}),
    )["Policy"]
    for role in block.optional("Roles") or []:
        iam.attach_role_policy(RoleName=role, PolicyArn=policy["Arn"])
    return Created(policy["Arn"], {"PolicyArn": policy["Arn"], "PolicyId": policy["PolicyId"]})


HANDLERS: dict[str, Handler] = {
    "AWS::IAM::Role": create_role,
    "AWS::IAM::Policy": create_policy,
    "AWS::IAM::ManagedPolicy": create_managed_policy,
}
