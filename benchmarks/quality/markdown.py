"""Figures and tables as they are printed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lambdas.reports.estimates import Estimate


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown, numbers to the right."""
    lines = [head, ["---", *["--:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def share(value: float | None) -> str:
    """A figure between 0 and 1, without the zero in front; n/a where it is undefined."""
    if value is None:
        return "n/a"
    return f"{value:.4f}".replace("0.", ".", 1)


def interval(estimate: Estimate, *, signed: bool = False) -> str:
    """A figure with its interval."""
    if estimate.value is None:
        return "n/a"
    figures = [estimate.value, estimate.low, estimate.high]
    value, low, high = (
        "n/a" if figure is None else ("+" if signed and figure > 0 else "") + share(figure)
        for figure in figures
    )
    return f"{value} [{low}, {high}]"


def percent(value: float) -> str:
    """A share of users."""
    return f"{value:.0%}"
