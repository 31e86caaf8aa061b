"""What a filter leaves for a request.

INCLUDE expressions keep the union of what they match, EXCLUDE expressions take away the union of what they match, and
order does not matter: the second union is taken from the first, or from everything when there is no INCLUDE. An
expression whose IF does not hold for the user does not count, nor does an EXCLUDE whose placeholders have no value.
"""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from emulator.errors import InvalidInputError
from emulator.filters.expressions import (
    ANYTHING,
    INTERACTIONS,
    Condition,
    Expression,
    FieldName,
    Filter,
    Number,
    Placeholder,
    Values,
)
from emulator.filters.parse import unquoted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from emulator.filters.columns import Column, Rows
    from emulator.filters.history import Deed

MASKS_KEPT = 512
_STRING = re.compile(r'\s*("(?:\\.|[^"\\])*")\s*(?:,|$)')
_COMPARE = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True)
class Situation:
    """A request as a filter sees it; values: the request's filterValues."""

    user_id: str
    item_id: str
    values: Mapping[str, str]


@dataclass(frozen=True)
class FilterOnCatalogue:
    """A filter over the items of a model.

    items, users: the datasets' rows; deeds: what a user did lately.
    """

    parsed: Filter
    items: Rows
    users: Rows
    deeds: Callable[[str], list[Deed]]
    _masks: dict[tuple[object, ...], NDArray[np.bool_]] = field(default_factory=dict)

    def allowed(self, situation: Situation) -> NDArray[np.bool_]:
        """One flag per item. Raises InvalidInputError when values are missing or cannot be read."""
        self._check_values(situation.values)
        kept, removed = None, np.zeros(len(self.items), bool)
        for expression in self.parsed.expressions:
            if not self._counts(expression, situation):
                continue
            matched = self._matched(expression, situation)
            if not expression.include:
                removed = removed | matched
            else:
                kept = matched if kept is None else kept | matched
        return ~removed if kept is None else kept & ~removed

    def _check_values(self, values: Mapping[str, str]) -> None:
        known: set[str] = set()
        for expression in self.parsed.expressions:
            names = expression.placeholders()
            known |= names
            missing = sorted(names - set(values))
            if expression.include and missing:
                raise InvalidInputError(
                    f"filterValues must have a value for {', '.join(missing)}: the filter includes by it."
                )
        unknown = sorted(set(values) - known)
        if unknown:
            raise InvalidInputError(f"The filter has no placeholder for filterValues: {', '.join(unknown)}.")

    def _counts(self, expression: Expression, situation: Situation) -> bool:
        if expression.placeholders() - set(situation.values):
            return False
        row = self.users.row.get(situation.user_id)
        return all(
            row is not None and bool(self._column_mask(condition, self.users, situation)[row])
            for condition in expression.only_if
        )

    def _matched(self, expression: Expression, situation: Situation) -> NDArray[np.bool_]:
        matched = np.zeros(len(self.items), bool)
        for alternative in expression.alternatives:
            together = np.ones(len(self.items), bool)
            for condition in alternative:
                together = together & self._mask(condition, situation)
            matched |= together
        return matched

    def _mask(self, condition: Condition, situation: Situation) -> NDArray[np.bool_]:
        if condition.field.dataset == INTERACTIONS:
            return self._done(condition, situation)
        return self._column_mask(condition, self.items, situation)

    def _done(self, condition: Condition, situation: Situation) -> NDArray[np.bool_]:
        """The items that the user has events of, of one of the types."""
        types = {text.lower() for text in _texts(condition.operand, situation.values)}
        anything, inside = ANYTHING in types, condition.operator == "IN"
        mask = np.zeros(len(self.items), bool)
        for kind, item in self.deeds(situation.user_id):
            if (anything or kind in types) == inside and item in self.items.row:
                mask[self.items.row[item]] = True
        return mask

    def _column_mask(self, condition: Condition, rows: Rows, situation: Situation) -> NDArray[np.bool_]:
        """The rows for which a condition on a column holds. Answers are kept: many requests ask the same."""
        operand = condition.operand
        column = rows.column(condition.field.column)
        if isinstance(operand, FieldName):
            return self._like_current(condition, column, operand, situation)
        given = situation.values[operand.name] if isinstance(operand, Placeholder) else None
        key = (condition, given)
        if key not in self._masks:
            if len(self._masks) >= MASKS_KEPT:
                self._masks.clear()
            self._masks[key] = _holds(column, condition, situation.values)
        return self._masks[key]

    def _like_current(
        self, condition: Condition, column: Column, operand: FieldName, situation: Situation
    ) -> NDArray[np.bool_]:
        row = self.items.row.get(situation.item_id)
        if row is None:
            return np.zeros(len(self.items), bool)
        current = self.items.column(operand.column)
        if condition.operator in ("IN", "NOT IN"):
            having = column.having(current.texts(row))
            return having if condition.operator == "IN" else ~having
        if column.numeric and current.numeric:
            return _compared(column, condition.operator, float(current.numbers[row]))
        having = column.having(current.texts(row))
        return having if condition.operator == "=" else ~having


def _holds(column: Column, condition: Condition, values: Mapping[str, str]) -> NDArray[np.bool_]:
    operand = condition.operand
    if condition.operator in ("IN", "NOT IN"):
        having = column.having(_texts(operand, values))
        return having if condition.operator == "IN" else ~having
    if isinstance(operand, Number):
        return _compared(column, condition.operator, operand.value)
    name = operand.name if isinstance(operand, Placeholder) else ""
    if column.numeric:
        return _compared(column, condition.operator, _number(name, values[name]))
    if condition.operator not in ("=", "!="):
        raise InvalidInputError(
            f"{condition.field} is not numeric and cannot be compared by {condition.operator}"
        )
    having = column.having(_strings(name, values[name]))
    return having if condition.operator == "=" else ~having


def _compared(column: Column, sign: str, value: float) -> NDArray[np.bool_]:
    """Rows without a number match nothing."""
    mask: NDArray[np.bool_] = _COMPARE[sign](column.numbers, value) & np.isfinite(column.numbers)
    return mask


def _texts(operand: object, values: Mapping[str, str]) -> tuple[str, ...]:
    if isinstance(operand, Values):
        return operand.texts
    if isinstance(operand, Placeholder):
        return _strings(operand.name, values[operand.name])
    raise TypeError(f"{operand!r} is not a list of values")


def _strings(name: str, text: str) -> tuple[str, ...]:
    r"""The strings of a request's value: `"drama","horror"` with their quotes."""
    found, position = [], 0
    while position < len(text):
        match = _STRING.match(text, position)
        if match is None:
            raise InvalidInputError(
                f"filterValues.{name} must be strings in double quotes, separated by commas, not {text[:100]}"
            )
        found.append(unquoted(match.group(1)))
        position = match.end()
    return tuple(found)


def _number(name: str, text: str) -> float:
    try:
        return float(text.strip().strip('"'))
    except ValueError as error:
        raise InvalidInputError(f"filterValues.{name} must be a number, not {text[:100]}") from error
