"""What a filter expression says, as a tree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

ITEMS, USERS, INTERACTIONS = "ITEMS", "USERS", "INTERACTIONS"
CURRENT_ITEM, CURRENT_USER = "CURRENTITEM", "CURRENTUSER"
ANYTHING = "*"


@dataclass(frozen=True)
class FieldName:
    """`Items.GENRES`: dataset in upper case (ITEMS, INTERACTIONS, CURRENTUSER, …) and the column as it was written."""

    dataset: str
    column: str

    def __str__(self) -> str:
        return f"{self.dataset}.{self.column}"


@dataclass(frozen=True)
class Placeholder:
    """`$NAME`: its value comes with the request."""

    name: str


@dataclass(frozen=True)
class Values:
    """A list in brackets; `("*",)` stands for everything."""

    texts: tuple[str, ...]


@dataclass(frozen=True)
class Number:
    """A number on the right-hand side of a comparison."""

    value: float


@dataclass(frozen=True)
class Condition:
    """One condition. operator: `IN`, `NOT IN`, `=`, `!=`, `<`, `<=`, `>` or `>=`."""

    field: FieldName
    operator: str
    operand: Placeholder | Values | Number | FieldName


@dataclass(frozen=True)
class Expression:
    """One expression between pipes.

    alternatives: conditions joined by AND, within groups joined by OR (AND binds tighter). only_if: conditions on the
    current user that must all hold for the expression to count.
    """

    include: bool
    target: str
    alternatives: tuple[tuple[Condition, ...], ...]
    only_if: tuple[Condition, ...] = ()

    def conditions(self) -> Iterator[Condition]:
        """All conditions, those behind IF too."""
        for alternative in self.alternatives:
            yield from alternative
        yield from self.only_if

    def placeholders(self) -> frozenset[str]:
        """Names of the values that a request has to bring."""
        operands = (condition.operand for condition in self.conditions())
        return frozenset(operand.name for operand in operands if isinstance(operand, Placeholder))


@dataclass(frozen=True)
class Filter:
    """A whole filter: its expressions, in any order."""

    expressions: tuple[Expression, ...]

    def conditions(self) -> Iterator[Condition]:
        """All conditions of all expressions."""
        for expression in self.expressions:
            yield from expression.conditions()

    def fields(self) -> frozenset[tuple[str, str]]:
        """Distinct columns that it reads, by dataset: the current item's and user's are those of items and users."""
        named = []
        for condition in self.conditions():
            named.append(condition.field)
            if isinstance(condition.operand, FieldName):
                named.append(condition.operand)
        source = {CURRENT_ITEM: ITEMS, CURRENT_USER: USERS}
        return frozenset((source.get(name.dataset, name.dataset), name.column.upper()) for name in named)
