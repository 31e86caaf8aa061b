"""Lambda functions, layers and permissions."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Any

from local.deploy.model import Created, Handler, ResourceRequest
from local.deploy.properties import api_tags

if TYPE_CHECKING:
    from local.deploy.properties import Block


def create_function(request: ResourceRequest) -> Created:
    """A function. The local runtime takes its settings from what Lambda's API holds."""
    block, client = request.properties, request.clients("lambda")
    name = request.named("FunctionName", 64)
    parameters = block.given(
        {
            "Role": "Role",
            "Runtime": "Runtime",
            "Handler": "Handler",
            "Description": "Description",
            "Timeout": "Timeout",
            "MemorySize": "MemorySize",
            "Architectures": "Architectures",
            "Layers": "Layers",
            "PackageType": "PackageType",
            "KmsKeyArn": "KMSKeyArn",
        }
    )
    for key in ("Environment", "EphemeralStorage", "TracingConfig", "LoggingConfig", "DeadLetterConfig"):
        if key in block:
            parameters[key] = block.document(key)  # the same members in both, which botocore checks
    tags = {tag["Key"]: tag["Value"] for tag in api_tags(block)}
    function = client.create_function(FunctionName=name, Code=_code(block), Tags=tags, **parameters)
    if "ReservedConcurrentExecutions" in block:
        reserved = block.optional("ReservedConcurrentExecutions")
        client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=reserved)
    return Created(name, {"Arn": function["FunctionArn"]})


def _code(block: Block) -> dict[str, Any]:
    code = block.block("Code")
    if code is None:
        raise block.error("Code", "is missing")
    if "ZipFile" in code:
        return {"ZipFile": _inline(code.required("ZipFile"))}
    return _in_s3(code)


def _in_s3(code: Block) -> dict[str, Any]:
    names = {"S3Bucket": "S3Bucket", "S3Key": "S3Key", "S3ObjectVersion": "S3ObjectVersion"}
    return code.given(names)


def _inline(source: str) -> bytes:
    """CloudFormation writes inline code to a file named index."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo("index.py"), source)
    return buffer.getvalue()


def create_layer_version(request: ResourceRequest) -> Created:
    """A version of a layer."""
    block = request.properties
    content = block.block("Content")
    if content is None:
        raise block.error("Content", "is missing")
    names = ("Description", "CompatibleRuntimes", "CompatibleArchitectures", "LicenseInfo")
    version = request.clients("lambda").publish_layer_version(
        LayerName=request.named("LayerName", 140, with_stack=False),
        Content=_in_s3(content),
        **block.given({name: name for name in names}),
    )
    arn = version["LayerVersionArn"]
    return Created(arn, {"LayerVersionArn": arn})


def create_permission(request: ResourceRequest) -> Created:
    """A statement of a function's resource policy."""
    block = request.properties
    statement_id = request.identity.physical_name(100)
    names = ("Action", "FunctionName", "Principal", "SourceArn", "SourceAccount", "PrincipalOrgID")
    request.clients("lambda").add_permission(
        StatementId=statement_id, **block.given({name: name for name in names})
    )
    return Created(statement_id)


HANDLERS: dict[str, Handler] = {
    "AWS::Lambda::Function": create_function,
    "AWS::Lambda::LayerVersion": create_layer_version,
    "AWS::Lambda::Permission": create_permission,
}
