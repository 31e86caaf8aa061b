"""The rows of per_user.parquet: one for every user, list and cut-off, with a column for every metric.

The columns are the same for every kind of evaluation; what a kind does not know is null.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from lambdas.evaluate.evaluation import Evaluation
from lambdas.evaluate.parquet_files import ARROW_TYPES
from lambdas.evaluate.segments import HISTORY_GROUPS
from lambdas.shared.result_tables import PER_USER

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from lambdas.evaluate.lists import ListName
    from lambdas.evaluate.replay import Replay

Block = dict[str, pa.Array]


def user_blocks(run_id: str, found: Evaluation | Replay) -> Iterator[Block]:
    """A block of rows for every list and cut-off: users ascending by id, or pairs ascending by their number.

    Made one at a time, so that a reader holds the users once and not for every list.
    """
    rows = found.data.n_users if isinstance(found, Evaluation) else len(found.source.pairs)
    shared = {"run_id": pa.repeat(run_id, rows)}
    blocks = _blocks_of_lists(found) if isinstance(found, Evaluation) else _blocks_of_replay(found)
    for name, k, block in blocks:
        shown = {
            "source": pa.repeat(name.source, rows),
            "list": pa.repeat(name.treatment, rows),
            "k": pa.repeat(pa.scalar(k, pa.int32()), rows),
        }
        yield _completed({**shared, **shown, **block}, rows)


def _blocks_of_lists(evaluation: Evaluation) -> Iterator[tuple[ListName, int, Block]]:
    users = _users(evaluation)
    everybody = pa.repeat(pa.scalar(value=True), evaluation.data.n_users)
    for name in evaluation.lists:
        answers = evaluation.answers.get(name.source)
        answered = pa.array(answers.answered) if answers else everybody
        for k in evaluation.settings.cutoffs:
            values = {
                metric: _values(evaluation.per_user[name][:, position])
                for position, (metric, cutoff) in enumerate(evaluation.columns)
                if cutoff == k
            }
            yield name, k, {**users, "answered": answered, **values}


def _users(evaluation: Evaluation) -> Block:
    data = evaluation.data
    keys = pa.array([key for key, _ in HISTORY_GROUPS.values()])
    places = np.searchsorted(list(HISTORY_GROUPS), data.history, side="right") - 1
    return {
        "user_id": data.users,
        "train_interactions": pa.array(data.history.astype(np.int64)),
        "history_group": keys.take(pa.array(places)),
        "held_out_items": pa.array(data.truth.sizes),
    }


def _blocks_of_replay(replay: Replay) -> Iterator[tuple[ListName, int, Block]]:
    """The pairs after all events, and before any."""
    pairs = replay.source.pairs
    shared = {
        "user_id": pa.array([pair.user_a for pair in pairs], pa.string()),
        "other_user_id": pa.array([pair.user_b for pair in pairs], pa.string()),
        "pair": pa.array([pair.number for pair in pairs], pa.int32()),
        "events": pa.array([pair.all_events for pair in pairs], pa.int32()),
        "answered": pa.repeat(pa.scalar(value=True), len(pairs)),
    }
    for name, step in ((replay.primary, -1), (replay.rival, 0)):
        values = {metric: _values(found[:, step]) for metric, found in replay.pair_values.items()}
        yield name, replay.settings.overlap_k, {**shared, **values}


def _values(values: NDArray[np.float64]) -> pa.Array:
    """float32: seven digits of a value between 0 and 1 in half the space."""
    return pa.array(values.astype(np.float32), mask=np.isnan(values))


def _completed(block: Mapping[str, pa.Array], rows: int) -> Block:
    """Every column of the table, null where the block has none."""
    return {
        column.name: block[column.name] if column.name in block else pa.nulls(rows, ARROW_TYPES[column.type])
        for column in PER_USER.columns
    }
