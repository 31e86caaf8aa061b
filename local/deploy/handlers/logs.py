"""CloudWatch log groups and resource policies."""

from __future__ import annotations

from local.deploy.model import Created, Handler, ResourceRequest
from local.deploy.properties import api_tags


def create_log_group(request: ResourceRequest) -> Created:
    """A log group with its retention."""
    block, logs = request.properties, request.clients("logs")
    name = request.named("LogGroupName", 512)
    parameters = block.given({"KmsKeyId": "kmsKeyId", "LogGroupClass": "logGroupClass"})
    if tags := {tag["Key"]: tag["Value"] for tag in api_tags(block)}:
        parameters["tags"] = tags
    logs.create_log_group(logGroupName=name, **parameters)
    if "RetentionInDays" in block:
        logs.put_retention_policy(logGroupName=name, retentionInDays=block.optional("RetentionInDays"))
    return Created(name, {"Arn": request.arn("logs", f"log-group:{name}:*")})


def create_resource_policy(request: ResourceRequest) -> Created:
    """Who may write logs on behalf of a service."""
    name = request.properties.required("PolicyName")
    document = request.properties.required("PolicyDocument")
    request.clients("logs").put_resource_policy(policyName=name, policyDocument=document)
    return Created(name)


HANDLERS: dict[str, Handler] = {
    "AWS::Logs::LogGroup": create_log_group,
    "AWS::Logs::ResourcePolicy": create_resource_policy,
}
