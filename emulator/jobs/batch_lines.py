"""The lines of batch inference: what a line asks, and how its answer is written.

An answer is `{"input":{…},"output":{"recommendedItems":[…],"scores":[…]},"error":null}` without spaces; recipes without
scores have no `scores`. A line that cannot be answered has an empty list and the reason in `error`.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from emulator.serving.answers import Question

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from emulator.recipes.contract import Ranking
    from emulator.training.model import RankedList


@dataclass(frozen=True)
class Query:
    """A line's input as it is echoed, and what it asks or what is wrong with it."""

    echo: Any
    question: Question = field(default_factory=Question)
    error: str | None = None


def parse_line(line: bytes, *required: str) -> Query:
    """Reads one line: `{"userId": "…"}`, `{"itemId": "…"}` or `{"userId": "…", "itemList": […]}`, and `filterValues`.

    required: the members that the recipe asks for.
    """
    try:
        document = json.loads(line)
    except (ValueError, RecursionError):
        return Query(line.decode("utf-8", "replace"), error="User error: The line is not valid JSON")
    if not isinstance(document, dict) or not all(_is_given(document, member) for member in required):
        fields = ", ".join(required)
        return Query(document, error=f"User error: Required fields for the provided recipe are {fields}")
    values = document.get("filterValues") or {}
    if not isinstance(values, dict) or not all(isinstance(value, str) for value in values.values()):
        return Query(document, error="User error: filterValues must be an object of strings")
    user_id = document.get("userId")
    item_id = document["itemId"] if "itemId" in required else ""
    items = tuple(document["itemList"]) if "itemList" in required else ()
    try:
        "".join(items).encode()
    except UnicodeEncodeError:
        return Query(document, error="User error: itemList holds half a surrogate pair, which no id can have")
    return Query(document, Question(user_id if isinstance(user_id, str) else "", item_id, items, values))


def _is_given(document: Mapping[str, Any], member: str) -> bool:
    """Whether a member holds an id, or `itemList` a list of ids."""
    value = document.get(member)
    if member == "itemList":
        return (
            isinstance(value, list) and bool(value) and all(isinstance(item, str) and item for item in value)
        )
    return isinstance(value, str) and bool(value)


def refused(query: Query, problem: str | None) -> Query:
    """The query with what was found wrong when it was asked."""
    return query if problem is None else replace(query, error=f"User error: {problem}")


def dump(value: Any, *, spaces: bool = False) -> str:
    """JSON as the service writes it: UTF-8 not escaped (but for halves of surrogate pairs).

    spaces: after separators, as in the answers of batch segment jobs.
    """
    separators = None if spaces else (",", ":")
    text = json.dumps(value, separators=separators, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=separators)
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
        quoted, codes = self._quoted, ranking.items[row]
        codes = codes[codes >= 0]
        scores = None if ranking.scores is None else ranking.scores[row, : len(codes)].tolist()
        return _line(query, [quoted[code] for code in codes.tolist()], scores)


def ranked_answers(queries: Sequence[Query], lists: Sequence[RankedList]) -> list[str]:
    """One line per query; `lists` has one for each query without error, in their order."""
    found = iter(lists)
    return [failed(query) if query.error else _ranked(query, next(found)) for query in queries]


def _ranked(query: Query, ranked: RankedList) -> str:
    scores = [math.nan if score is None else score for score in ranked.scores]
    return _line(query, [dump(item) for item in ranked.items], scores)


def _line(query: Query, quoted: Sequence[str], scores: Sequence[float] | None) -> str:
    """An answer; scores are null where they are NaN."""
    output = f'"recommendedItems":[{",".join(quoted)}]'
    if scores is not None:
        shown = ",".join(["%.7g" % score for score in scores]).replace("nan", "null")  # noqa: UP031 - twice as fast
        output += f',"scores":[{shown}]'
    return f'{{"input":{dump(query.echo)},"output":{{{output}}},"error":null}}'


def failed(query: Query) -> str:
    """The answer to a line that cannot be answered."""
    return f'{{"input":{dump(query.echo)},"output":{{"recommendedItems":[]}},"error":{dump(query.error)}}}'
