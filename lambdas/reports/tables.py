"""A table as data, for the page to print."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cell:
    """A table cell: a value, the interval below it, and a kind that colours it. link: a relative address, if any."""

    text: str
    detail: str = ""
    kind: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a caption, column heads and rows of a head and cells; `group` rows belong together.

    corner: what the heads of the rows are.
    """

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]
    group: int = 1
    corner: str = "metric"
