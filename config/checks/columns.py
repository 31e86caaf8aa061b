"""Rules about the columns of a dataset, and about settings that need certain columns."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from config.checks.rule import Rule
from config.data import AVRO_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.checks.rule import Finding, Subject
    from config.data import AvroField, AvroSchema
    from config.problems import KeyPath

REQUIRED = {
    "interactions": {"USER_ID": "string", "ITEM_ID": "string", "TIMESTAMP": "long"},
    "items": {"ITEM_ID": "string"},
    "users": {"USER_ID": "string"},
}
OPTIONAL = {
    "interactions": {
        "EVENT_TYPE": "string",
        "EVENT_VALUE": "float",
        "IMPRESSION": "string",
        "RECOMMENDATION_ID": "string",
        "EVENT_ATTRIBUTION_SOURCE": "string",
    },
    "items": {"CREATION_TIMESTAMP": "long"},
    "users": {},
}
MAX_METADATA = {"interactions": 5, "items": 100, "users": 25}
NEVER_EMPTY = frozenset({"USER_ID", "ITEM_ID", "TIMESTAMP", "EVENT_TYPE"})

_COLUMN = re.compile(r"[A-Za-z_][A-Za-z\d_]{0,149}")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")


def schema_findings(dataset: str, schema: AvroSchema) -> Iterator[Finding]:
    """What Personalize would refuse in the schema of a dataset (`interactions`, `items`, `users`)."""
    if schema.name not in (None, AVRO_NAMES[dataset]):
        yield ("name",), f"{schema.name!r}: the record of this dataset is called {AVRO_NAMES[dataset]!r}"
    for column in REQUIRED[dataset]:
        if column not in schema.columns:
            yield ("fields",), f"column {column} is missing"
    yield from _name_findings(schema)
    reserved = {**REQUIRED[dataset], **OPTIONAL[dataset]}
    for position, field in enumerate(schema.fields):
        path = ("fields", position)
        yield from _type_findings(path, field, reserved.get(field.name))
        yield from _attribute_findings(path, field, dataset, reserved=field.name in reserved)
    yield from _count_findings(dataset, schema, [name for name in schema.columns if name not in reserved])


def _name_findings(schema: AvroSchema) -> Iterator[Finding]:
    """Names must be distinct even without their underscores."""
    first: dict[str, str] = {}
    for position, name in enumerate(schema.columns):
        path = ("fields", position, "name")
        if not _COLUMN.fullmatch(name):
            yield (
                path,
                f"{name!r}: take at most 150 letters, digits and underscores, starting with no digit",
            )
        other = first.setdefault(name.replace("_", ""), name)
        if schema.columns.index(name) < position:
            yield path, f"column {name} is there twice"
        elif other != name:
            yield path, f"{name} and {other} are the same name to the service, which ignores underscores"


def _type_findings(path: KeyPath, field: AvroField, reserved: str | None) -> Iterator[Finding]:
    where = (*path, "type")
    if field.value_type == "null" or (len(field.type) == 2 and not field.nullable):
        yield where, 'must be one type, or one type and "null"'
    elif reserved and field.value_type != reserved:
        yield where, f"{field.name} is of type {reserved} in every dataset, not {field.value_type}"
    elif field.name in NEVER_EMPTY and field.nullable:
        yield where, f"{field.name} must have a value in every row: leave null out"


def _attribute_findings(
    path: KeyPath, field: AvroField, dataset: str, *, reserved: bool
) -> Iterator[Finding]:
    marks = {
        "categorical": field.categorical,
        "textual": field.textual,
        "itemName": field.item_name,
    }
    for mark in (name for name, value in marks.items() if value):
        where = (*path, mark)
        if reserved:
            yield where, f"{field.name} is a reserved column and is never marked"
        elif field.value_type != "string":
            yield where, f"only a string column can be {mark}; {field.name} is {field.value_type}"
        elif mark != "categorical" and dataset != "items":
            yield where, "only the items dataset has such a column"


def _count_findings(dataset: str, schema: AvroSchema, metadata: list[str]) -> Iterator[Finding]:
    most = MAX_METADATA[dataset]
    if len(metadata) > most:
        yield ("fields",), f"{len(metadata)} columns besides the reserved ones; the service takes {most}"
    if dataset != "interactions" and not metadata:
        yield ("fields",), f"the {dataset} dataset needs at least one column besides the reserved ones"
    if Counter(bool(field.textual) for field in schema.fields)[True] > 1:
        yield ("fields",), "more than one textual column; the service takes one"


def _schemas(subject: Subject) -> Iterator[Finding]:
    for dataset, settings in subject.scenario.data.present().items():
        for path, message in schema_findings(dataset, settings.avro_schema):
            yield ("data", dataset, "schema", *path), message


def _event_selection(subject: Subject) -> Iterator[Finding]:
    """Training on one event type, or on values above a threshold, needs the column."""
    columns = subject.scenario.data.interactions.avro_schema.columns
    if "eventType" in subject.scenario.solution and "EVENT_TYPE" not in columns:
        yield ("solution", "eventType"), _no_column("EVENT_TYPE")
    threshold = subject.solution_config("eventValueThreshold")
    path = ("solution", "solutionConfig", "eventValueThreshold")
    if threshold is not None and "EVENT_VALUE" not in columns:
        yield path, _no_column("EVENT_VALUE")
    if threshold is not None and not _NUMBER.fullmatch(threshold):
        yield path, f"{threshold!r} is not a number"


def _event_weights(subject: Subject) -> Iterator[Finding]:
    columns = subject.scenario.data.interactions.avro_schema.columns
    entries = (subject.solution_config("eventsConfig") or {}).get("eventParametersList", [])
    seen: set[str] = set()
    for position, entry in enumerate(entries):
        path = ("solution", "solutionConfig", "eventsConfig", "eventParametersList", position)
        if "EVENT_TYPE" not in columns:
            yield path, _no_column("EVENT_TYPE")
        if "eventValueThreshold" in entry and "EVENT_VALUE" not in columns:
            yield (*path, "eventValueThreshold"), _no_column("EVENT_VALUE")
        if entry.get("eventType") in seen:
            yield (*path, "eventType"), f"{entry['eventType']!r} is there twice"
        seen.add(entry.get("eventType", ""))


def _no_column(column: str) -> str:
    return f"needs a column {column} in data.interactions.schema"


def _training_columns(subject: Subject) -> Iterator[Finding]:
    """TrainingDataConfig names columns that exist, and only those that training can do without."""
    config = subject.solution_config("trainingDataConfig") or {}
    base = ("solution", "solutionConfig", "trainingDataConfig")
    if len(config) > 1:
        yield base, "takes excludedDatasetColumns or includedDatasetColumns, not both"
    schemas = {
        name: settings.avro_schema.columns for name, settings in subject.scenario.data.present().items()
    }
    for member, datasets in config.items():
        for dataset, columns in datasets.items():
            path = (*base, member, dataset)
            if dataset.lower() not in schemas:
                yield path, f"scenario {subject.name} has no such dataset: it has {', '.join(schemas)}"
                continue
            for position, column in enumerate(columns):
                if column not in schemas[dataset.lower()]:
                    yield (*path, position), f"{column!r} is not a column of data.{dataset.lower()}.schema"
                elif member == "excludedDatasetColumns" and column in NEVER_EMPTY:
                    yield (*path, position), f"{column} cannot be excluded"


COLUMN_RULES = (
    Rule(_schemas, ("data",)),
    Rule(_event_selection, ("data", "solution.eventType", "solution.solutionConfig.eventValueThreshold")),
    Rule(_event_weights, ("data", "solution.solutionConfig.eventsConfig")),
    Rule(_training_columns, ("data", "solution.solutionConfig.trainingDataConfig")),
)
