"""Questions that people ask often, one SQL file each: named queries in Athena, and the same text on a laptop."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class NamedQuery:
    """A question. key: the file's name; sql: the whole file, which begins with name and purpose as comments."""

    key: str
    name: str
    answers: str
    sql: str


def named_queries(folder: Path = _FOLDER) -> Iterator[NamedQuery]:
    """The files of a folder, by name. Raises ValueError for one whose first lines do not say what it is for."""
    for path in sorted(folder.glob("*.sql")):
        sql = path.read_text(encoding="utf-8")
        head = dict(line.partition(": ")[::2] for line in sql.splitlines()[:2])
        if list(head) != ["-- name", "-- answers"]:
            raise ValueError(f"{path} must begin with two lines, `-- name: …` and `-- answers: …`")
        yield NamedQuery(path.stem, head["-- name"], head["-- answers"], sql)
