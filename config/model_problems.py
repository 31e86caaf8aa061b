"""pydantic's findings in the words of this project, and the file without the parts that it refused."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel, ValidationError

from config.problems import KeyPath, as_written, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

Refusal = tuple[KeyPath, str]

_TYPE_NAMES = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "finite_number": "a number",
    "bool_type": "true or false",
    "string_type": "text",
    "tuple_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
}

_BOUNDS: Mapping[str, Callable[[dict[str, Any]], str]] = {
    "greater_than_equal": lambda bound: f"must be at least {bound['ge']}",
    "greater_than": lambda bound: f"must be more than {bound['gt']}",
    "less_than_equal": lambda bound: f"must be at most {bound['le']}",
    "less_than": lambda bound: f"must be less than {bound['lt']}",
    "too_short": lambda bound: f"must have at least {bound['min_length']} entries",
    "too_long": lambda bound: f"must have at most {bound['max_length']} entries",
    "string_too_long": lambda bound: f"must have at most {bound['max_length']} characters",
}


def refusals(error: ValidationError, model: type[BaseModel], data: Any) -> Iterator[Refusal]:
    """Path and message of everything that pydantic refused in `data`."""
    for detail in error.errors(include_url=False):
        if _only_counts_good_entries(detail):
            continue
        path = _written_path(detail["loc"], data, missing=detail["type"] == "missing")
        yield path, _message(detail, model, path)


def _only_counts_good_entries(detail: Any) -> bool:
    """Whether a list is called too short only because its bad entries, reported by themselves, do not count."""
    return detail["type"] == "too_short" and bool(len(detail["input"]) >= detail["ctx"]["min_length"])


def without(data: dict[str, Any], paths: list[KeyPath]) -> dict[str, Any]:
    """A copy without the refused settings, so that defaults stand in and the rest can still be checked.

    A refused entry of a list takes the whole list along: positions of the others must not move.
    """
    kept = copy.deepcopy(data)
    for path in paths:
        position = next((at for at, key in enumerate(path) if isinstance(key, int)), len(path))
        _remove(kept, path[:position])
    return kept


def _remove(data: Any, path: KeyPath) -> None:
    """Delete the setting; one that is missing spoils the mapping around it, so that goes instead."""
    around = [data]
    for key in path[:-1]:
        if key not in around[-1]:
            return  # gone already, with a setting above it
        around.append(around[-1][key])
    if path and path[-1] in around[-1]:
        del around[-1][path[-1]]
    elif len(path) > 1:
        del around[-2][path[-2]]


def _written_path(loc: KeyPath, data: Any, *, missing: bool) -> KeyPath:
    """The part of pydantic's location that the user can find in the file."""
    path: list[str | int] = []
    for key in loc:
        inside = (isinstance(data, dict) and key in data) or (
            isinstance(data, list) and isinstance(key, int) and key < len(data)
        )
        if not inside:
            return (*path, key) if missing else tuple(path)
        path.append(key)
        data = data[key]
    return tuple(path)


def _message(detail: Any, model: type[BaseModel], path: KeyPath) -> str:
    kind, value, context = detail["type"], detail["input"], detail.get("ctx", {})
    if kind == "extra_forbidden":
        known = setting_names(_model_at(model, path[:-1]))
        message = (
            f"is not a setting.{did_you_mean(path[-1], known) or ' Here are: ' + ', '.join(known) + '.'}"
        )
    elif kind == "missing":
        message = "is missing"
    elif kind == "literal_error":
        choices = [choice.strip("'") for choice in context["expected"].replace(" or ", ", ").split(", ")]
        message = f"{value!r} is not one of {', '.join(choices)}.{did_you_mean(value, choices)}"
    elif kind == "value_error":
        message = f"{value!r}: {context['error']}"
    elif kind in _TYPE_NAMES:
        message = f"must be {_TYPE_NAMES[kind]}, not {as_written(value)}"
    elif kind in _BOUNDS:
        size = f"has {len(value)}" if isinstance(value, list | tuple) else f"is {value!r}"
        message = f"{size}; {_BOUNDS[kind](context)}"
    else:
        message = f"{value!r}: {detail['msg']}"
    return message


def setting_names(model: type[BaseModel]) -> list[str]:
    """The keys of a group of settings as they are written in the file."""
    return [field.alias or name for name, field in model.model_fields.items()]


def _model_at(model: type[BaseModel], path: KeyPath) -> type[BaseModel]:
    """The model that describes the mapping at a path."""
    for key in path:
        if isinstance(key, int):
            continue
        field = next(field for name, field in model.model_fields.items() if key in (name, field.alias))
        candidates = (field.annotation, *get_args(field.annotation))
        model = next(part for part in candidates if isinstance(part, type) and issubclass(part, BaseModel))
    return model
