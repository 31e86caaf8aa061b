"""Checks requests against botocore's model of Personalize: members, type, length, range, pattern, enum.

botocore's own ParamValidator leaves out maximum, pattern and enum, and its report has no paths.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

import botocore.session

from config.problems import KeyPath, as_written, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from botocore.model import OperationModel, ServiceModel, Shape

Finding: TypeAlias = tuple[KeyPath, str]

_SEPARATORS = "\u0020\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_JAVA_CLASSES = {r"\p{L}": r"\w", r"\p{N}": r"\w", r"\p{Z}": _SEPARATORS}
"""Java's classes as Python knows them; `\\w` adds only the underscore, which each such class holds anyway."""


@cache
def personalize_model() -> ServiceModel:
    """The model that botocore has of the control plane."""
    return botocore.session.get_session().get_service_model("personalize")


def operation(name: str) -> OperationModel:
    """The model of one operation, for example `CreateSolution`."""
    return personalize_model().operation_model(name)


def check_request(
    operation_name: str, request: Mapping[str, Any], *, supplied: Collection[str]
) -> Iterator[Finding]:
    """What is wrong with the members that a user set; `supplied` are those that the pipeline adds itself."""
    shape = operation(operation_name).input_shape
    open_members = {name: member for name, member in shape.members.items() if name not in supplied}
    for name, value in request.items():
        if name in supplied:
            yield (
                (name,),
                f"is set by the pipeline in every {operation_name}: leave it out of the settings",
            )
        elif name not in open_members:
            yield (name,), _unknown(name, open_members, operation_name)
        else:
            yield from check_value(open_members[name], value, (name,))


def check_shape(shape_name: str, value: Any) -> Iterator[Finding]:
    """What is wrong with a value of a named shape, for example `TagKey`."""
    yield from check_value(personalize_model().shape_for(shape_name), value, ())


def check_value(shape: Shape, value: Any, path: KeyPath) -> Iterator[Finding]:
    """What is wrong with a value, with paths that begin with `path`."""
    yield from _CHECKS[shape.type_name](shape, value, path)


def _unknown(name: str, known: Collection[str], where: str) -> str:
    return f"is not a member of {where}.{did_you_mean(name, known) or ' It has ' + ', '.join(known) + '.'}"


def _structure(shape: Any, value: Any, path: KeyPath) -> Iterator[Finding]:
    if not isinstance(value, dict):
        yield path, f"must be a mapping, not {as_written(value)}"
        return
    for name, member in value.items():
        if name in shape.members:
            yield from check_value(shape.members[name], member, (*path, name))
        else:
            yield (*path, name), _unknown(name, shape.members, shape.name)
    for name in shape.required_members:
        if name not in value:
            yield (*path, name), "is missing"


def _list(shape: Any, value: Any, path: KeyPath) -> Iterator[Finding]:
    if not isinstance(value, list):
        yield path, f"must be a list, not {as_written(value)}"
        return
    yield from _range(shape, len(value), path, "entries")
    for position, item in enumerate(value):
        yield from check_value(shape.member, item, (*path, position))


def _map(shape: Any, value: Any, path: KeyPath) -> Iterator[Finding]:
    if not isinstance(value, dict):
        yield path, f"must be a mapping, not {as_written(value)}"
        return
    yield from _range(shape, len(value), path, "entries")
    for key, item in value.items():
        yield from check_value(shape.key, key, (*path, key))
        yield from check_value(shape.value, item, (*path, key))


def _string(shape: Any, value: Any, path: KeyPath) -> Iterator[Finding]:
    if not isinstance(value, str):
        hint = f': put it in quotes, "{value}"' if isinstance(value, int | float) else ""
        yield path, f"must be text, not {as_written(value)}{hint}"
        return
    if shape.enum:
        if value not in shape.enum:
            yield path, f"{value!r} is not one of {', '.join(shape.enum)}.{did_you_mean(value, shape.enum)}"
        return
    yield from _range(shape, len(value), path, "characters")
    pattern = shape.metadata.get("pattern")
    if pattern and not _compiled(pattern).fullmatch(value):
        yield path, f"{value!r} does not match the service's pattern {pattern}"


def _integer(shape: Any, value: Any, path: KeyPath) -> Iterator[Finding]:
    if not isinstance(value, int) or isinstance(value, bool):
        yield path, f"must be a whole number, not {as_written(value)}"
    else:
        yield from _range(shape, value, path)


def _number(shape: Any, value: Any, path: KeyPath) -> Iterator[Finding]:
    if not isinstance(value, int | float) or isinstance(value, bool):
        yield path, f"must be a number, not {as_written(value)}"
    else:
        yield from _range(shape, value, path)


def _boolean(_shape: Any, value: Any, path: KeyPath) -> Iterator[Finding]:
    if not isinstance(value, bool):
        yield path, f"must be true or false, not {as_written(value)}"


def _range(shape: Shape, size: float, path: KeyPath, unit: str = "") -> Iterator[Finding]:
    """Bounds of a number, or of the length of text, list and map."""
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    has = f"has {size} {unit}" if unit else f"is {size}"
    if low is not None and size < low:
        yield path, f"{has}; the least is {low}"
    if high is not None and size > high:
        yield path, f"{has}; the most is {high}"


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    for java, python in _JAVA_CLASSES.items():
        pattern = pattern.replace(java, python)
    return re.compile(pattern)


_CHECKS: dict[str, Callable[[Any, Any, KeyPath], Iterator[Finding]]] = {
    "structure": _structure,
    "list": _list,
    "map": _map,
    "string": _string,
    "integer": _integer,
    "long": _integer,
    "float": _number,
    "double": _number,
    "boolean": _boolean,
}
