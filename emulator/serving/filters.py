"""Filters made ready for a model's catalogue, and kept as long as nothing that they read has changed."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import TYPE_CHECKING

from emulator.data.datasets import Snapshot
from emulator.errors import InvalidInputError
from emulator.filters.apply import FilterOnCatalogue
from emulator.filters.columns import Rows
from emulator.filters.history import BulkHistory, Deed, newest
from emulator.filters.parse import parse_filter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulator.data.datasets import Datasets
    from emulator.filters.expressions import Filter
    from emulator.state.resources import Resource
    from emulator.training.model import TrainedModel

FILTERS_KEPT = 16
HISTORIES_KEPT = 4


@dataclass(frozen=True)
class PreparedFilters:
    """Prepares filters. All members but `datasets` are caches."""

    datasets: Datasets
    _filters: OrderedDict[tuple[object, ...], FilterOnCatalogue] = field(default_factory=OrderedDict)
    _histories: OrderedDict[tuple[str, ...], BulkHistory] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def prepared(self, found: Resource, version_arn: str, model: TrainedModel) -> FilterOnCatalogue:
        """The filter over the items of a version's model, with items and users as they are now.

        The model of a version may have got new items since, behind those that it had.
        """
        items = self.datasets.snapshot(found.parent, "ITEMS")
        users = self.datasets.snapshot(found.parent, "USERS")
        key = (found.arn, found.sequence, version_arn, len(model.items), _version(items), _version(users))
        with self._lock:
            if key in self._filters:
                self._filters.move_to_end(key)
                return self._filters[key]
        made = self._prepare(found, model, items, users)
        with self._lock:
            self._filters[key] = made
            while len(self._filters) > FILTERS_KEPT:
                self._filters.popitem(last=False)
        return made

    def over(
        self, found: Resource, version_arn: str, model: TrainedModel, items: Sequence[str]
    ) -> FilterOnCatalogue:
        """The filter over other items than the model's, which the model need not know."""
        prepared = self.prepared(found, version_arn, model)
        rows = Rows(self.datasets.snapshot(found.parent, "ITEMS"), "ITEM_ID", items)
        return replace(prepared, items=rows, _masks={})

    def _prepare(
        self, found: Resource, model: TrainedModel, items: Snapshot | None, users: Snapshot | None
    ) -> FilterOnCatalogue:
        parsed = parse_filter(found.body["filterExpression"])
        check_item_filter(parsed, found.arn)
        known = [] if users is None else users.table["USER_ID"].to_pylist()
        return FilterOnCatalogue(
            parsed,
            Rows(items, "ITEM_ID", model.items),
            Rows(users, "USER_ID", known),
            lambda user_id: self._deeds(found.parent, user_id),
        )

    def _deeds(self, group_arn: str, user_id: str) -> list[Deed]:
        """Bulk interactions, then live ones, which count at once."""
        dataset = self.datasets.find(group_arn, "INTERACTIONS")
        if dataset is None or not user_id:
            return []
        live = [
            (str(event.row.get("EVENT_TYPE") or "").lower(), event.item)
            for event in self.datasets.streams.events_of(dataset.arn, user_id)
        ]
        bulk = self.datasets.bulk(dataset)
        return newest(([] if bulk is None else self._history(bulk).deeds(user_id)) + live)

    def _history(self, bulk: Snapshot) -> BulkHistory:
        with self._lock:
            if bulk.version not in self._histories:
                self._histories[bulk.version] = BulkHistory(bulk.table)
                while len(self._histories) > HISTORIES_KEPT:
                    self._histories.popitem(last=False)
            return self._histories[bulk.version]


def check_item_filter(parsed: Filter, arn: str) -> None:
    """Raises InvalidInputError for a filter of user segments."""
    if any(expression.target != "ITEMID" for expression in parsed.expressions):
        raise InvalidInputError(f"The filter {arn} is for users; recommendations need one for ItemID.")
    if any(condition.field.dataset == "USERS" for condition in parsed.conditions()):
        raise InvalidInputError(
            f"The filter {arn} has conditions on Users, which are for user segments; use CurrentUser."
        )


def _version(snapshot: Snapshot | None) -> tuple[str, ...]:
    return () if snapshot is None else snapshot.version
