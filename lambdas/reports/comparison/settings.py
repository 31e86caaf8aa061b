"""Which settings differ between two runs, by paths such as `solution.solutionConfig.algorithmHyperParameters.bptt`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lambdas.reports.comparison.run import Run

NOT_SET = "not set"

# Facts that differ from run to run whatever the settings are.
_OF_EVERY_RUN = frozenset({"execution_arn", "started_at", "stages", "batch_inference_job_arn"})
# Deeper than any request of the service; what lies below is told as JSON.
_DEEPEST = 12


@dataclass(frozen=True, slots=True)
class SettingChange:
    """A setting that differs, with both values as text."""

    path: str
    then: str
    now: str


def setting_changes(then: Run, now: Run) -> tuple[SettingChange, ...]:
    """The settings in which two runs differ, in the order in which the later run has them."""
    before, after = _settings_of(then), _settings_of(now)
    paths = dict.fromkeys((*after, *before))
    return tuple(
        SettingChange(path, _text(before, path), _text(after, path))
        for path in paths
        if path not in before or path not in after or before[path] != after[path]
    )


def _settings_of(run: Run) -> dict[str, Any]:
    """Everything that somebody has set, by path: facts of the run, of every variant, and of the evaluation."""
    found = dict(_flat(_lasting(run.facts)))
    if "solution.recipeArn" in found:
        found.pop("recipe_arn", None)  # the same once more
    for name, facts in run.variants:
        found |= _flat(_lasting(facts), f"variants.{name}")
    return found | dict(_flat(run.settings, "evaluation"))


def _lasting(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if name not in _OF_EVERY_RUN}


def _flat(value: Any, path: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Leaves by path. Lists of plain values are leaves; an empty object is none."""
    if isinstance(value, Mapping) and depth < _DEEPEST:
        for name, member in value.items():
            yield from _flat(member, f"{path}.{name}" if path else str(name), depth + 1)
    elif isinstance(value, list) and depth < _DEEPEST and any(isinstance(m, Mapping | list) for m in value):
        for place, member in enumerate(value):
            yield from _flat(member, f"{path}[{place}]", depth + 1)
    else:
        yield path, value


def _text(settings: Mapping[str, Any], path: str) -> str:
    if path not in settings or settings[path] is None:
        return NOT_SET
    value = settings[path]
    if isinstance(value, list):
        return ", ".join(_plain(member) for member in value) or "none"
    return _plain(value)


def _plain(value: Any) -> str:
    """A value as settings files write it."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
