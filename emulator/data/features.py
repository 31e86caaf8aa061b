"""Metadata as binary features: which columns teach, and one sparse row of features per item or user.

A categorical column gives a feature for each of its values (cells hold several, joined by `|`), a numeric one a feature
for each fifth of its values. Strings that are not marked categorical and booleans teach nothing, as on the service;
texts teach nothing here (the service reads them with a language model), nor does CREATION_TIMESTAMP, which says how
old an item is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from pyarrow import compute as pc
from scipy import sparse

from emulator.data.schema import NUMBERS, RESERVED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from emulator.data.schema import DatasetSchema, Field

BINS = 5
MOST_VALUES = 1000
"""Of a column with more different values the most frequent ones count; the service advises no more than that."""

LEAST_ROWS = 2
"""A value that only one item or user has says nothing about any other."""


@dataclass(frozen=True)
class Features:
    """matrix: (rows, features) of 0 and 1; names: `COLUMN=value`; columns: the column of each feature."""

    matrix: sparse.csr_matrix
    names: tuple[str, ...]
    columns: tuple[str, ...]


def training_fields(
    schema: DatasetSchema, config: Mapping[str, Mapping[str, Sequence[str]]], known: Sequence[str] | None
) -> list[Field]:
    """The columns of an items or users dataset that a solution trains on.

    config: the solution's trainingDataConfig; it names datasets in any case. known: the columns that there were when
    the solution was made; those that a later schema added are not trained on. None = all.
    """
    excluded = _columns(config, "excludedDatasetColumns", schema)
    included = _columns(config, "includedDatasetColumns", schema)
    return [
        column
        for column in schema.fields
        if _teaches(column, schema)
        and column.name not in (excluded or ())
        and (included is None or column.name in included)
        and (known is None or column.name in known)
    ]


def _columns(
    config: Mapping[str, Mapping[str, Sequence[str]]], member: str, schema: DatasetSchema
) -> Sequence[str] | None:
    for dataset, names in (config.get(member) or {}).items():
        if dataset.upper() == schema.record.upper():
            return names
    return None


def _teaches(column: Field, schema: DatasetSchema) -> bool:
    if column.name in schema.required or column.name in RESERVED[schema.record]:
        return False
    return column.type in NUMBERS or column.categorical


def build_features(
    table: pa.Table, key: str, ids: Sequence[str], columns: Sequence[Field]
) -> Features | None:
    """Features of the given ids, in their order; ids that the table does not hold have none. None if nobody has any.

    key: the id column. Rows of ids that are not asked for are not looked at.
    """
    row = pc.index_in(pa.array(ids, pa.string()), table[key].combine_chunks())
    asked = np.nonzero(row.is_valid().to_numpy(zero_copy_only=False))[0]
    found = row_features(table.take(row.drop_null()), columns)
    if found is None:
        return None
    place = sparse.csr_matrix(
        (np.ones(len(asked), np.float32), (asked, np.arange(len(asked)))), shape=(len(ids), len(asked))
    )
    return Features(sparse.csr_matrix(place @ found.matrix), found.names, found.columns)


def row_features(table: pa.Table, columns: Sequence[Field]) -> Features | None:
    """Features of each row of a table; None if nobody has any."""
    blocks, names, sources = [], [], []
    for column in columns:
        values = table[column.name].combine_chunks()
        rows, texts = _numeric(values) if column.type in NUMBERS else _categorical(values)
        found = _indicator(rows, texts, len(table))
        if found is not None:
            matrix, kept = found
            blocks.append(matrix)
            names += [f"{column.name}={value}" for value in kept]
            sources += [column.name] * len(kept)
    if not blocks:
        return None
    return Features(sparse.csr_matrix(sparse.hstack(blocks, "csr")), tuple(names), tuple(sources))


def _categorical(values: pa.Array) -> tuple[NDArray[np.int64], pa.Array]:
    """Row numbers and values, one pair for each part of a cell that is not empty."""
    parts = pc.split_pattern(values, "|")
    rows, texts = pc.list_parent_indices(parts), pc.list_flatten(parts)
    filled = pc.not_equal(texts, "")
    return pc.filter(rows, filled).to_numpy(zero_copy_only=False), pc.filter(texts, filled)


def _numeric(values: pa.Array) -> tuple[NDArray[np.int64], pa.Array]:
    """Row numbers and bins: fifths of the values, or the values themselves if there are no more than that."""
    # Whole numbers beyond 2^53 are rounded; adding 0 makes -0 and 0 the same text.
    numbers = values.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False) + 0.0
    rows = np.nonzero(np.isfinite(numbers))[0]
    present = numbers[rows]
    distinct = np.unique(present)
    fifths = np.sort(present)[np.arange(BINS) * len(present) // BINS] if len(present) else present
    edges = np.unique(fifths) if len(distinct) > BINS else distinct
    lower = edges[np.searchsorted(edges, present, side="right") - 1] if len(present) else present
    return rows, pa.array([repr(edge).removesuffix(".0") for edge in lower.tolist()], pa.string())


def _indicator(
    rows: NDArray[np.int64], texts: pa.Array, n_rows: int
) -> tuple[sparse.csr_matrix, list[str]] | None:
    """(n_rows, values) of 0 and 1 and the values, in the order of their names."""
    encoded = pc.dictionary_encode(texts)
    values = encoded.dictionary.to_pylist()
    pairs = np.unique(
        np.stack([rows, encoded.indices.to_numpy(zero_copy_only=False)], axis=1).astype(np.int64), axis=0
    )
    counts = np.bincount(pairs[:, 1], minlength=len(values))
    able = [code for code in range(len(values)) if LEAST_ROWS <= counts[code] < n_rows]
    able = sorted(
        sorted(able, key=lambda code: (-counts[code], values[code]))[:MOST_VALUES], key=values.__getitem__
    )
    if not able:
        return None
    column = np.full(len(values), -1)
    column[able] = np.arange(len(able))
    kept = pairs[column[pairs[:, 1]] >= 0]
    matrix = sparse.csr_matrix(
        (np.ones(len(kept), np.float32), (kept[:, 0], column[kept[:, 1]])), shape=(n_rows, len(able))
    )
    return matrix, [values[code] for code in able]
