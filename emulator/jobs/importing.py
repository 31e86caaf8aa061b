"""The work of a dataset import job: files under the location become the dataset's file."""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pyarrow import parquet as pq

from emulator.data.csv_files import SourceFile, read_csv_files
from emulator.data.datasets import conformed
from emulator.data.imports import FULL, check_rows, merged
from emulator.errors import JobFailedError
from emulator.jobs import s3
from emulator.state.lifecycle import WorkResult

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa

    from emulator.data.datasets import Datasets
    from emulator.data.schema import DatasetSchema
    from emulator.settings import Behaviour, Limits
    from emulator.state.files import StateFolder
    from emulator.state.resources import Resource


@dataclass(frozen=True)
class Importer:
    """Runs import jobs. `internal["file"]` of a dataset names its data; it changes only when a job has succeeded."""

    datasets: Datasets
    folder: StateFolder
    s3_for_role: Callable[[str | None], Any]
    limits: Limits
    behaviour: Behaviour
    one_at_a_time: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, job: Resource) -> WorkResult:
        """Raises JobFailedError with what the service says, the file and the row."""
        dataset = self.datasets.store.get(job.parent, "dataset")
        kind = dataset.body["datasetType"].lower()
        try:
            return self._import(job, dataset)
        except JobFailedError as failure:
            raise JobFailedError(
                f"Failed to create a data import job for {kind} dataset. {failure}"
            ) from failure

    def _import(self, job: Resource, dataset: Resource) -> WorkResult:
        schema = self.datasets.schema(dataset)
        files = self._files(job.body["dataSource"]["dataLocation"], job.body.get("roleArn"))
        rows = read_csv_files(files, schema)
        check_rows(rows, schema, self.limits, self.behaviour)
        with self.one_at_a_time:
            self._put(dataset.arn, rows, schema, full=job.body["importMode"] == FULL)
        return WorkResult()

    def _put(self, dataset_arn: str, rows: pa.Table, schema: DatasetSchema, *, full: bool) -> None:
        """Gives the dataset a new file.

        A job that is killed right after is done again: that changes nothing, since FULL replaces, and an addition of
        rows that are there already adds none.
        """
        old = self.datasets.store.get(dataset_arn).internal.get("file")
        existing = None if full or old is None else conformed(pq.read_table(self.folder.path(old)), schema)
        table = merged(existing, rows, schema)
        name = f"datasets/{secrets.token_hex(8)}.parquet"
        with self.folder.replacing(name) as path:
            pq.write_table(table, path)
        with self.datasets.store.transaction():
            self.datasets.store.update(dataset_arn, internal={"file": name, "rows": len(table)})
            if old is not None:
                self.datasets.store.after_commit(lambda: self.folder.remove(old))

    def _files(self, data_location: str, role_arn: str | None) -> list[SourceFile]:
        """The object, or with a trailing `/` all objects of the first level."""
        location = s3.parse_location(data_location)
        if location is None:
            raise JobFailedError(f"Invalid Data location. ({data_location} is not s3://bucket/key)")
        with s3.explained("Invalid Data location.", location):
            client = self.s3_for_role(role_arn)
            if location.key and not location.key.endswith("/"):
                return [SourceFile(str(location), s3.read(client, location))]
            found = s3.list_objects(client, location, first_level=True)
            if not found:
                raise JobFailedError(f"Invalid Data location. (There is no file under {location})")
            return [SourceFile(str(entry.location), s3.read(client, entry.location)) for entry in found]
