"""What is wrong with the data, gathered so that everything is told at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lambdas.shared.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# Step Functions cuts the cause of an error at 32,768 characters.
MAX_PROBLEMS_TOLD = 20


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong: where (file, line, column), what, and what to do. Never a value from the data."""

    where: str
    what: str
    remedy: str

    def __str__(self) -> str:
        """The problem as one sentence or two."""
        return f"{self.where}: {self.what}. {self.remedy}"


@dataclass(frozen=True, slots=True)
class Notice:
    """What does not stop a run but should be known: a code, how often, and the sentence after the number."""

    code: str
    count: int
    message: str


def warning_documents(notices: Iterable[Notice]) -> list[dict[str, Any]]:
    """The notices that count at least one, as the diagnosis has them."""
    return [
        {"code": notice.code, "count": notice.count, "message": f"{notice.count:,} {notice.message}."}
        for notice in notices
        if notice.count
    ]


def refuse(subject: str, problems: Sequence[Problem]) -> None:
    """Raise a DataError that tells every problem; do nothing when there is none."""
    if not problems:
        return
    told = [f"{number}. {problem}" for number, problem in enumerate(problems[:MAX_PROBLEMS_TOLD], 1)]
    if len(problems) > MAX_PROBLEMS_TOLD:
        told.append(f"… and {len(problems) - MAX_PROBLEMS_TOLD} more.")
    count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    raise DataError(f"{subject} cannot be used ({count}):\n" + "\n".join(told))
