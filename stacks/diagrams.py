"""Write docs/state-machines.md: `python -m stacks.diagrams > docs/state-machines.md`."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from config import load_settings
from stacks.application import build
from statemachines.diagram import flowchart

INTRODUCTION = """# State machines

Drawn from the synthesized definitions (`python -m stacks.diagrams`); a test compares. Dashed states are reached by a
failure only. Every task leads its errors there, which is not drawn: it would be an arrow from each of them."""


def document() -> str:
    """The page with one chart per scenario of the settings in config/dev.yaml."""
    with tempfile.TemporaryDirectory() as folder:
        build([load_settings("dev")], outdir=Path(folder), libraries=False, checks=False).synth()
        template = json.loads((Path(folder) / "pp-dev-pipelines.template.json").read_text())
    charts = [
        f"## {name.removeprefix('pp-dev-').replace('-', '_')}\n\n```mermaid\n{flowchart(definition)}\n```"
        for name, definition in definitions(template)
    ]
    return "\n\n".join([INTRODUCTION, *charts]) + "\n"


def definitions(template: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Name and definition of every state machine of a template, references replaced by a stand-in."""
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::StepFunctions::StateMachine":
            parts = resource["Properties"]["DefinitionString"]["Fn::Join"][1]
            text = "".join(part if isinstance(part, str) else "reference" for part in parts)
            yield resource["Properties"]["StateMachineName"], json.loads(text)


if __name__ == "__main__":
    sys.stdout.write(document())
