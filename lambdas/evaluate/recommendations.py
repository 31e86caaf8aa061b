"""The recommendations of the evaluated users: read from a job that was asked by user."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lambdas.evaluate.batch_output import USER_ID, Answers, Tally, first_of, read_answers
from lambdas.shared.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from lambdas.evaluate.interactions import EvaluationData


@dataclass(slots=True)
class Recommendations:
    """The answers of the evaluated users, and what else was found in the files.

    as_returned, without_seen: item codes, shape (users, length), padded with -1; an item that neither part of
        the data knows has the code `len(items)`. `without_seen` is the whole answer with the items of the
        user's training history taken out, then cut: the longer the answers, the fuller it is.
    answered: users with a usable record.
    unknown_items: recommended items that the data does not know, counted once for every answer they are in.
    """

    as_returned: NDArray[np.int32]
    without_seen: NDArray[np.int32]
    answered: NDArray[np.bool_]
    tally: Tally = field(default_factory=Tally)
    unknown_items: int = 0

    @classmethod
    def empty(cls, n_users: int, length: int) -> Recommendations:
        """No answer for anybody yet."""
        shape = (n_users, length)
        return cls(
            as_returned=np.full(shape, -1, dtype=np.int32),
            without_seen=np.full(shape, -1, dtype=np.int32),
            answered=np.zeros(n_users, dtype=np.bool_),
        )

    @property
    def unanswered(self) -> int:
        """Number of users without a usable record."""
        return int(np.count_nonzero(~self.answered))

    def add(self, answers: Answers, data: EvaluationData) -> None:
        """Take the answers of users who have none yet."""
        users, lists = answers.asked, answers.lists
        length = self.as_returned.shape[1]
        seen = data.seen.contains(users, lists)
        self.answered[users] = True
        self.as_returned[users] = first_of(lists, lists >= 0, length)
        self.without_seen[users] = first_of(lists, (lists >= 0) & ~seen, length)


def read_recommendations(files: Sequence[Path], data: EvaluationData, length: int) -> Recommendations:
    """Read output files; of every list keep the first `length` places, as returned and without seen items.

    A user's first usable record counts, in the order of file names and lines; later ones are counted as
    duplicates. Raises DataError for a line that is not a record, and when no evaluated user got an answer.
    """
    found = Recommendations.empty(data.n_users, length)
    for answers in read_answers(files, USER_ID, data.users, data.items, found.tally):
        found.unknown_items += int(np.count_nonzero(answers.lists == len(data.items)))
        found.add(answers, data)
    if data.n_users and not found.answered.any():
        tally = found.tally
        reasons = f" The first error: {tally.errors[0]}" if tally.errors else ""
        raise DataError(
            f"None of the {data.n_users} held-out users has recommendations: {len(files)} output files hold "
            f"{tally.records} records, {tally.failed_records} of them failed, {tally.records_of_others} for "
            "other users. Check the batch inference job: its input must be this run's queries, and its filter "
            f"must leave items over.{reasons}"
        )
    return found
