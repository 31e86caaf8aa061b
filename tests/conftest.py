"""What tests of several rooms need: the application, synthesized once."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

PSEUDO_PARAMETERS = {
    "AWS::Partition": "aws",
    "AWS::Region": "us-east-1",
    "AWS::AccountId": "123456789012",
}


@dataclass(frozen=True)
class Assembly:
    """A synthesized app: its folder, and its templates by stack name."""

    folder: Path

    @property
    def templates(self) -> dict[str, dict[str, Any]]:
        return {
            path.name.removesuffix(".template.json"): json.loads(path.read_text())
            for path in sorted(self.folder.glob("*.template.json"))
        }

    def resources(self, kind: str, stack: str = "") -> Iterator[tuple[str, str, Mapping[str, Any]]]:
        """Stack, logical id and whole resource of every resource of a type."""
        for name, template in self.templates.items():
            for logical_id, resource in template["Resources"].items():
                if resource["Type"] == kind and name.startswith(stack):
                    yield name, logical_id, resource

    def definitions(self) -> dict[str, dict[str, Any]]:
        """The definition of every state machine by its name, with stand-ins for what CloudFormation fills in."""
        return {
            resource["Properties"]["StateMachineName"]: json.loads(
                _resolved(resource["Properties"]["DefinitionString"])
            )
            for _, _, resource in self.resources("AWS::StepFunctions::StateMachine")
        }


def _resolved(value: Any) -> str:
    match value:
        case str():
            return value
        case {"Fn::Join": [separator, parts]}:
            return separator.join(_resolved(part) for part in parts)
        case {"Ref": pseudo} if pseudo in PSEUDO_PARAMETERS:
            return PSEUDO_PARAMETERS[pseudo]
        case {"Fn::GetAtt": [name, "Arn"]}:
            return f"arn:aws:lambda:us-east-1:123456789012:function:{name}"
        case {"Ref": name} | {"Fn::ImportValue": name}:
            return str(name).lower()
    raise AssertionError(f"unexpected {value!r}")


@pytest.fixture(scope="session")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    """Both stages in one app, with cdk-nag's checks, without building Lambda's libraries."""
    from config import load_settings
    from stacks.application import build

    folder = tmp_path_factory.mktemp("cdk.out")
    build([load_settings("dev"), load_settings("prod")], outdir=folder, libraries=False).synth()
    return Assembly(folder)
