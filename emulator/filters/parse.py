"""Reads filter expressions with an LALR(1) grammar. Keywords, datasets and columns are read in any case."""

from __future__ import annotations

from functools import cache
from typing import Any

from lark import Lark, Token, Transformer
from lark.exceptions import LarkError, UnexpectedCharacters, UnexpectedEOF, UnexpectedToken, VisitError

from emulator.errors import InvalidInputError
from emulator.filters.expressions import (
    CURRENT_ITEM,
    CURRENT_USER,
    ITEMS,
    Condition,
    Expression,
    FieldName,
    Filter,
    Number,
    Placeholder,
    Values,
)

GRAMMAR = r"""
filter: expression ("|" expression)*
attributes: attribute ("AND"i attribute)*
attribute: field COMPARISON text   -> attribute_text
         | field COMPARISON NUMBER -> attribute_number
expression: ACTION TARGET "WHERE"i alternatives ["IF"i conjunction]
alternatives: conjunction ("OR"i conjunction)*
conjunction: condition ("AND"i condition)*
condition: field "IN"i operand_list    -> is_in
         | field "NOT"i "IN"i operand_list -> is_not_in
         | field COMPARISON operand    -> compared
field: NAME "." NAME
operand_list: "(" values ")" | field
values: text ("," text)* -> texts
      | PLACEHOLDER      -> placeholder
      | "*"              -> anything
text: STRING
operand: NUMBER -> number
       | PLACEHOLDER -> placeholder
       | "(" PLACEHOLDER ")" -> placeholder
       | field -> same
ACTION.2: /INCLUDE|EXCLUDE/i
TARGET.2: /ItemID|UserID|ActionID/i
COMPARISON: "<=" | ">=" | "!=" | "=" | "<" | ">"
PLACEHOLDER: /\$[A-Za-z_]\w*/
NAME: /[A-Za-z_]\w*/
STRING: /"(\\.|[^"\\])*"/
NUMBER: /-?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?/
%import common.WS
%ignore WS
"""

DATASETS = ("ITEMS", "INTERACTIONS", "USERS", "ACTIONS", "ACTION_INTERACTIONS", CURRENT_ITEM, CURRENT_USER)
MOST_SHOWN = 40


@cache
def _parser() -> Lark:
    return Lark(GRAMMAR, start=["filter", "attributes"], parser="lalr")


class _UnreadableError(Exception):
    """Says what is wrong with an expression."""


def parse_filter(text: str) -> Filter:
    """The tree of an expression; raises InvalidInputError that shows where it cannot be read."""
    try:
        parsed: Filter = _read(text, "filter")
    except _UnreadableError as error:
        raise invalid(str(error)) from error
    return parsed


def parse_attributes(text: str) -> tuple[Condition, ...]:
    """The conditions of an `itemAttributes` expression, all of which must hold; raises InvalidInputError.

    Strings become `IN` conditions with one value, numbers `=` conditions. Whether there are such columns is not
    looked at.
    """
    shape = 'itemAttributes takes conditions like ITEMS.COLUMN = "value", joined by AND'
    try:
        conditions: tuple[Condition, ...] = _read(text, "attributes")
    except _UnreadableError as error:
        raise InvalidInputError(f"{shape}: {error}") from error
    for condition in conditions:
        if condition.field.dataset != ITEMS or condition.operator not in ("IN", "="):
            raise InvalidInputError(f"{shape}: not {condition.field} with {condition.operator}.")
    return conditions


def _read(text: str, start: str) -> Any:
    try:
        return _Tree().transform(_parser().parse(text, start=start))
    except VisitError as error:
        if isinstance(error.orig_exc, _UnreadableError):
            raise error.orig_exc from error
        raise
    except LarkError as error:
        raise _UnreadableError(_explained(error, text)) from error


def invalid(reason: str) -> InvalidInputError:
    """The service's opening words, and what is wrong."""
    return InvalidInputError(f"Could not create filter. Invalid Expression: {reason}")


def _explained(error: LarkError, text: str) -> str:
    if isinstance(error, UnexpectedEOF) or (
        isinstance(error, UnexpectedToken) and error.token.type == "$END"
    ):
        return "it ends too early."
    if isinstance(error, UnexpectedCharacters | UnexpectedToken):
        at = error.pos_in_stream or 0
        return f"unexpected input at character {at + 1}: {text[at : at + MOST_SHOWN]!r}."
    return str(error)


class _Tree(Transformer[Token, Filter]):
    """From lark's tree to ours; one method per rule."""

    def filter(self, expressions: list[Expression]) -> Filter:
        return Filter(tuple(expressions))

    def expression(self, parts: list[Any]) -> Expression:
        action, target, alternatives, only_if = parts
        return Expression(action.upper() == "INCLUDE", target.upper(), alternatives, only_if or ())

    def alternatives(self, parts: list[Any]) -> tuple[Any, ...]:
        return tuple(parts)

    def conjunction(self, parts: list[Any]) -> tuple[Any, ...]:
        return tuple(parts)

    def is_in(self, parts: list[Any]) -> Condition:
        return Condition(parts[0], "IN", parts[1])

    def is_not_in(self, parts: list[Any]) -> Condition:
        return Condition(parts[0], "NOT IN", parts[1])

    def compared(self, parts: list[Any]) -> Condition:
        return Condition(parts[0], str(parts[1]), parts[2])

    def field(self, parts: list[Token]) -> FieldName:
        dataset = parts[0].upper()
        if dataset not in DATASETS:
            raise _UnreadableError(
                f"{parts[0]} is not a dataset; use Items, Interactions, Users, CurrentItem or CurrentUser."
            )
        return FieldName(dataset, str(parts[1]))

    def attributes(self, parts: list[Any]) -> tuple[Any, ...]:
        return tuple(parts)

    def attribute_text(self, parts: list[Any]) -> Condition:
        sign = str(parts[1])
        return Condition(parts[0], "IN" if sign == "=" else sign, Values((parts[2],)))

    def attribute_number(self, parts: list[Any]) -> Condition:
        return Condition(parts[0], str(parts[1]), Number(float(parts[2])))

    def operand_list(self, parts: list[Any]) -> Any:
        return parts[0]

    def same(self, parts: list[Any]) -> Any:
        return parts[0]

    def texts(self, parts: list[str]) -> Values:
        return Values(tuple(parts))

    def anything(self, _parts: list[Any]) -> Values:
        return Values(("*",))

    def text(self, parts: list[Token]) -> str:
        return unquoted(parts[0])

    def placeholder(self, parts: list[Token]) -> Placeholder:
        return Placeholder(parts[0][1:])

    def number(self, parts: list[Token]) -> Number:
        return Number(float(parts[0]))


def unquoted(text: str) -> str:
    r"""The characters between double quotes; `\"` and `\\` stand for a quote and a backslash."""
    inner, characters, escaped = text[1:-1], [], False
    for character in inner:
        if character == "\\" and not escaped:
            escaped = True
            continue
        characters.append(character)
        escaped = False
    return "".join(characters)
