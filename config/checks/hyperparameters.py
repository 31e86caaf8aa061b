"""Rules about hyperparameters: the service takes any text when the solution is made and fails in training."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from config.checks.rule import Rule
from config.problems import did_you_mean
from config.recipes import Parameter, ParameterKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from config.checks.rule import Finding, Subject
    from config.problems import KeyPath

_CONFIG = ("solution", "solutionConfig")
_HPO = (*_CONFIG, "hpoConfig")
_EXPLORATION = {
    "explorationWeight": Parameter(ParameterKind.CONTINUOUS, 0, 1),
    "explorationItemAgeCutOff": Parameter(ParameterKind.CONTINUOUS, 1),
}
_RANGE_LISTS = {
    "integerHyperParameterRanges": ParameterKind.INTEGER,
    "continuousHyperParameterRanges": ParameterKind.CONTINUOUS,
    "categoricalHyperParameterRanges": ParameterKind.BOOLEAN,
}


def value_problem(parameter: Parameter, text: str) -> str | None:
    """What is wrong with the text of a hyperparameter, None when it can be used."""
    if parameter.kind is ParameterKind.BOOLEAN:
        return None if text.lower() in ("true", "false") else f"{text!r} is neither true nor false"
    if parameter.kind is ParameterKind.CHOICE:
        choices = parameter.choices
        return None if text in choices else f"{text!r} is not one of {', '.join(choices)}"
    whole = parameter.kind is ParameterKind.INTEGER
    try:
        number = int(text) if whole else float(text)
    except ValueError:
        return f"{text!r} is not a {'whole ' if whole else ''}number"
    return _bound_problem(parameter, number)


def _bound_problem(parameter: Parameter, number: float) -> str | None:
    low = -math.inf if parameter.low is None else parameter.low
    high = math.inf if parameter.high is None else parameter.high
    if math.isfinite(number) and low <= number <= high:
        return None
    if math.isinf(high):
        return (
            f"{number} is out of range: at least {low:g}" if math.isfinite(low) else f"{number} is not finite"
        )
    return f"{number} is out of range: {low:g} to {high:g}"


def _values(
    path: KeyPath, values: Mapping[str, str], known: Mapping[str, Parameter], owner: str
) -> Iterator[Finding]:
    """Names and values of a map of parameters."""
    for name, text in values.items():
        parameter = known.get(name)
        if parameter is None:
            yield (*path, name), _unknown(name, known, owner)
        elif not parameter.settable:
            yield (*path, name), "cannot have a fixed value, only a range in hpoConfig"
        elif problem := value_problem(parameter, text):
            yield (*path, name), problem


def _unknown(name: str, known: Mapping[str, Parameter], owner: str) -> str:
    if not known:
        return f"{owner} has no such parameters"
    return f"is not a parameter of {owner}.{did_you_mean(name, known) or ' It has ' + ', '.join(known) + '.'}"


def _algorithm(subject: Subject) -> Iterator[Finding]:
    if recipe := subject.recipe:
        values = subject.solution_config("algorithmHyperParameters") or {}
        yield from _values((*_CONFIG, "algorithmHyperParameters"), values, recipe.algorithm, recipe.name)


def _featurization(subject: Subject) -> Iterator[Finding]:
    if recipe := subject.recipe:
        values = subject.solution_config("featureTransformationParameters") or {}
        path = (*_CONFIG, "featureTransformationParameters")
        yield from _values(path, values, recipe.featurization, recipe.name)


def _exploration(subject: Subject) -> Iterator[Finding]:
    config = subject.scenario.batch_inference.get("batchInferenceJobConfig", {})
    path = ("batch_inference", "batchInferenceJobConfig", "itemExplorationConfig")
    yield from _values(path, config.get("itemExplorationConfig", {}), _EXPLORATION, "item exploration")


def _search(subject: Subject) -> Iterator[Finding]:
    """A search of hyperparameters: asked for and configured, or neither."""
    recipe, wanted = subject.recipe, subject.scenario.solution.get("performHPO", False)
    config = subject.solution_config("hpoConfig")
    if recipe is None:
        return
    if wanted and not recipe.tunable:
        yield ("solution", "performHPO"), f"{recipe.name} has no hyperparameter that a search can vary"
    elif wanted and config is None:
        yield _HPO, "is missing: `performHPO: true` needs the ranges to search"
    elif config is not None and not wanted:
        yield _HPO, "has no effect without `performHPO: true`"
    elif wanted:
        yield from _search_effort(config.get("hpoResourceConfig", {}))
        yield from _ranges(config.get("algorithmHyperParameterRanges", {}), recipe.tunable, recipe.name)


def _search_effort(resources: Mapping[str, str]) -> Iterator[Finding]:
    for name, most in (("maxNumberOfTrainingJobs", 40), ("maxParallelTrainingJobs", 10)):
        if name in resources and (
            problem := value_problem(Parameter(ParameterKind.INTEGER, 1, most), resources[name])
        ):
            yield (*_HPO, "hpoResourceConfig", name), problem


def _ranges(ranges: Mapping[str, Any], tunable: Mapping[str, Parameter], owner: str) -> Iterator[Finding]:
    path = (*_HPO, "algorithmHyperParameterRanges")
    for list_name, kind in _RANGE_LISTS.items():
        if list_name not in ranges:
            yield (*path, list_name), "is missing: the service wants all three lists, an empty one is `[]`"
        for position, entry in enumerate(ranges.get(list_name, [])):
            yield from _range((*path, list_name, position), entry, kind, tunable, owner)


def _range(
    path: KeyPath, entry: Mapping[str, Any], kind: ParameterKind, tunable: Mapping[str, Parameter], owner: str
) -> Iterator[Finding]:
    name = entry.get("name")
    parameter = tunable.get(name) if name else None
    if name is None:
        yield (*path, "name"), "is missing"
    elif parameter is None:
        yield (*path, "name"), f"{name!r} {_unknown(name, tunable, f'a search of {owner}')}"
    elif parameter.kind is not kind:
        yield path, f"{name} belongs in {parameter.kind.value}HyperParameterRanges"
    elif kind is ParameterKind.BOOLEAN:
        for position, text in enumerate(entry.get("values", [])):
            if problem := value_problem(parameter, text):
                yield (*path, "values", position), problem
    else:
        yield from _bounds(path, entry, parameter)


def _bounds(path: KeyPath, entry: Mapping[str, Any], parameter: Parameter) -> Iterator[Finding]:
    for bound in ("minValue", "maxValue"):
        if bound not in entry:
            yield (*path, bound), "is missing"
        elif problem := _bound_problem(parameter, entry[bound]):
            yield (*path, bound), problem
    if entry.get("minValue", -math.inf) > entry.get("maxValue", math.inf):
        yield path, f"minValue {entry['minValue']} is above maxValue {entry['maxValue']}"


HYPERPARAMETER_RULES = (
    Rule(_algorithm, ("solution.recipeArn", "solution.solutionConfig.algorithmHyperParameters")),
    Rule(_featurization, ("solution.recipeArn", "solution.solutionConfig.featureTransformationParameters")),
    Rule(_exploration, ("batch_inference.batchInferenceJobConfig",)),
    Rule(_search, ("solution.recipeArn", "solution.performHPO", "solution.solutionConfig.hpoConfig")),
)
