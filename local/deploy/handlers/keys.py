"""KMS keys and aliases."""

from __future__ import annotations

import json

from local.deploy.model import Created, Handler, ResourceRequest
from local.deploy.properties import api_tags


def create_key(request: ResourceRequest) -> Created:
    """A key. Its id is the same in every process: the deployer seeds moto's identifiers."""
    block, kms = request.properties, request.clients("kms")
    block.ignore("PendingWindowInDays", "it matters when a key is deleted, and a local stack never is")
    parameters = block.given(
        {
            "Description": "Description",
            "KeySpec": "KeySpec",
            "KeyUsage": "KeyUsage",
            "MultiRegion": "MultiRegion",
            "Origin": "Origin",
        }
    )
    if "KeyPolicy" in block:
        parameters["Policy"] = json.dumps(block.document("KeyPolicy"))
    tags = [{"TagKey": tag["Key"], "TagValue": tag["Value"]} for tag in api_tags(block)]
    if tags:
        parameters["Tags"] = tags
    metadata = kms.create_key(**parameters)["KeyMetadata"]
    key_id = metadata["KeyId"]
    period = block.given({"RotationPeriodInDays": "RotationPeriodInDays"})
    if block.optional("EnableKeyRotation"):
        kms.enable_key_rotation(KeyId=key_id, **period)
    if block.optional("Enabled") is False:
        kms.disable_key(KeyId=key_id)
    return Created(key_id, {"Arn": metadata["Arn"], "KeyId": key_id})


def create_alias(request: ResourceRequest) -> Created:
    """An alias of a key."""
    name = request.properties.required("AliasName")
    target = request.properties.required("TargetKeyId")
    request.clients("kms").create_alias(AliasName=name, TargetKeyId=target)
    return Created(name)


HANDLERS: dict[str, Handler] = {"AWS::KMS::Key": create_key, "AWS::KMS::Alias": create_alias}
