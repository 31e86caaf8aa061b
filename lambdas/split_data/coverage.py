"""What items or users tell about the interactions: whom they describe, and what training can use of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lambdas.split_data.problems import Notice, Problem
from lambdas.split_data.schema import CREATION_TIMESTAMP, Column

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd
    from numpy.typing import NDArray

    from lambdas.split_data.entities import Entities

# The service ignores prose that fewer rows have, and advises this much of everything else.
MIN_TEXT_FILLED = 0.85
ADVISED_FILLED = 0.7
ADVISED_CATEGORIES = 1_000
_NUMBERS = ("int", "long", "float", "double")


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """One column besides the id: share of rows with a value, and how many different values there are.

    Of a categorical column the categories count, which `|` joins to values. `kind` is `number`, `categorical`,
    `textual`, `plain` (a text for filters and reports), `boolean` or `time`; `trains` whether training uses it.
    """

    name: str
    kind: str
    filled: float
    distinct: int
    trains: bool

    @classmethod
    def of(cls, entities: Entities, column: Column) -> ColumnFacts:
        """Count over all rows."""
        present = entities.filled(column)
        filled = float(present.mean())
        values = set(entities.frame[column.name][present].unique().tolist())
        if column.reading == "categorical":
            values = {part for value in values for part in value.split("|") if part}
        kind = _kind(column)
        enough = filled >= MIN_TEXT_FILLED if kind == "textual" else filled > 0
        trains = enough and kind in ("number", "categorical", "textual")
        return cls(column.name, kind, filled, len(values), trains)


@dataclass(frozen=True, slots=True)
class Coverage:
    """How items or users and the interactions fit.

    without_interactions: ids that occur in no interaction. missing: ids of the interactions that have no row;
    missing_interactions: how many interactions are of these.
    """

    entities: Entities
    without_interactions: int
    missing: int
    missing_interactions: int
    columns: tuple[ColumnFacts, ...]

    @classmethod
    def of(cls, entities: Entities, ids: pd.Index[str], events: NDArray[np.int64]) -> Coverage:
        """Compare with the ids of the interactions and how many interactions each has."""
        described = np.asarray(ids.isin(entities.ids))
        return cls(
            entities,
            without_interactions=len(entities.ids) - int(described.sum()),
            missing=int((~described).sum()),
            missing_interactions=int(events[~described].sum()),
            columns=tuple(
                ColumnFacts.of(entities, column) for column in entities.columns if column.name != entities.key
            ),
        )

    @property
    def matches_nothing(self) -> bool:
        """Whether not one row is of an id that the interactions know."""
        return self.without_interactions == len(self.entities.ids)

    def document(self) -> dict[str, Any]:
        """The part of the diagnosis about this dataset."""
        return {
            "rows": len(self.entities.ids),
            "duplicates": self.entities.duplicates,
            "without_interactions": self.without_interactions,
            "missing": self.missing,
            "missing_interactions": self.missing_interactions,
            "columns": [
                {
                    "name": column.name,
                    "kind": column.kind,
                    "filled": round(column.filled, 6),
                    "distinct": column.distinct,
                    "trains": column.trains,
                }
                for column in self.columns
            ],
        }

    def warnings(self) -> Iterator[Notice]:
        """What should be known of it; a count may be 0."""
        name, rows = self.entities.dataset, len(self.entities.ids)
        none = f" (not one of {rows:,} does: check that both datasets spell ids alike)"
        yield Notice(
            f"{name}_duplicates",
            self.entities.duplicates,
            f"rows of the {name} equal another row in every column and were left out",
        )
        yield Notice(
            f"{name}_without_interactions",
            self.without_interactions,
            f"{name} of the {name} dataset occur in no interaction{none if self.matches_nothing else ''}",
        )
        yield Notice(
            f"{name}_missing",
            self.missing,
            f"{name} of the interactions have no row in the {name} dataset: nothing but their "
            f"{self.missing_interactions:,} interactions is known of them",
        )
        yield from self._column_warnings()

    def _column_warnings(self) -> Iterator[Notice]:
        name = self.entities.dataset
        sparse = [column.name for column in self.columns if column.filled < ADVISED_FILLED]
        yield Notice(
            f"{name}_sparse_columns",
            len(sparse),
            f"columns of the {name} have a value in less than {ADVISED_FILLED:.0%} of the rows: "
            f"{', '.join(sparse)}",
        )
        wide = [c.name for c in self.columns if c.kind == "categorical" and c.distinct > ADVISED_CATEGORIES]
        yield Notice(
            f"{name}_many_categories",
            len(wide),
            f"columns of the {name} have more categories than the {ADVISED_CATEGORIES:,} that Personalize "
            f"advises: {', '.join(wide)}",
        )
        yield Notice(
            f"{name}_without_features",
            0 if any(column.trains for column in self.columns) else len(self.columns),
            f"columns of the {name}, which are all, are of no use to training: texts that are categories "
            "must be marked so in the schema",
        )


def feature_problems(coverage: Coverage | None) -> Iterator[Problem]:
    """Why a scenario that learns from what items are cannot do so with these."""
    if coverage is None:
        yield Problem(
            "items", "this scenario learns from what items are, and there is no items dataset", _ADD_FEATURES
        )
        return
    if not any(column.trains for column in coverage.columns):
        told = ", ".join(f"{column.name} ({_why_unused(column)})" for column in coverage.columns)
        yield Problem("items", f"there is no feature that training can use: {told}", _ADD_FEATURES)
    if coverage.matches_nothing:
        yield Problem(
            "items, column ITEM_ID",
            f"not one of the {len(coverage.entities.ids):,} items occurs in the interactions",
            "Check that both files spell ids alike.",
        )


_ADD_FEATURES = (
    'Give items a column with categories joined by | ("categorical": true in the schema), a number, or a '
    'description ("textual": true).'
)


def _kind(column: Column) -> str:
    if column.name == CREATION_TIMESTAMP:
        return "time"
    if column.type in _NUMBERS:
        return "number"
    return column.type if column.type == "boolean" else column.reading


def _why_unused(column: ColumnFacts) -> str:
    if not column.filled:
        return "no row has a value"
    if column.kind == "textual":
        return f"{column.filled:.0%} of the rows have a value, and prose needs {MIN_TEXT_FILLED:.0%}"
    return {"plain": "a text that is not categorical", "time": "a time", "boolean": "a boolean"}[column.kind]
