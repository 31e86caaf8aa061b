"""Writes the reference of all settings from the models: `python -m config.document > docs/settings.md`."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args, get_origin

from pydantic import BaseModel

from config.models import ScenarioSettings, Settings
from config.service_requests import SERVICE_BLOCKS
from config.service_shapes import operation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic.fields import FieldInfo

    from config.service_requests import ServiceBlock

_INTRODUCTION = """\
# Settings

One YAML file per stage: `config/dev.yaml`, `config/prod.yaml`, and any other that you put beside them. What is
left out keeps its default. `pipelines validate` reports everything that is wrong at once, with path and line.
This page is made from the models (`python -m config.document > docs/settings.md`); a test compares the two.

Times are in seconds, sizes in MB, ages in days, as the names say. Groups marked *request* are requests of Amazon
Personalize in the service's own camelCase spelling: they pass through untouched, after a check against the AWS
SDK's model of the service."""

_UNITS = {"_seconds": "s", "seconds": "s", "_mb": "MB", "_days": "days"}
_BOUNDS = {"ge": "≥ {}", "gt": "> {}", "le": "≤ {}", "lt": "< {}"}
_SECTIONS = ("functions", "lifecycle", "prices", "sql", "scenarios")


@dataclass(frozen=True, slots=True)
class Row:
    """One setting as the table shows it."""

    path: str
    default: str
    limits: str
    meaning: str

    def __str__(self) -> str:
        """The row in Markdown."""
        cells = (f"`{self.path}`", self.default, self.limits, self.meaning)
        return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def document() -> str:
    """The whole page."""
    rows = list(rows_of(Settings, ""))
    parts = [
        _INTRODUCTION,
        "## Stage",
        _table(row for row in rows if row.path.split(".")[0] not in _SECTIONS),
    ]
    for section in _SECTIONS:
        parts += [f"## {section}", _table(row for row in rows if row.path.startswith(f"{section}."))]
    parts += ["## Requests of Amazon Personalize", *(_request_part(block) for block in SERVICE_BLOCKS)]
    return "\n\n".join(parts) + "\n"


def rows_of(model: type[BaseModel], prefix: str) -> Iterator[Row]:
    """A row for every setting below a model; list entries are written with `[]`."""
    for name, field in model.model_fields.items():
        path = f"{prefix}{field.alias or name}"
        inner, is_list = _inner_model(field.annotation)
        if inner is None or is_list:
            yield Row(path, _default(field), _limits(name, field), field.description or "")
        if inner is not None:
            yield from rows_of(inner, f"{path}[]." if is_list else f"{path}.")


def _inner_model(annotation: Any) -> tuple[type[BaseModel] | None, bool]:
    """The group of settings that a field holds, and whether it holds a list of them."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation, False
    if get_origin(annotation) is tuple:
        return _inner_model(get_args(annotation)[0])[0], True
    return None, False


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True, validated_data={})
    if isinstance(value, tuple) and value and isinstance(value[0], BaseModel):
        value = [entry.model_dump(mode="json", by_alias=True, exclude_none=True) for entry in value]
    elif isinstance(value, BaseModel):
        value = value.model_dump(mode="json", by_alias=True, exclude_none=True)
    return "none" if value is None else f"`{json.dumps(value)}`"


def _limits(name: str, field: FieldInfo) -> str:
    choices = _choices(field.annotation)
    bounds = [
        text.format(getattr(rule, attribute))
        for rule in field.metadata
        for attribute, text in _BOUNDS.items()
        if hasattr(rule, attribute)
    ]
    unit = next((unit for suffix, unit in _UNITS.items() if name.endswith(suffix)), "")
    return ", ".join(filter(None, (unit, *bounds, " / ".join(f"`{choice}`" for choice in choices))))


def _choices(annotation: Any) -> list[str]:
    """The values of a Literal, also inside a list."""
    args = get_args(annotation)
    if args and all(isinstance(arg, str) for arg in args):
        return list(args)
    return next((found for arg in args if (found := _choices(arg))), [])


def _table(rows: Iterator[Row]) -> str:
    return "\n".join(
        ["| setting | default | unit and limits | meaning |", "|---|---|---|---|", *map(str, rows)]
    )


def _request_part(block: ServiceBlock) -> str:
    shape = operation(block.operation).input_shape
    yours = ", ".join(f"`{name}`" for name in shape.members if name not in block.supplied)
    ours = ", ".join(f"`{name}`" for name in shape.members if name in block.supplied)
    meaning = ScenarioSettings.model_fields[block.name].description
    return (
        f"### {block.name}: {block.operation}\n\n{meaning}\n\n"
        f"- yours: {yours}\n- set by the pipeline, and refused here: {ours}"
    )


if __name__ == "__main__":
    sys.stdout.write(document())
