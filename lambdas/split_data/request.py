"""What the state machine asks of `split_data`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from lambdas.shared.errors import RequestError
from lambdas.shared.locations import RunLocations, S3Location
from lambdas.split_data.schema import COLD, Column, columns_of
from lambdas.split_data.settings import (
    PairSettings,
    QuerySettings,
    SplitSettings,
    pair_settings,
    query_settings,
    split_settings,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["RawData", "SplitRequest", "SplitSettings"]


@dataclass(frozen=True, slots=True)
class RawData:
    """One dataset as it lies in S3: `interactions`, `items` or `users`, its place and its columns.

    Without a file, one that is not required (items that only tell titles) is taken not to be there.
    """

    dataset: str
    source: S3Location
    columns: tuple[Column, ...]
    required: bool = True

    @classmethod
    def of(cls, dataset: str, block: Mapping[str, Any]) -> RawData:
        """Read `{"location": …, "schema": …, "required": …}`. Raises RequestError for a schema of no use."""
        source, columns = S3Location.parse(block["location"]), columns_of(block["schema"], dataset)
        return cls(dataset, source, columns, required=bool(block.get("required", True)))


@dataclass(frozen=True, slots=True)
class SplitRequest:
    """One split: the run it belongs to, where the raw data lie, how to cut, and what to ask afterwards.

    `items` and `users` are None when the scenario has no such dataset. With `needs_features`, items that
    training can use nothing of end the run.
    """

    scenario: str
    run_id: str
    locations: RunLocations
    interactions: RawData
    items: RawData | None
    users: RawData | None
    split: SplitSettings
    queries: QuerySettings
    pairs: PairSettings | None
    needs_features: bool

    @classmethod
    def of(cls, event: Mapping[str, Any]) -> SplitRequest:
        """Read the event of the state machine. Raises RequestError when it is not what it must be."""
        try:
            request = cls(
                scenario=event["scenario"],
                run_id=event["run_id"],
                locations=RunLocations.of(
                    scenario=event["scenario"],
                    run_id=event["run_id"],
                    data_bucket=event["data_bucket"],
                    reports_bucket=event["reports_bucket"],
                ),
                interactions=RawData.of("interactions", event["interactions"]),
                items=RawData.of("items", event["items"]) if event.get("items") else None,
                users=RawData.of("users", event["users"]) if event.get("users") else None,
                split=split_settings(event["split"]),
                queries=query_settings(event.get("queries")),
                pairs=pair_settings(event.get("pairs")),
                needs_features=bool(event.get("needs_features")),
            )
        except KeyError as error:
            raise RequestError(
                f"The input of split_data lacks {error}: it is sent by the state machine of the scenario; "
                "deploy the current version of the application."
            ) from error
        request.check()
        return request

    def without(self, missing: RawData) -> SplitRequest:
        """The same without a dataset that has no file."""
        items, users = (None if data is missing else data for data in (self.items, self.users))
        return replace(self, items=items, users=users)

    def check(self) -> None:
        """Raise RequestError when the members do not go together."""
        if self.items is None:
            return
        if self.split.holds_items_out and any(column.name == COLD for column in self.items.columns):
            raise RequestError(
                f"The schema of the items has a column {COLD}, which the split {self.split.method} adds to the "
                "items itself: give the column of the data another name."
            )

    @property
    def data(self) -> tuple[RawData, ...]:
        """The datasets that there are, the interactions first."""
        return tuple(part for part in (self.interactions, self.items, self.users) if part is not None)
