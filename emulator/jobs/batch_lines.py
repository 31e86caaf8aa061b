"""The lines of batch inference: what a line asks, and how its answer is written.

An answer is `{"input":{…},"output":{"recommendedItems":[…],"scores":[…]},"error":null}` without spaces; recipes without
scores have no `scores`. A line that cannot be answered has an empty list and the reason in `error`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulator.recipes.contract import Ranking


@dataclass(frozen=True)
class Query:
    """A line's input as it is echoed, and the user it names or what is wrong with it."""

    echo: Any
    user_id: str = ""
    error: str | None = None


def parse_line(line: bytes) -> Query:
    """Reads one line of a user-personalization job: `{"userId": "…"}`."""
    try:
        document = json.loads(line)
    except (ValueError, RecursionError):
        return Query(line.decode("utf-8", "replace"), error="User error: The line is not valid JSON")
    user_id = document.get("userId") if isinstance(document, dict) else None
    if not isinstance(user_id, str) or not user_id:
        return Query(document, error="User error: Required fields for the provided recipe are userId")
    if document.get("filterValues"):
        return Query(document, error="User error: filterValues were given but the job has no filter")
    return Query(document, user_id)


def dump(value: Any) -> str:
    """JSON as the service writes it: no spaces, UTF-8 not escaped (but for halves of surrogate pairs)."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":"))
    return text


class AnswerWriter:
    """Writes answers. Item ids are quoted once, not per answer: a job may hold a hundred million of them."""

    def __init__(self, items: Sequence[str]) -> None:
        self._quoted = [dump(item) for item in items]

    def answers(self, queries: Sequence[Query], ranking: Ranking) -> list[str]:
        """One line per query; `ranking` has one row per query without error, in their order."""
        rows = iter(range(len(ranking.items)))
        return [
            failed(query) if query.error else self._answer(query, ranking, next(rows)) for query in queries
        ]

    def _answer(self, query: Query, ranking: Ranking, row: int) -> str:
        quoted = self._quoted
        output = f'"recommendedItems":[{",".join([quoted[code] for code in ranking.items[row].tolist()])}]'
        if ranking.scores is not None:
            scores = ",".join(["%.7g" % score for score in ranking.scores[row].tolist()])  # noqa: UP031 - twice as fast
            output += f',"scores":[{scores}]'
        return f'{{"input":{dump(query.echo)},"output":{{{output}}},"error":null}}'


def failed(query: Query) -> str:
    """The answer to a line that cannot be answered."""
    return f'{{"input":{dump(query.echo)},"output":{{"recommendedItems":[]}},"error":{dump(query.error)}}}'
