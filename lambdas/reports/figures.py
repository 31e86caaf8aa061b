"""A key figure as data, for the page to print."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """What it is, its value, its interval or a remark, and a kind that colours it."""

    label: str
    value: str
    detail: str = ""
    kind: str = "plain"
