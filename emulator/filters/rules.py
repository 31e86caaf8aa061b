"""What CreateFilter refuses although it can be read: unknown columns, mixed datasets, limits, misplaced parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.data.schema import NUMBERS
from emulator.errors import InvalidInputError, UnsupportedOperationError
from emulator.filters.expressions import (
    ANYTHING,
    CURRENT_ITEM,
    CURRENT_USER,
    INTERACTIONS,
    ITEMS,
    USERS,
    Condition,
    Expression,
    FieldName,
    Filter,
    Number,
    Placeholder,
    Values,
)
from emulator.filters.parse import invalid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emulator.data.schema import DatasetSchema, Field

SOURCES = {CURRENT_ITEM: ITEMS, CURRENT_USER: USERS}
EVENT_TYPE = "EVENT_TYPE"
MEMBERSHIP = ("IN", "NOT IN")
ORDERED = ("<", "<=", ">", ">=")


def check_filter(parsed: Filter, schemas: Mapping[str, DatasetSchema], most_fields: int) -> None:
    """schemas: of the group's datasets, by type in upper case. Raises InvalidInputError."""
    for expression in parsed.expressions:
        _check_expression(expression, schemas)
    if len(parsed.fields()) > most_fields:
        raise invalid(
            f"a filter reads at most {most_fields} distinct fields, this one {len(parsed.fields())}."
        )


def _check_expression(expression: Expression, schemas: Mapping[str, DatasetSchema]) -> None:
    if expression.target == "ACTIONID":
        raise UnsupportedOperationError("Filters of actions are not part of this emulator yet.")
    conditions = [condition for alternative in expression.alternatives for condition in alternative]
    datasets = {condition.field.dataset for condition in conditions}
    if CURRENT_USER in datasets or CURRENT_ITEM in datasets:
        raise invalid("CurrentUser conditions belong behind IF, CurrentItem on the right-hand side.")
    if len(datasets) > 1:
        names = " and ".join(sorted(datasets))
        raise invalid(
            f"conditions joined by AND or OR must use one dataset, not {names}; chain expressions with |."
        )
    if any(condition.field.dataset != CURRENT_USER for condition in expression.only_if):
        raise invalid("IF takes conditions on CurrentUser only.")
    for condition in expression.conditions():
        _check_condition(condition, schemas)


def _check_condition(condition: Condition, schemas: Mapping[str, DatasetSchema]) -> None:
    operand = condition.operand
    if condition.operator == "NOT IN" and isinstance(operand, Placeholder):
        raise InvalidInputError(
            f"Could not create filter. Invalid input symbol: ${operand.name}. "
            "Placeholders are not allowed with NOT_IN operator."
        )
    if condition.field.dataset == INTERACTIONS:
        _check_event_type(condition)
        return
    column = _column(condition.field, schemas)
    if isinstance(operand, Values) and ANYTHING in operand.texts:
        raise invalid(f"* is for Interactions.{EVENT_TYPE} only, not for {condition.field}.")
    other = None
    if isinstance(operand, FieldName):
        if operand.dataset != CURRENT_ITEM:
            raise invalid(f"only CurrentItem can stand on the right-hand side, not {operand.dataset}.")
        other = _column(operand, schemas)
    needs_number = condition.operator in ORDERED or isinstance(operand, Number)
    for named in (column, other):
        if named is not None and needs_number and named.type not in NUMBERS:
            raise invalid(
                f"{named.name} is not numeric and cannot be compared with {condition.operator}; use IN."
            )


def _check_event_type(condition: Condition) -> None:
    if condition.field.column.upper() != EVENT_TYPE:
        raise invalid(f"interactions can be filtered by {EVENT_TYPE} only, not by {condition.field.column}.")
    if condition.operator not in MEMBERSHIP or isinstance(condition.operand, FieldName):
        raise invalid(f"{EVENT_TYPE} takes IN or NOT IN with a list.")


def _column(name: FieldName, schemas: Mapping[str, DatasetSchema]) -> Field:
    schema = schemas.get(SOURCES.get(name.dataset, name.dataset))
    if schema is None:
        raise invalid(f"the dataset group has no dataset for {name}.")
    for column in schema.fields:
        if column.name.upper() == name.column.upper():
            if column.type == "boolean" or column.textual:
                kind = "textual" if column.textual else "boolean"
                raise invalid(f"{name} is a {kind} field; those cannot be used in filters.")
            return column
    raise invalid(f"there is no column for {name}.")
