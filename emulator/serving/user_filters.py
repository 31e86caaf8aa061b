"""Filters of user segments: which users of a model may be in a segment."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from emulator.errors import InvalidInputError
from emulator.filters.apply import FilterOnCatalogue, Situation
from emulator.filters.columns import Rows
from emulator.filters.expressions import INTERACTIONS, USERS, FieldName, Filter
from emulator.filters.parse import parse_filter

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from emulator.data.datasets import Datasets
    from emulator.filters.history import Deed
    from emulator.state.resources import Resource


def check_user_filter(parsed: Filter, arn: str, *, interactions: bool) -> None:
    """Raises InvalidInputError for a filter that says nothing about users.

    interactions: whether the recipe takes conditions on Interactions.
    """
    if any(expression.target != "USERID" for expression in parsed.expressions):
        raise InvalidInputError(f"The filter {arn} is not for users; user segments need one for UserID.")
    if any(expression.only_if for expression in parsed.expressions):
        raise InvalidInputError(f"The filter {arn} asks for CurrentUser, and a segment has none; use Users.")
    for condition in parsed.conditions():
        if condition.field.dataset not in (USERS, INTERACTIONS) or isinstance(condition.operand, FieldName):
            raise InvalidInputError(
                f"The filter {arn} has a condition on {condition.field}; "
                "user segments are filtered by Users and by Interactions.EVENT_TYPE."
            )
        if condition.field.dataset == INTERACTIONS and not interactions:
            raise InvalidInputError(
                f"The filter {arn} has a condition on Interactions, which this recipe does not take."
            )


@dataclass(frozen=True)
class UserFilter:
    """A filter over the users of a model; answers are kept, as the queries of a job mostly bring the same values.

    A condition on Interactions holds for a user who has any event of the type, of whatever item: so the guide's
    examples say. Users and events are read as they are now, unlike what the segments are made from.
    """

    on_users: FilterOnCatalogue
    _answers: dict[tuple[tuple[str, str], ...], NDArray[np.bool_]] = field(default_factory=dict)

    @classmethod
    def of(cls, found: Resource, datasets: Datasets, users: Sequence[str]) -> UserFilter:
        """found: a filter resource that `check_user_filter` passes."""
        rows = Rows(datasets.snapshot(found.parent, "USERS"), "USER_ID", users)
        # To a filter the users are here what items are elsewhere: what is kept or left out.
        return cls(
            FilterOnCatalogue(
                parse_filter(found.body["filterExpression"]),
                items=rows,
                users=Rows(None, "USER_ID", []),
                deeds=lambda _nobody: _doers(datasets, found.parent),
            )
        )

    def allowed(self, values: Mapping[str, str]) -> NDArray[np.bool_]:
        """One flag per user. Raises InvalidInputError when values are missing or cannot be read."""
        key = tuple(sorted(values.items()))
        if key not in self._answers:
            self._answers[key] = self.on_users.allowed(Situation("", "", values))
        return self._answers[key]


def _doers(datasets: Datasets, group_arn: str) -> list[Deed]:
    """Every event type in lower case with every user who has an event of it."""
    events = datasets.snapshot(group_arn, "INTERACTIONS", remember=False)
    if events is None:
        return []
    columns = [name for name in ("USER_ID", "EVENT_TYPE") if name in events.table.column_names]
    pairs = events.table.select(columns).group_by(columns).aggregate([])
    users = pairs["USER_ID"].to_pylist()
    types = pairs["EVENT_TYPE"].to_pylist() if "EVENT_TYPE" in columns else [None] * len(users)
    return [((kind or "").lower(), user) for kind, user in zip(types, users, strict=True)]
