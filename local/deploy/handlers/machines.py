"""Step Functions state machines."""

from __future__ import annotations

import json
import re
from typing import Any

from local.deploy.model import Created, Handler, ResourceRequest
from local.deploy.properties import Block, api_tags

_SUBSTITUTION = re.compile(r"\$\{([A-Za-z0-9_]+)\}")


def create_state_machine(request: ResourceRequest) -> Created:
    """A state machine with its definition, substitutions filled in."""
    block = request.properties
    name = request.named("StateMachineName", 80, with_stack=False)
    parameters = block.given({"StateMachineType": "type"})
    if logging := block.block("LoggingConfiguration"):
        parameters["loggingConfiguration"] = _logging(logging)
    if tracing := block.block("TracingConfiguration"):
        parameters["tracingConfiguration"] = {"enabled": bool(tracing.required("Enabled"))}
    if tags := [{"key": tag["Key"], "value": tag["Value"]} for tag in api_tags(block)]:
        parameters["tags"] = tags
    machine = request.clients("stepfunctions").create_state_machine(
        name=name, roleArn=block.required("RoleArn"), definition=_definition(block), **parameters
    )
    arn = machine["stateMachineArn"]
    return Created(arn, {"Arn": arn, "Name": name})


def _definition(block: Block) -> str:
    if "DefinitionString" in block:
        text = str(block.required("DefinitionString"))
    elif "Definition" in block:
        text = json.dumps(block.document("Definition"))
    else:
        raise block.error("DefinitionString", "is missing (DefinitionS3Location is not supported)")
    values: dict[str, Any] = block.document("DefinitionSubstitutions") or {}
    unused = set(values)

    def value_of(match: re.Match[str]) -> str:
        name = match[1]
        if name not in values:
            raise block.error("DefinitionSubstitutions", f"has no value for ${{{name}}} of the definition")
        unused.discard(name)
        return json.dumps(values[name]) if isinstance(values[name], bool) else str(values[name])

    text = _SUBSTITUTION.sub(value_of, text) if values else text
    if unused:
        raise block.error("DefinitionSubstitutions", f"{', '.join(sorted(unused))}: not in the definition")
    return text


def _logging(block: Block) -> dict[str, Any]:
    api = block.given({"Level": "level", "IncludeExecutionData": "includeExecutionData"})
    destinations = []
    for destination in block.blocks("Destinations"):
        group = destination.block("CloudWatchLogsLogGroup")
        if group is not None:
            destinations.append({"cloudWatchLogsLogGroup": {"logGroupArn": group.required("LogGroupArn")}})
    if destinations:
        api["destinations"] = destinations
    return api


HANDLERS: dict[str, Handler] = {"AWS::StepFunctions::StateMachine": create_state_machine}
