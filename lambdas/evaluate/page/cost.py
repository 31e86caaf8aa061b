"""The estimated cost of a run: what was counted, at which prices, and what is not known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambdas.reports.numbers import THIN, grouped
from lambdas.reports.tables import Cell, Table

if TYPE_CHECKING:
    from lambdas.evaluate.cost import Cost, CostItem

NOT_KNOWN = "not known"
_ON_THIS_MACHINE = (
    "Estimated; nothing was charged on this machine, which emulates the service. Training hours are those that the "
    "emulator tells."
)
_WHAT_IT_IS = (
    "Unit prices are settings of the stage (prices): of the first tier, without free quotas, taxes and other services. "
    "Check them against the price list of your region."
)
_SIGNIFICANT_DIGITS = 3
_LEAST = 0.01


@dataclass(frozen=True, slots=True)
class CostView:
    """What the section shows. total: the sum in a sentence; notes: what it is and is not."""

    total: str
    notes: tuple[str, ...]
    table: Table


def cost_view(cost: Cost) -> CostView:
    """The view of an estimate."""
    return CostView(
        total=_total(cost),
        notes=(_WHAT_IT_IS,) if cost.charged else (_ON_THIS_MACHINE, _WHAT_IT_IS),
        table=Table(
            "Estimated cost at Amazon Personalize",
            ("quantity", "unit price", "amount"),
            tuple((item.name, _cells(item, cost.currency)) for item in cost.items),
            corner="what",
        ),
    )


def money(amount: float | None, currency: str) -> str:
    """`USD 1.20`, `USD 0.00412`; in words where it is not known."""
    return NOT_KNOWN if amount is None else f"{currency} {_number(amount, at_least=2)}"


def _total(cost: Cost) -> str:
    if cost.total is None:
        return "Estimated: not known, because no part is"
    # In the table every amount has its digits; a sum of a few of them needs none.
    total = money(cost.total, cost.currency)
    if 0 < cost.total < _LEAST:
        total = f"less than {money(_LEAST, cost.currency)}"
    unknown = ", ".join(f"{item.name} ({item.unit})" for item in cost.unknown)
    return f"Estimated: {total}" + (f"; not known, and not in it: {unknown}" if unknown else "")


def _cells(item: CostItem, currency: str) -> tuple[Cell, ...]:
    quantity = NOT_KNOWN if item.quantity is None else f"{_number(item.quantity)}{THIN}{item.unit}"
    return (
        Cell(quantity),
        Cell(money(item.unit_price, currency)),
        Cell(money(item.amount, currency)),
    )


def _number(value: float, at_least: int = 0) -> str:
    """Three significant digits of what is below one, two decimals above it: `0.00412`, `12.35`."""
    if value == 0 or value >= 1:
        whole = value == round(value) and not at_least
        return grouped(value, 0 if whole else 2)
    digits = 0
    while digits < 12 and value * 10**digits < 10 ** (_SIGNIFICANT_DIGITS - 1):
        digits += 1
    text = f"{value:.{digits}f}".rstrip("0")
    decimals = len(text.partition(".")[2])
    return text + "0" * max(0, at_least - decimals)
