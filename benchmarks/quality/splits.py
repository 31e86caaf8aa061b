"""Data sets cut by the application's own split, in the files that models read and are judged by."""

from __future__ import annotations

import time
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import compute as pc
from pyarrow import csv as pa_csv
from pyarrow import feather
from pyarrow import parquet as pq

from benchmarks.recipe_data import Tables
from lambdas.evaluate.interactions import EvaluationData, read_data
from lambdas.split_data import outputs
from lambdas.split_data.entities import RawTable
from lambdas.split_data.files import RawFile
from lambdas.split_data.local_split import Extras, split_files
from lambdas.split_data.outputs import SplitFiles
from lambdas.split_data.schema import Column
from lambdas.split_data.settings import QuerySettings, SplitSettings
from local.datasets import Dataset

FRACTION = 0.1
PER_USER = SplitSettings("per_user", FRACTION)
_TYPES = {"USER_ID": "string", "ITEM_ID": "string", "TIMESTAMP": "long"}
_ARROW = {"string": pa.string(), "long": pa.int64()}
_AVRO = {"int64": "long", "double": "double", "bool": "boolean"}


@dataclass(frozen=True)
class Cut:
    """One split. tables: what models train on. held: the held-out interactions, by user, then time, then item.

    causes: the last training item of each user who is judged; data: what is judged by, users in the same order.
    """

    files: SplitFiles
    tables: Tables
    held: pa.Table
    causes: dict[str, str]
    data: EvaluationData

    def seen(self) -> list[list[str]]:
        """The distinct training items of each user who is judged."""
        items, starts = self.data.items.to_numpy(zero_copy_only=False), self.data.seen.starts
        return [items[self.data.seen.items[start:end]].tolist() for start, end in pairwise(starts.tolist())]

    def future(self) -> list[list[str]]:
        """The held-out items of each user who is judged, in the order of time."""
        owners = pc.fill_null(pc.index_in(self.held["USER_ID"], value_set=self.data.users), -1).to_numpy()
        order = np.argsort(owners, kind="stable")
        bounds = np.searchsorted(owners[order], np.arange(self.data.n_users + 1))
        items = self.held["ITEM_ID"].to_numpy()[order]
        return [items[start:end].tolist() for start, end in pairwise(bounds.tolist())]


def cut(dataset: Dataset, settings: SplitSettings, folder: Path) -> Cut:
    """Split a data set into a new folder. Raises DataError when it is too little to train on, or faulty."""
    folder.mkdir(parents=True)
    columns = {kind: _columns(files) for kind, files in _files(dataset).items()}
    raw = {kind: [RawFile(path, path.name) for path in files] for kind, files in _files(dataset).items()}
    items, users = (
        RawTable(kind, raw[kind], columns[kind], f"The {kind}") if kind in raw else None
        for kind in ("items", "users")
    )
    files = SplitFiles(folder)
    split_files(
        raw["interactions"],
        columns["interactions"],
        settings,
        files,
        subject="The interactions",
        now=int(time.time()),
        extras=Extras(items, users, queries=QuerySettings("items")),
    )
    catalogue = _read_csv(files.path(outputs.ITEMS), columns["items"]) if "items" in raw else None
    tables = Tables(
        _read_csv(files.train, columns["interactions"]),
        catalogue,
        _read_csv(files.path(outputs.USERS), columns["users"]) if "users" in raw else None,
    )
    causes = pq.read_table(files.path(outputs.USER_CAUSES)).to_pydict()
    held = pq.read_table(files.holdout, columns=list(_TYPES))
    held = held.cast(pa.schema([(name, _ARROW[kind]) for name, kind in _TYPES.items()]))
    return Cut(
        files,
        tables,
        held,
        dict(zip(causes["USER_ID"], causes["ITEM_ID"], strict=True)),
        read_data(files.train, files.holdout, None if catalogue is None else pc.unique(catalogue["ITEM_ID"])),
    )


def write_tables(tables: Tables, folder: Path) -> Path:
    """Write what a model trains on; returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for kind in ("interactions", "items", "users"):
        table = getattr(tables, kind)
        if table is not None:
            feather.write_feather(table, str(folder / f"{kind}.arrow"), compression="uncompressed")
    return folder


def read_tables(folder: Path) -> Tables:
    """What `write_tables` wrote."""
    found = {
        kind: feather.read_table(str(folder / f"{kind}.arrow"), memory_map=False)
        for kind in ("interactions", "items", "users")
        if (folder / f"{kind}.arrow").exists()
    }
    return Tables(**found)


def _files(dataset: Dataset) -> dict[str, list[Path]]:
    further = {"items": dataset.items, "users": dataset.users}
    present = {kind: [path] for kind, path in further.items() if path is not None}
    return {"interactions": list(dataset.interactions), **present}


def _columns(files: list[Path]) -> tuple[Column, ...]:
    """The columns of CSV files, as their values are in the first: ids are texts, all but the keys may be missing."""
    schema = pa_csv.read_csv(files[0]).schema
    return tuple(
        Column(
            field.name,
            _TYPES.get(field.name, _AVRO.get(str(field.type), "string")),
            nullable=field.name not in _TYPES,
        )
        for field in schema
    )


def _read_csv(path: Path, columns: tuple[Column, ...]) -> pa.Table:
    """A file that the split wrote, by the service's rules for CSV; texts as they are."""
    types = {column.name: pa.string() if column.type == "string" else column.arrow_type for column in columns}
    convert = pa_csv.ConvertOptions(column_types=types, strings_can_be_null=True, null_values=[""])
    return pa_csv.read_csv(path, parse_options=pa_csv.ParseOptions(escape_char="\\"), convert_options=convert)
