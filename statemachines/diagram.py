"""Draw the definition of a state machine as a Mermaid flowchart, which code hosts render as a picture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

SHAPES = {
    "Task": ('["', '"]'),
    "Choice": ('{"', '"}'),
    "Wait": ('(["', '"])'),
    "Pass": ('("', '")'),
    "Succeed": ('((("', '")))'),
    "Fail": ('((("', '")))'),
}


def flowchart(definition: Mapping[str, Any]) -> str:
    """The chart of a definition (a dictionary in the Amazon States Language), from top to bottom.

    Every task leads its errors to the failure path; drawn are only the paths on which a decision leads there.
    """
    lines = ["flowchart TD", *_states(definition, "s")]
    lines.append("classDef failure stroke-dasharray: 4 3")
    failing = [_id("s", name) for name in definition["States"] if name in _failure_states(definition)]
    return "\n".join([*lines, f"class {','.join(failing)} failure"])


def _states(definition: Mapping[str, Any], prefix: str) -> Iterator[str]:
    for name, state in definition["States"].items():
        if state["Type"] == "Map":
            yield f'subgraph {_id(prefix, name)}["{name}"]'
            yield from _states(state["ItemProcessor"], f"{prefix}m")
            yield "end"
        else:
            before, after = SHAPES[state["Type"]]
            yield f"{_id(prefix, name)}{before}{name}{after}"
    for name, state in definition["States"].items():
        for label, target in _edges(state):
            arrow = f"-- {label} -->" if label else "-->"
            yield f"{_id(prefix, name)} {arrow} {_id(prefix, target)}"


def _edges(state: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if state["Type"] == "Choice":
        for choice in state["Choices"]:
            failing = "failure" in choice["Condition"]
            yield ("failed" if failing else "yes"), choice["Next"]
        yield "no", state["Default"]
    elif "Next" in state:
        yield "", state["Next"]


def _failure_states(definition: Mapping[str, Any]) -> set[str]:
    """The states that only a failure reaches."""
    states = definition["States"]
    reached, ahead = set(), [definition["StartAt"]]
    while ahead:
        name = ahead.pop()
        if name in reached:
            continue
        reached.add(name)
        edges = ((label, target) for label, target in _edges(states[name]) if label != "failed")
        ahead.extend(target for _, target in edges)
    return set(states) - reached


def _id(prefix: str, name: str) -> str:
    return prefix + "".join(character for character in name.title() if character.isalnum())
