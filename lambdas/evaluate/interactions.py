"""The training part and the held-out part, read once and turned into integer codes.

Ids stay strings on the way in and become codes: users in the order of their ids, items in the order of their
popularity in the training part (ties by id). Nothing below depends on the order of rows or files.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet
from numpy.typing import NDArray

from lambdas.evaluate.item_sets import ItemSets
from lambdas.evaluate.timelines import Timeline, chosen_users, timelines
from lambdas.shared.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

USER, ITEM, TIME = "USER_ID", "ITEM_ID", "TIMESTAMP"

# The share of the training part's interactions, the latest by time, that `recent_popularity` counts.
RECENT_SHARE = 0.1
# The popular head: the fewest most popular items that together hold this share of the training interactions.
HEAD_SHARE = 0.2

_IDS = pa.dictionary(pa.int32(), pa.string())
# Large blocks: every block brings its own dictionaries, which have to be unified afterwards.
_CSV_BLOCK = 16 << 20


@dataclass(frozen=True, slots=True)
class EvaluationData:
    """Who is evaluated, on what.

    users: ids of the n evaluated users (held out and with a past), ascending.
    items: ids by item code: first the training part's `catalogue_size` items by descending popularity, then
        the items that only the held-out part knows, then those that only the catalogue file knows.
    counts, recent_counts: training interactions of each catalogue item, in all and in the latest tenth.
    seen: the training items of every evaluated user. truth: their held-out items.
    history: number of training interactions of every evaluated user.
    timelines: what the few users to show did, in the order of time.
    """

    users: pa.Array
    items: pa.Array
    catalogue_size: int
    counts: NDArray[np.int64]
    recent_counts: NDArray[np.int64]
    seen: ItemSets
    truth: ItemSets
    history: NDArray[np.int64]
    train_users: int
    held_out_interactions: int
    held_out_items_new: int
    users_without_past: int
    timelines: tuple[Timeline, ...] = ()

    @property
    def n_users(self) -> int:
        """Number of evaluated users."""
        return len(self.users)

    @property
    def head_size(self) -> int:
        """Number of items in the popular head: codes 0 to head_size - 1."""
        return self.items_holding(HEAD_SHARE)

    def items_holding(self, share: float) -> int:
        """The fewest most popular items that together hold this share of the training interactions."""
        if not self.counts.size:
            return 0
        return int(np.searchsorted(np.cumsum(self.counts), share * self.counts.sum())) + 1


@dataclass(frozen=True, slots=True)
class _Interactions:
    """Rows as codes into their own dictionaries of user and item ids."""

    user_ids: pa.Array
    item_ids: pa.Array
    users: NDArray[np.int32]
    items: NDArray[np.int32]
    times: NDArray[np.int64]


def read_data(
    train: Path, holdout: Path, further_items: pa.Array | None = None, *, shown_users: int = 0
) -> EvaluationData:
    """Read both parts. Each path is a file, or a folder whose `*.csv` or `*.parquet` files are the parts.

    further_items: ids of items that may be recommended though nobody has touched them, each once.
    shown_users: of how many users to keep what they did in the order of time.
    Raises DataError when there is no file, a column is missing or a value has the wrong type.
    """
    past = _read_training(_parts(train, ".csv"))
    future = _read_holdout(_parts(holdout, ".parquet"))
    users, past_user, future_user = _evaluated_users(past, future)
    counts = np.bincount(past.items, minlength=len(past.item_ids))
    popularity = _popularity_order(past.item_ids, counts)
    rank = np.empty(len(popularity), dtype=np.int32)
    rank[popularity] = np.arange(len(popularity), dtype=np.int32)
    touched, future_code = _item_codes(past.item_ids.take(pa.array(popularity)), future.item_ids)
    items = touched if further_items is None else _item_codes(touched, further_items)[0]
    asked = past_user[past.users] >= 0
    n_users, n_items = len(users), len(items)
    past_codes = past_user[past.users[asked]]
    judged = future_user[future.users] >= 0
    return EvaluationData(
        users=users,
        items=items,
        catalogue_size=len(past.item_ids),
        counts=counts[popularity],
        recent_counts=_recent_counts(past, len(popularity))[popularity],
        seen=ItemSets.of_pairs(past_codes, rank[past.items[asked]], n_users=n_users, n_items=n_items),
        truth=ItemSets.of_pairs(
            future_user[future.users[judged]],
            future_code[future.items[judged]],
            n_users=n_users,
            n_items=n_items,
        ),
        history=np.bincount(past_codes, minlength=n_users),
        train_users=len(past.user_ids),
        held_out_interactions=len(future.users),
        held_out_items_new=len(touched) - len(past.item_ids),
        users_without_past=len(future.user_ids) - n_users,
        timelines=timelines(chosen_users(users, shown_users), (past, past_user), (future, future_user)),
    )


def _parts(path: Path, suffix: str) -> list[Path]:
    """The file itself, or the folder's files with this suffix, sorted by name."""
    parts = sorted(path.glob(f"*{suffix}")) if path.is_dir() else [path]
    if not parts or not all(part.is_file() for part in parts):
        raise DataError(
            f"There is no {suffix} file at {path.name}. It is written by split_data: check that this step has "
            "run for this run id, and that nothing deleted its files."
        )
    return parts


def _read_training(parts: Sequence[Path]) -> _Interactions:
    """Read Personalize's CSV: UTF-8, a header, quoted ids, a backslash before inner quotes and backslashes."""
    read = pyarrow.csv.ReadOptions(block_size=_CSV_BLOCK)
    parse = pyarrow.csv.ParseOptions(escape_char="\\")
    convert = pyarrow.csv.ConvertOptions(
        include_columns=[USER, ITEM, TIME],
        column_types={USER: _IDS, ITEM: _IDS, TIME: pa.int64()},
        strings_can_be_null=False,  # a user may be called "null"
        null_values=[],
    )
    tables = []
    for part in parts:
        try:
            tables.append(pyarrow.csv.read_csv(part, read, parse, convert))
        except (pa.ArrowInvalid, KeyError) as error:
            raise DataError(f"Training file {part.name} cannot be read: {_reason(error)}.") from error
    return _coded(pa.concat_tables(tables))


def _read_holdout(parts: Sequence[Path]) -> _Interactions:
    """Read the held-out part's columns, ids plain or as dictionaries."""
    tables = []
    for part in parts:
        try:
            table = pyarrow.parquet.read_table(part, columns=[USER, ITEM, TIME])
            tables.append(table.cast(pa.schema([(USER, _IDS), (ITEM, _IDS), (TIME, pa.int64())])))
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError, KeyError, ValueError) as error:
            raise DataError(f"Held-out file {part.name} cannot be read: {_reason(error)}.") from error
    return _coded(pa.concat_tables(tables))


def _reason(error: Exception) -> str:
    text = str(error).strip("'").rstrip(".")
    return f"it needs the columns {USER}, {ITEM}, {TIME} (ids as text, time in whole seconds); {text}"


def _coded(table: pa.Table) -> _Interactions:
    """Codes of a table with dictionary ids. Raises DataError when a value is missing."""
    for name in (USER, ITEM, TIME):
        if table[name].null_count:
            raise DataError(
                f"Column {name} has {table[name].null_count} missing values: every row needs one."
            )
    table = table.unify_dictionaries()
    user_ids, users = _column_codes(table[USER])
    item_ids, items = _column_codes(table[ITEM])
    return _Interactions(user_ids, item_ids, users, items, table[TIME].to_numpy())


def _column_codes(column: pa.ChunkedArray) -> tuple[pa.Array, NDArray[np.int32]]:
    """The ids that occur in a dictionary column and the code of every row."""
    if not len(column):
        return pa.array([], pa.string()), np.empty(0, dtype=np.int32)
    codes = np.concatenate([chunk.indices.to_numpy() for chunk in column.chunks]).astype(np.int32, copy=False)
    ids = column.chunk(0).dictionary
    # A dictionary may hold ids of rows that were filtered out when the file was written.
    used = np.bincount(codes, minlength=len(ids)) > 0
    if used.all():
        return ids, codes
    return ids.filter(pa.array(used)), (np.cumsum(used, dtype=np.int32) - 1)[codes]


def _evaluated_users(
    past: _Interactions, future: _Interactions
) -> tuple[pa.Array, NDArray[np.int32], NDArray[np.int32]]:
    """Held-out users with a past, ascending by id, and each part's user codes as places there (-1: not there)."""
    common = future.user_ids.filter(pc.is_in(future.user_ids, value_set=past.user_ids))
    users = common.take(pc.sort_indices(common))
    return users, places(past.user_ids, users), places(future.user_ids, users)


def _popularity_order(ids: pa.Array, counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Item positions by descending count, ties by ascending id."""
    by_id = np.asarray(pc.sort_indices(ids), dtype=np.int64)
    return by_id[np.argsort(-counts[by_id], kind="stable")]


def _item_codes(known: pa.Array, further: pa.Array) -> tuple[pa.Array, NDArray[np.int32]]:
    """Known items followed by further ones they lack (by id), and the code of every further id."""
    new = further.filter(pc.invert(pc.is_in(further, value_set=known)))
    items = pa.concat_arrays([known, new.take(pc.sort_indices(new))])
    return items, places(further, items)


def _recent_counts(past: _Interactions, n_items: int) -> NDArray[np.int64]:
    """Interactions of every item in the latest tenth of the training interactions by time.

    The tenth begins at the time of the interaction at that place; all interactions of that second count.
    """
    if not past.times.size:
        return np.zeros(n_items, dtype=np.int64)
    place = min(int(past.times.size * (1 - RECENT_SHARE)), past.times.size - 1)
    begins = np.partition(past.times, place)[place]
    return np.bincount(past.items[past.times >= begins], minlength=n_items)


def places(ids: pa.Array, among: pa.Array) -> NDArray[np.int32]:
    """The position of every id in `among`, -1 where it is not there."""
    return np.asarray(pc.fill_null(pc.index_in(ids, value_set=among), -1), dtype=np.int32)
