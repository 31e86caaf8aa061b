"""The context of a request, made into the features that the contexts of events have."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from emulator.data.schema import NUMBERS
from emulator.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from emulator.data.features import Features
    from emulator.data.schema import Field


@dataclass(frozen=True)
class ContextColumns:
    """features: `COLUMN=value`, in the order of the model's inputs; columns: of each the column that it comes from.

    known: all columns of contexts, also those that teach nothing; numbers: those of them that hold numbers.
    """

    features: tuple[str, ...]
    columns: tuple[str, ...]
    known: tuple[str, ...]
    numbers: tuple[str, ...]

    @classmethod
    def of(cls, features: Features, fields: Sequence[Field]) -> Self:
        """From the features of events and the fields that they were made from."""
        numbers = tuple(field.name for field in fields if field.type in NUMBERS)
        return cls(features.names, features.columns, tuple(field.name for field in fields), numbers)

    @classmethod
    def read(cls, text: str) -> Self:
        """From the JSON of its members."""
        return cls(**{name: tuple(values) for name, values in json.loads(text).items()})

    def encode(self, given: Mapping[str, str]) -> NDArray[np.float32]:
        """The features of a context: (features,) of 0 and 1.

        A value that the training has not seen is like an empty cell. Columns are named as in the schema, in any case.
        Raises InvalidInputError for a column that the solution does not train on, and for a number that is none.
        """
        values = {name.upper(): value for name, value in given.items()}
        if unknown := sorted(set(values) - set(self.known)):
            raise InvalidInputError(
                f"context: {', '.join(unknown)} is no column of the interactions dataset that the solution trains on"
            )
        encoded = np.zeros(len(self.features), np.float32)
        for column, value in values.items():
            places = [place for place, source in enumerate(self.columns) if source == column]
            known = {self.features[place].partition("=")[2]: place for place in places}
            parts = [_edge(column, value, known)] if column in self.numbers else value.split("|")
            for part in parts:
                if part in known:
                    encoded[known[part]] = 1
        return encoded


def _edge(column: str, value: str, known: Mapping[str, int]) -> str:
    """The bin that a number falls into: the one with the highest lower edge that is not above it."""
    try:
        number = float(value)
    except ValueError as error:
        raise InvalidInputError(f"context: {column} must be a number, not {value[:100]!r}") from error
    reached = [edge for edge in known if float(edge) <= number]
    return max(reached or known, key=float) if reached else min(known, key=float, default="")
