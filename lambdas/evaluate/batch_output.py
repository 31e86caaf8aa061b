"""The records of batch inference jobs: JSON Lines, joined to the users or items that were asked for.

Format of a line (Amazon Personalize Developer Guide, "Batch inference output"):
`{"input":{"userId":"1"},"output":{"recommendedItems":["5",…],"scores":[0.1,…]},"error":null}`, with `itemId` in
place of `userId` for related items. Lines come in any order, and a record that failed carries its reason in
`error`.
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

from lambdas.evaluate.interactions import places
from lambdas.shared.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

USER_ID, ITEM_ID = "userId", "itemId"

# Bytes read at once. Longer than any line: 500 ids of 256 characters with scores take some 150 kB.
_BLOCK = 8 << 20
_SAMPLE_ERRORS = 3

_SCHEMA = pa.schema(
    [
        ("input", pa.struct([(USER_ID, pa.string()), (ITEM_ID, pa.string())])),
        ("output", pa.struct([("recommendedItems", pa.list_(pa.string()))])),
        ("error", pa.string()),
    ]
)


@dataclass(slots=True)
class Tally:
    """What was found in the files. Records of others: of users or items that nobody asked about."""

    records: int = 0
    failed_records: int = 0
    duplicate_records: int = 0
    records_of_others: int = 0
    errors: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Answers:
    """Usable records: whose they are, as places among those asked for, and their lists as item codes.

    asked: shape (m,), each place once. lists: shape (m, longest), padded with -1; an item that is not known has
    the code `len(items)`.
    """

    asked: NDArray[np.int32]
    lists: NDArray[np.int32]


def read_answers(
    files: Sequence[Path], member: str, asked: pa.Array, items: pa.Array, tally: Tally
) -> Iterator[Answers]:
    """Read output files, some megabytes at a time, and count in `tally` what is found.

    member: USER_ID or ITEM_ID, which ids `asked` holds. The first usable record of each counts, in the order of
    file names and lines; later ones are counted as duplicates. Raises DataError for a line that is not a record.
    """
    answered = np.zeros(len(asked), dtype=np.bool_)
    for path in sorted(files):
        for batch in _batches(path):
            who = places(pc.struct_field(batch["input"], member), asked)
            chosen = _usable(batch, who, answered, tally)
            if len(chosen):
                answered[who[chosen]] = True
                output = batch["output"].take(pa.array(chosen))
                yield Answers(who[chosen], _as_matrix(pc.struct_field(output, "recommendedItems"), items))


def first_of(lists: NDArray[np.int32], keep: NDArray[np.bool_], length: int) -> NDArray[np.int32]:
    """The first `length` kept entries of every row, moved together, padded with -1."""
    place = np.cumsum(keep, axis=1) - 1
    rows, columns = np.nonzero(keep & (place < length))
    out = np.full((len(lists), length), -1, dtype=np.int32)
    out[rows, place[rows, columns]] = lists[rows, columns]
    return out


def _usable(
    batch: pa.RecordBatch, who: NDArray[np.int32], answered: NDArray[np.bool_], tally: Tally
) -> NDArray[np.int64]:
    """Rows of a batch that are the first usable record of somebody who was asked for."""
    failed = np.asarray(pc.fill_null(pc.greater(pc.utf8_length(batch["error"]), 0), False))
    tally.records += batch.num_rows
    tally.failed_records += int(np.count_nonzero(failed))
    tally.records_of_others += int(np.count_nonzero(~failed & (who < 0)))
    for reason in batch["error"].filter(pa.array(failed)).slice(0, _SAMPLE_ERRORS).to_pylist():
        if len(tally.errors) < _SAMPLE_ERRORS and reason not in tally.errors:
            tally.errors.append(reason)
    usable = np.flatnonzero(~failed & (who >= 0))
    _, first = np.unique(who[usable], return_index=True)
    chosen = usable[np.sort(first)]
    chosen = chosen[~answered[who[chosen]]]
    tally.duplicate_records += len(usable) - len(chosen)
    return chosen


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
    for member in (USER_ID, ITEM_ID):
        if not isinstance((record.get("input") or {}).get(member, ""), str):
            return f"input.{member} is not a string"
    output = record.get("output") or {}
    items = output.get("recommendedItems") if isinstance(output, dict) else None
    if not isinstance(items or [], list) or not all(isinstance(item, str) for item in items or []):
        return "output.recommendedItems is not a list of strings"
    return None


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
