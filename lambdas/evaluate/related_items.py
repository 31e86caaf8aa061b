"""Related items: lists by cause item, handed to the users whose cause it is, and what the lists are like.

A user's cause is the last item of the user's training history. The cause is taken out of its own list: nobody is
recommended what they come from.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet
from numpy.typing import NDArray

from lambdas.evaluate.batch_output import ITEM_ID, Answers, Tally, first_of, read_answers
from lambdas.evaluate.interactions import EvaluationData, places
from lambdas.evaluate.recommendations import Recommendations
from lambdas.shared.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

USER, ITEM = "USER_ID", "ITEM_ID"

# Entries of users' lists that are worked on at once.
_BLOCK_ENTRIES = 4 << 20


@dataclass(frozen=True, slots=True)
class Cause:
    """An item of the report's table of causes. train_interactions is None when it is not told."""

    item_id: str
    group: str
    train_interactions: int | None


@dataclass(frozen=True, slots=True)
class Causes:
    """Which items were asked for, and why.

    items: their distinct ids. of_users: for every evaluated user the place of the cause in `items`, -1 for a user
    without one. shown: the causes of the report's table.
    """

    items: pa.Array
    of_users: NDArray[np.int32]
    shown: tuple[Cause, ...]

    @property
    def users_without_cause(self) -> int:
        """Evaluated users that the file of causes does not hold."""
        return int(np.count_nonzero(self.of_users < 0))


@dataclass(slots=True)
class Neighbours:
    """The answers by cause item.

    lists: item codes by cause, shape (causes, longest), padded with -1, without the cause itself; an item that is
        not known has the code `len(data.items)`.
    answered: causes with a usable record. returned_themselves: causes that stood in their own list.
    """

    lists: NDArray[np.int32]
    answered: NDArray[np.bool_]
    returned_themselves: int = 0
    unknown_items: int = 0
    tally: Tally = field(default_factory=Tally)


def read_causes(user_causes: Path, shown: Sequence[Mapping[str, object]], data: EvaluationData) -> Causes:
    """Read the users' causes (Parquet: USER_ID, ITEM_ID) and join them to the evaluated users.

    shown: the causes of the table, as split_data writes them. Raises DataError when a file cannot be used.
    """
    try:
        table = pyarrow.parquet.read_table(user_causes, columns=[USER, ITEM])
        users, items = (table[name].cast(pa.string()).combine_chunks() for name in (USER, ITEM))
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, KeyError, OSError) as error:
        raise DataError(
            f"Users' causes {user_causes.name} cannot be read: it needs the columns {USER} and {ITEM} (ids as "
            f"text), as split_data writes them; {error}"
        ) from error
    causes = tuple(_cause(document) for document in shown)
    wanted = pa.concat_arrays([items.drop_null(), pa.array([cause.item_id for cause in causes], pa.string())])
    asked = pc.unique(wanted)
    of_users = np.full(data.n_users, -1, dtype=np.int32)
    user, item = places(users, data.users), places(items, asked)
    of_users[user[user >= 0]] = item[user >= 0]
    return Causes(asked, of_users, causes)


def read_neighbours(files: Sequence[Path], causes: Causes, data: EvaluationData) -> Neighbours:
    """Read output files by cause item. Raises DataError for a line that is no record, and when nothing answers."""
    n = len(causes.items)
    tally = Tally()
    answers = list(read_answers(files, ITEM_ID, causes.items, data.items, tally))
    width = max((answer.lists.shape[1] for answer in answers), default=1)
    found = Neighbours(np.full((n, width), -1, dtype=np.int32), np.zeros(n, dtype=np.bool_), tally=tally)
    own = places(causes.items, data.items)
    for answer in answers:
        itself = (answer.lists == own[answer.asked][:, np.newaxis]) & (answer.lists >= 0)
        found.returned_themselves += int(np.count_nonzero(itself.any(axis=1)))
        found.unknown_items += int(np.count_nonzero(answer.lists == len(data.items)))
        found.answered[answer.asked] = True
        found.lists[answer.asked] = first_of(answer.lists, (answer.lists >= 0) & ~itself, width)
    if n and not found.answered.any():
        reasons = f" The first error: {tally.errors[0]}" if tally.errors else ""
        raise DataError(
            f"None of the {n} cause items has related items: {len(files)} output files hold {tally.records} "
            f"records, {tally.failed_records} of them failed, {tally.records_of_others} for other items. Check "
            f"the batch inference job: its input must be this run's queries by item.{reasons}"
        )
    return found


def recommendations_of(
    neighbours: Neighbours, causes: Causes, data: EvaluationData, length: int
) -> Recommendations:
    """Every user's list: that of the user's cause. A user whose cause has no answer has none."""
    found = Recommendations.empty(data.n_users, length)
    found.tally, found.unknown_items = neighbours.tally, neighbours.unknown_items
    users = np.flatnonzero(causes.of_users >= 0)
    users = users[neighbours.answered[causes.of_users[users]]]
    size = max(1, _BLOCK_ENTRIES // neighbours.lists.shape[1])
    for begin in range(0, len(users), size):
        block = users[begin : begin + size].astype(np.int32)
        found.add(Answers(block, neighbours.lists[causes.of_users[block]]), data)
    return found


def _cause(document: Mapping[str, object]) -> Cause:
    item, group, count = (document.get(name) for name in ("item_id", "group", "train_interactions"))
    if not isinstance(item, str) or not isinstance(group, str):
        raise DataError(
            f"causes.json holds {dict(document)!r}: every cause needs item_id and group (text), as split_data "
            "writes them."
        )
    return Cause(item, group, count if isinstance(count, int) else None)
