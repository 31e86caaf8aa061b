"""What every user's lists scored in a run, read from per_user.parquet: only lists and metrics that are asked for."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet
from numpy.typing import NDArray

from lambdas.reports.comparison.run import USERS_FILE, ListKey, MetricKey, Run, UnreadableRunError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

FloatArray = NDArray[np.float64]

_HISTORY = "train_interactions"
_REPLAY = "replay"


@dataclass(frozen=True, slots=True)
class UserValues:
    """Rows of n users (or pairs), ascending by id.

    ids: unique. futures: how many held-out items a user has, or events a pair. values: NaN where undefined.
    histories: training interactions; None where the file does not tell them.
    """

    ids: pa.Array
    futures: NDArray[np.int64]
    histories: NDArray[np.int64] | None
    values: Mapping[tuple[ListKey, MetricKey], FloatArray]

    def __len__(self) -> int:
        """How many users there are."""
        return len(self.ids)


UserReader = Callable[[Mapping[ListKey, Sequence[MetricKey]]], UserValues]
"""Gives the values of the lists and metrics that are asked for; leaves out what there is none of.

Raises UnreadableRunError when there are none at all, or none that can be trusted.
"""


def users_in(folder: Path, run: Run) -> UserReader:
    """The users' values in the report folder of a run."""
    return partial(_read, folder / USERS_FILE, run)


def users_of(blocks: Iterable[pa.Table], run: Run) -> UserReader:
    """The users' values in rows as version 2 of the file has them, a block for every list and cut-off."""
    return partial(_from_blocks, blocks, run)


def _from_blocks(
    blocks: Iterable[pa.Table], run: Run, wanted: Mapping[ListKey, Sequence[MetricKey]]
) -> UserValues:
    parts = []
    for block in blocks:
        if not block.num_rows:
            continue
        source, treatment, k = (block[name][0].as_py() for name in ("source", "list", "k"))
        here = [metric for metric, at in wanted.get((source, treatment), ()) if at == k]
        values = {
            ((source, treatment), (metric, k)): _floats(block[metric])
            for metric in here
            if metric in block.column_names
        }
        if values:
            parts.append(_part(block, _about(run, set(block.column_names)), values))
    return _together(parts, f"run {run.run_id}")


def _read(file: Path, run: Run, wanted: Mapping[ListKey, Sequence[MetricKey]]) -> UserValues:
    """Errors tell of the run and not of the path, which may be a temporary one."""
    told = f"{USERS_FILE} of run {run.run_id}"
    _check(file, run, told)
    try:
        names = set(pyarrow.parquet.read_schema(file).names)
        about = _about(run, names)
        missing = [name for name in about.columns if name not in names]
        if missing:
            raise UnreadableRunError(f"{told} lacks the column {missing[0]}: evaluate that run again.")
        read = _read_long if {"source", "list", "k"} <= names else _read_wide
        parts = list(read(file, names, wanted, about))
    except (pa.ArrowException, OSError) as error:
        raise UnreadableRunError(
            f"{told} is damaged ({type(error).__name__}): evaluate that run again."
        ) from error
    return _together(parts, told)


@dataclass(frozen=True, slots=True)
class _About:
    """The columns that tell whom a row is about, how much future there is to judge by, and how long the past is."""

    keys: tuple[str, ...]
    future: str
    history: str | None

    @property
    def columns(self) -> list[str]:
        return [*self.keys, self.future, *([self.history] if self.history else [])]


@dataclass(frozen=True, slots=True)
class _Part:
    """Values of one list at some cut-offs, of the same users in the same order."""

    keys: pa.Array
    futures: NDArray[np.int64]
    histories: NDArray[np.int64] | None
    values: dict[tuple[ListKey, MetricKey], FloatArray]


def _check(file: Path, run: Run, told: str) -> None:
    """metrics.json tells which file belongs to it, so that a half-written report is not taken for a whole one."""
    if not file.is_file():
        raise UnreadableRunError(f"{told} is not there.")
    if run.users_file is None:
        return
    with file.open("rb") as content:
        found = file.stat().st_size, hashlib.file_digest(content, "sha256").hexdigest()
    if found != run.users_file:
        raise UnreadableRunError(f"{told} is not the file that its metrics.json was written with.")


def _about(run: Run, names: set[str]) -> _About:
    """A replay has rows of pairs, in which a user may occur more than once."""
    if run.kind == _REPLAY:
        return _About(("user_id", "other_user_id"), "events", None)
    return _About(("user_id",), "held_out_items", _HISTORY if _HISTORY in names else None)


def _read_wide(
    file: Path, names: set[str], wanted: Mapping[ListKey, Sequence[MetricKey]], about: _About
) -> Iterator[_Part]:
    """Version 1: a row per user, a column per list, metric and cut-off."""
    columns = {
        (key, (metric, k)): column
        for key, metrics in wanted.items()
        for metric, k in metrics
        for column in _wide_names(key, metric, k)
        if column in names
    }
    table = pyarrow.parquet.read_table(file, columns=[*about.columns, *columns.values()])
    yield _part(table, about, {key: _floats(table[column]) for key, column in columns.items()})


def _wide_names(key: ListKey, metric: str, k: int) -> tuple[str, str]:
    """Baselines have one list, and columns that do not name it."""
    source, treatment = key
    return f"{source}_{treatment}_{metric}_at_{k}", f"{source}_{metric}_at_{k}"


def _read_long(
    file: Path, names: set[str], wanted: Mapping[ListKey, Sequence[MetricKey]], about: _About
) -> Iterator[_Part]:
    """Version 2: a row per user, list and cut-off, a column per metric."""
    for key, metrics in wanted.items():
        for k in dict.fromkeys(k for _, k in metrics):
            here = [metric for metric, at in metrics if at == k and metric in names]
            table = pyarrow.parquet.read_table(
                file,
                columns=[*about.columns, *here],
                filters=[("source", "=", key[0]), ("list", "=", key[1]), ("k", "=", k)],
            )
            values = {(key, (metric, k)): _floats(table[metric]) for metric in here}
            if table.num_rows:
                yield _part(table, about, values)


def _part(table: pa.Table, about: _About, values: dict[tuple[ListKey, MetricKey], FloatArray]) -> _Part:
    keys = [table[name].combine_chunks().cast(pa.string()) for name in about.keys]
    return _Part(
        keys[0] if len(keys) == 1 else pc.binary_join_element_wise(*keys, "\x1f"),
        _counts(table[about.future]),
        _counts(table[about.history]) if about.history else None,
        values,
    )


def _floats(column: pa.ChunkedArray) -> FloatArray:
    filled = pc.fill_null(column.cast(pa.float64()), float("nan"))
    return np.asarray(filled.to_numpy(), dtype=np.float64)


def _counts(column: pa.ChunkedArray) -> NDArray[np.int64]:
    return np.asarray(pc.fill_null(column.cast(pa.int64()), -1).to_numpy(), dtype=np.int64)


def _together(parts: Sequence[_Part], told: str) -> UserValues:
    """One row per user out of parts, which may have their rows in different orders."""
    if not parts:
        return UserValues(pa.array([], pa.string()), np.empty(0, np.int64), None, {})
    first, *others = [_sorted(part, told) for part in parts]
    values = dict(first.values)
    for other in others:
        if not other.keys.equals(first.keys):
            raise UnreadableRunError(f"{told} has lists of different users: evaluate that run again.")
        values |= other.values
    return UserValues(first.keys, first.futures, first.histories, values)


def _sorted(part: _Part, told: str) -> _Part:
    """Ascending by id, so that draws do not depend on the order of rows."""
    order = pc.sort_indices(part.keys)
    keys = part.keys.take(order)
    if part.keys.null_count or pc.count_distinct(keys).as_py() != len(keys):
        raise UnreadableRunError(f"{told} has users twice or without an id: evaluate that run again.")
    places = order.to_numpy()
    return _Part(
        keys,
        part.futures[places],
        None if part.histories is None else part.histories[places],
        {key: found[places] for key, found in part.values.items()},
    )
