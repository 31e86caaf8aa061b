"""The answers of a batch inference job: JSON Lines, joined to the evaluated users by their id.

Format of a line (Amazon Personalize Developer Guide, "Batch inference output"):
`{"input":{"userId":"1"},"output":{"recommendedItems":["5",…],"scores":[0.1,…]},"error":null}`. Lines come in any
order, and a record that failed carries its reason in `error`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json
from numpy.typing import NDArray

from lambdas.evaluate.interactions import EvaluationData, places
from lambdas.shared.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

# Bytes read at once. Longer than any line: 500 ids of 256 characters with scores take some 150 kB.
_BLOCK = 8 << 20
_SAMPLE_ERRORS = 3

_SCHEMA = pa.schema(
    [
        ("input", pa.struct([("userId", pa.string())])),
        ("output", pa.struct([("recommendedItems", pa.list_(pa.string()))])),
        ("error", pa.string()),
    ]
)


@dataclass(slots=True)
class Recommendations:
    """The answers of the evaluated users, and what else was found in the files.

    as_returned, without_seen: item codes, shape (users, length), padded with -1; an item that neither part of
        the data knows has the code `len(items)`. `without_seen` is the whole answer with the items of the
        user's training history taken out, then cut: the longer the answers, the fuller it is.
    answered: users with a usable record.
    """

    as_returned: NDArray[np.int32]
    without_seen: NDArray[np.int32]
    answered: NDArray[np.bool_]
    records: int = 0
    failed_records: int = 0
    duplicate_records: int = 0
    records_of_other_users: int = 0
    unknown_items: int = 0
    errors: list[str] = field(default_factory=list)

    @classmethod
    def empty(cls, n_users: int, length: int) -> Recommendations:
        """No answer for anybody yet."""
        shape = (n_users, length)
        return cls(
            as_returned=np.full(shape, -1, dtype=np.int32),
            without_seen=np.full(shape, -1, dtype=np.int32),
            answered=np.zeros(n_users, dtype=np.bool_),
        )


def read_recommendations(files: Sequence[Path], data: EvaluationData, length: int) -> Recommendations:
    """Read output files; of every list keep the first `length` places, as returned and without seen items.

    A user's first usable record counts, in the order of file names and lines; later ones are counted as
    duplicates. Raises DataError for a line that is not a record, and when no evaluated user got an answer.
    """
    found = Recommendations.empty(data.n_users, length)
    for path in sorted(files):
        for batch in _batches(path):
            _add(found, batch, data, length)
    if data.n_users and not found.answered.any():
        reasons = f" The first error: {found.errors[0]}" if found.errors else ""
        raise DataError(
            f"None of the {data.n_users} held-out users has recommendations: {len(files)} output files hold "
            f"{found.records} records, {found.failed_records} of them failed, {found.records_of_other_users} for "
            "other users. Check the batch inference job: its input must be this run's queries, and its filter "
            f"must leave items over.{reasons}"
        )
    return found


def _batches(path: Path) -> Iterator[pa.RecordBatch]:
    """The records of a file, some megabytes at a time."""
    if _is_blank(path):  # pyarrow takes a file without a record for an error
        return
    parse = pyarrow.json.ParseOptions(explicit_schema=_SCHEMA, unexpected_field_behavior="ignore")
    try:
        yield from pyarrow.json.open_json(path, pyarrow.json.ReadOptions(block_size=_BLOCK), parse)
    except pa.ArrowInvalid as error:
        raise DataError(_explain(path, error)) from error


def _is_blank(path: Path) -> bool:
    """Whether a file has nothing but white space; reads to the first other character only."""
    with path.open("rb") as lines:
        return not any(line.strip() for line in lines)


def _explain(path: Path, error: pa.ArrowInvalid) -> str:
    """Where a file stops being records: pyarrow's message has no line number."""
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            problem = _problem_of(line)
            if problem:
                return (
                    f"Batch output {path.name}, line {number}: {problem}. Expected a record such as "
                    '{"input":{"userId":"1"},"output":{"recommendedItems":["5"]},"error":null}.'
                )
    return f"Batch output {path.name} cannot be read: {error}"


def _problem_of(line: bytes) -> str | None:
    """What is wrong with a line, or None."""
    if not line.strip():
        return None
    try:
        record = json.loads(line)
    except ValueError as error:
        return f"not JSON ({error})"
    if not isinstance(record, dict) or not isinstance(record.get("input") or {}, dict):
        return "not a record with an input"
    if not isinstance((record.get("input") or {}).get("userId", ""), str):
        return "input.userId is not a string"
    output = record.get("output") or {}
    items = output.get("recommendedItems") if isinstance(output, dict) else None
    if not isinstance(items or [], list) or not all(isinstance(item, str) for item in items or []):
        return "output.recommendedItems is not a list of strings"
    return None


def _add(found: Recommendations, batch: pa.RecordBatch, data: EvaluationData, length: int) -> None:
    """Take a batch of records into `found`."""
    users = places(pc.struct_field(batch["input"], "userId"), data.users)
    failed = np.asarray(pc.fill_null(pc.greater(pc.utf8_length(batch["error"]), 0), False))
    found.records += batch.num_rows
    found.failed_records += int(np.count_nonzero(failed))
    found.records_of_other_users += int(np.count_nonzero(~failed & (users < 0)))
    for reason in batch["error"].filter(pa.array(failed)).slice(0, _SAMPLE_ERRORS).to_pylist():
        if len(found.errors) < _SAMPLE_ERRORS and reason not in found.errors:
            found.errors.append(reason)

    usable = np.flatnonzero(~failed & (users >= 0))
    _, first = np.unique(users[usable], return_index=True)
    chosen = usable[np.sort(first)]
    chosen = chosen[~found.answered[users[chosen]]]
    found.duplicate_records += len(usable) - len(chosen)
    if not len(chosen):
        return
    output = batch["output"].take(pa.array(chosen))
    lists = _as_matrix(pc.struct_field(output, "recommendedItems"), data.items)
    asked = users[chosen]
    seen = data.seen.contains(asked, lists)
    found.answered[asked] = True
    found.unknown_items += int(np.count_nonzero(lists == len(data.items)))
    found.as_returned[asked] = _first(lists, lists >= 0, length)
    found.without_seen[asked] = _first(lists, (lists >= 0) & ~seen, length)


def _as_matrix(lists: Any, items: pa.Array) -> NDArray[np.int32]:
    """Lists of item ids as a matrix of codes padded with -1; an id that `items` lacks becomes `len(items)`."""
    sizes = np.asarray(pc.fill_null(pc.list_value_length(lists), 0), dtype=np.int64)
    ids = pc.list_flatten(lists).dictionary_encode()
    code_of = np.append(places(ids.dictionary, items), -1)
    codes = code_of[np.asarray(pc.fill_null(ids.indices, len(ids.dictionary)))]
    codes = np.where(codes < 0, len(items), codes)
    matrix = np.full((len(sizes), max(int(sizes.max(initial=0)), 1)), -1, dtype=np.int32)
    matrix[np.arange(matrix.shape[1]) < sizes[:, np.newaxis]] = codes
    return matrix


def _first(lists: NDArray[np.int32], keep: NDArray[np.bool_], length: int) -> NDArray[np.int32]:
    """The first `length` kept entries of every row, moved together, padded with -1."""
    place = np.cumsum(keep, axis=1) - 1
    rows, columns = np.nonzero(keep & (place < length))
    out = np.full((len(lists), length), -1, dtype=np.int32)
    out[rows, place[rows, columns]] = lists[rows, columns]
    return out
