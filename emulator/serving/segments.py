"""User segments of a model: from item ids or attributes to user ids."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from scipy import sparse

from emulator.errors import InvalidInputError
from emulator.filters.columns import Column
from emulator.filters.expressions import Condition, Number, Values
from emulator.filters.parse import parse_attributes
from emulator.recipes.segments import Candidates, best_users

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from emulator.serving.user_filters import UserFilter
    from emulator.training.model import TrainedModel


@dataclass(frozen=True)
class SegmentQuestion:
    """A request. subject: an item's id, or an expression on attributes of items, as the recipe asks."""

    subject: str
    filter_values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Segments:
    """A model, ready to be asked.

    A segment holds users who have events in the training data. Those whom only the users dataset has are in none:
    nothing tells how much they like an item but what is popular.
    """

    model: TrainedModel
    filtered_by: UserFilter | None = None

    @cached_property
    def users(self) -> list[str]:
        """The ids behind the rows in answers."""
        return list(self.model.users)[: len(self.model.starts) - 1]

    def ask(
        self, questions: Sequence[SegmentQuestion], count: int
    ) -> tuple[list[NDArray[np.int32]], list[str | None]]:
        """Rows of the users of each question that can be answered, the likeliest first, at most `count`.

        And for each question what is wrong with it.
        """
        items: list[NDArray[np.int64]] = []
        allowed: list[NDArray[np.bool_] | None] = []
        problems: list[str | None] = []
        for question in questions:
            try:
                found, mask = self._items(question.subject), self._allowed(question.filter_values)
            except InvalidInputError as error:
                problems.append(error.message)
                continue
            items.append(found)
            allowed.append(mask)
            problems.append(None)
        model = self.model
        traits = None if model.traits is None else model.traits[: len(self.users)]
        candidates = Candidates(np.split(model.histories, model.starts[1:-1]), traits)
        asked = _columns(items, len(model.items))
        return best_users(model.recommender, candidates, asked, count, allowed), problems

    def _items(self, subject: str) -> NDArray[np.int64]:
        """Codes of the items that are asked for. An item or attribute that the training has not seen is refused."""
        if self.model.attributes is None:
            code = self.model.codes.get(subject)
            if code is None:
                raise InvalidInputError(
                    f"itemId {subject} is not in the data that the solution version was trained on"
                )
            return np.array([code])
        matching = np.ones(len(self.model.items), bool)
        for condition in parse_attributes(subject):
            matching &= self._having(condition)
        if not matching.any():
            raise InvalidInputError(
                f"No item in the data that the solution version was trained on has the itemAttributes {subject}"
            )
        return np.nonzero(matching)[0]

    def _having(self, condition: Condition) -> NDArray[np.bool_]:
        """Items with the value, in exact spelling, among those of their cell; columns are found in any case."""
        column = self._attributes.get(condition.field.column.upper())
        if column is None:
            able = ", ".join(self._attributes)
            raise InvalidInputError(
                f"{condition.field} cannot be asked for in itemAttributes; this solution version takes: {able}"
            )
        operand = condition.operand
        if isinstance(operand, Values):
            return column.having(operand.texts)
        same: NDArray[np.bool_] = column.numbers == (operand.value if isinstance(operand, Number) else np.nan)
        return same

    @cached_property
    def _attributes(self) -> dict[str, Column]:
        table = self.model.attributes
        if table is None:
            return {}
        return {
            name.upper(): Column(values.combine_chunks(), numeric=not pa.types.is_string(values.type))
            for name, values in zip(table.column_names, table.columns, strict=True)
        }

    def _allowed(self, values: Mapping[str, str]) -> NDArray[np.bool_] | None:
        if self.filtered_by is not None:
            return self.filtered_by.allowed(values)
        if values:
            raise InvalidInputError("filterValues were given without a filter")
        return None


def _columns(items: Sequence[NDArray[np.int64]], n_items: int) -> sparse.csc_matrix:
    """(items, queries): 1 for the items of a query."""
    starts = np.cumsum([0, *(len(codes) for codes in items)])
    codes = np.concatenate([*items, np.empty(0, np.int64)])
    return sparse.csc_matrix((np.ones(len(codes), np.float32), codes, starts), shape=(n_items, len(items)))
