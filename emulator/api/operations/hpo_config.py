"""Checks of hpoConfig: what may be searched for, in which ranges, with how many trainings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulator.recipes.catalogue import Recipe
    from emulator.recipes.hyperparameters import Parameter

RANGES = {
    "integerHyperParameterRanges": "integer",
    "continuousHyperParameterRanges": "float",
    "categoricalHyperParameterRanges": "choice",
}
MOST = {"maxNumberOfTrainingJobs": 40, "maxParallelTrainingJobs": 10}


def hpo_problems(config: dict[str, Any] | None, recipe: Recipe) -> list[str]:
    """Everything that is wrong with a search, one sentence each. Without config all that can be tuned is searched."""
    tuned = {parameter.name: parameter for parameter in recipe.parameters if parameter.tuned}
    if not tuned:
        return [f"performHPO is not supported by the recipe {recipe.name}"]
    if config is None:
        return []
    found = list(_resource_problems(config.get("hpoResourceConfig") or {}))
    if config.get("hpoObjective"):
        found.append("hpoConfig.hpoObjective cannot be configured")
    ranges = config.get("algorithmHyperParameterRanges")
    if ranges is None:
        return found
    missing = [member for member in RANGES if ranges.get(member) is None]
    if missing:
        found.append(f"hpoConfig.algorithmHyperParameterRanges needs {', '.join(missing)}, if only empty")
    for member, kind in RANGES.items():
        for given in ranges.get(member) or []:
            where = f"hpoConfig.algorithmHyperParameterRanges.{member}"
            found += [f"{where}: {problem}" for problem in _range_problems(given, kind, tuned)]
    return found


def _resource_problems(config: dict[str, str]) -> Iterator[str]:
    for member, most in MOST.items():
        value = config.get(member)
        if value is not None and not (value.isascii() and value.isdigit() and 1 <= int(value) <= most):
            yield f"hpoConfig.hpoResourceConfig.{member} must be from 1 to {most}, not {value!r}"


def _range_problems(given: dict[str, Any], kind: str, tuned: dict[str, Parameter]) -> Iterator[str]:
    name = given.get("name")
    parameter = tuned.get(str(name))
    if parameter is None or parameter.kind != kind:
        able = ", ".join(known.name for known in tuned.values() if known.kind == kind) or "none"
        yield f"{name!r} cannot be tuned here (this recipe takes: {able})"
        return
    if kind == "choice":
        values = given.get("values") or []
        if not values:
            yield f"{name} needs values"
        yield from (problem for value in values if (problem := parameter.problem(value)))
        return
    lowest, highest = given.get("minValue"), given.get("maxValue")
    if lowest is None or highest is None:
        yield f"{name} needs minValue and maxValue"
        return
    yield from (problem for bound in (lowest, highest) if (problem := parameter.problem(str(bound))))
    if lowest > highest:
        yield f"{name}: minValue {lowest} is above maxValue {highest}"
