"""The datasets of a group as they are at this moment: bulk rows from files, and what was streamed beside them."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pyarrow import parquet as pq

from emulator.data.csv_files import ARROW_TYPES
from emulator.data.imports import merged
from emulator.data.schema import DatasetSchema, parse_schema
from emulator.state.resources import ACTIVE

if TYPE_CHECKING:
    from emulator.state.files import StateFolder
    from emulator.state.resources import Resource
    from emulator.state.store import Store
    from emulator.state.streams import Event, Streams

TABLES_KEPT = 12


@dataclass(frozen=True)
class Snapshot:
    """A dataset's rows at one moment. version: equal versions mean equal rows. last_event: the newest one within."""

    table: pa.Table
    schema: DatasetSchema
    version: tuple[str, ...]
    last_event: int = 0


@dataclass(frozen=True)
class Datasets:
    """Reads datasets. The tables read last stay in memory: filters ask for the same ones again and again."""

    store: Store
    folder: StateFolder
    streams: Streams
    _kept: OrderedDict[tuple[str, ...], Snapshot] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def find(self, group_arn: str, dataset_type: str) -> Resource | None:
        """The dataset of a type (`ITEMS`, …) of a group."""
        for dataset in self.store.of_kind("dataset", group_arn):
            if dataset.body["datasetType"] == dataset_type:
                return dataset
        return None

    def schema_arn(self, dataset: Resource) -> str:
        """The schema in force: that of the newest finished update, else the one of its creation."""
        updates = self.store.of_kind("dataset_update", dataset.arn, [ACTIVE])
        return str((updates[-1] if updates else dataset).body["schemaArn"])

    def schema(self, dataset: Resource) -> DatasetSchema:
        """The columns of a dataset."""
        return parse_schema(self.store.get(self.schema_arn(dataset), "schema").body["schema"])

    def snapshot(self, group_arn: str, dataset_type: str, *, remember: bool = True) -> Snapshot | None:
        """The rows of a dataset, None when there is no dataset or not one row.

        A bulk import that ends meanwhile takes the old file away: then the new one is read.
        """
        while True:
            dataset = self.find(group_arn, dataset_type)
            if dataset is None:
                return None
            try:
                return self._snapshot(dataset, remember=remember)
            except FileNotFoundError:
                current = self.store.find(dataset.arn)
                if current is not None and current.internal.get("file") == dataset.internal.get("file"):
                    raise

    def bulk(self, dataset: Resource) -> Snapshot | None:
        """The rows that came by import jobs alone; streamed events would change their version all the time."""
        file, schema = dataset.internal.get("file"), self.schema(dataset)
        version = (dataset.arn, self.schema_arn(dataset), str(file), "bulk")
        with self._lock:
            if version in self._kept:
                return self._kept[version]
        if file is None:
            return None
        try:
            table = conformed(pq.read_table(self.folder.path(file)), schema)
        except FileNotFoundError:
            return self.bulk(self.store.get(dataset.arn))
        return self._keep(Snapshot(table, schema, version))

    def _keep(self, found: Snapshot) -> Snapshot:
        with self._lock:
            self._kept[found.version] = found
            while len(self._kept) > TABLES_KEPT:
                self._kept.popitem(last=False)
        return found

    def _snapshot(self, dataset: Resource, *, remember: bool) -> Snapshot | None:
        file = dataset.internal.get("file", "")
        events, records = self.streams.last_event(dataset.arn), self.streams.last_record(dataset.arn)
        schema_arn = self.schema_arn(dataset)
        version = (dataset.arn, schema_arn, file, str(events), str(records))
        with self._lock:
            if version in self._kept:
                self._kept.move_to_end(version)
                return self._kept[version]
        if not file and not events and not records:
            return None
        schema = self.schema(dataset)
        bulk = conformed(pq.read_table(self.folder.path(file)), schema) if file else empty(schema)
        streamed = self._streamed(dataset, schema) if events or records else empty(schema)
        table = merged(bulk, streamed, schema) if len(streamed) else bulk
        found = Snapshot(table, schema, version, events)
        return self._keep(found) if remember else found

    def _streamed(self, dataset: Resource, schema: DatasetSchema) -> pa.Table:
        if dataset.body["datasetType"] == "INTERACTIONS":
            return rows_table(attributed(self.streams.all_events(dataset.arn)), schema)
        return rows_table(self.streams.records(dataset.arn), schema)


def attributed(events: list[Event]) -> list[dict[str, Any]]:
    """Rows of streamed events with the users they belong to.

    An anonymous session belongs to the user who is named in another event of it; one that never names a user is
    left out.
    """
    owner = {event.session: event.user for event in events if event.user is not None}
    return [
        event.row | {"USER_ID": event.user or owner[event.session]}
        for event in events
        if event.user is not None or event.session in owner
    ]


def rows_table(rows: list[dict[str, Any]], schema: DatasetSchema) -> pa.Table:
    """Rows by column name as a table of the schema."""
    return pa.table(
        {
            field.name: pa.array([row.get(field.name) for row in rows], ARROW_TYPES[field.type])
            for field in schema.fields
        }
    )


def empty(schema: DatasetSchema) -> pa.Table:
    """No rows."""
    return rows_table([], schema)


def conformed(table: pa.Table, schema: DatasetSchema) -> pa.Table:
    """A table that was written under an earlier schema: columns that came later are null, in the schema's order."""
    columns = {}
    for column in schema.fields:
        kind = ARROW_TYPES[column.type]
        known = column.name in table.column_names
        columns[column.name] = table[column.name].cast(kind) if known else pa.nulls(len(table), kind)
    return pa.table(columns)
