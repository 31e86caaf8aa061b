"""The service's own metrics, each beside the figure of ours that comes nearest."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambdas.evaluate.lists import AS_RETURNED, ListName
from lambdas.evaluate.page.wording import SERVICE_COUNTERPARTS, list_label, variant_label
from lambdas.reports.numbers import value_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lambdas.evaluate.comparison import Comparison

_NAME = re.compile(r"(?P<stem>.+_at)_(?P<k>\d+)")


@dataclass(frozen=True, slots=True)
class ServiceRow:
    """A metric of the service: of which variant if there are several, its name and value, our nearest figure."""

    variant: str
    name: str
    value: str
    ours: str
    our_value: str


def service_rows(
    metrics: Mapping[str, Mapping[str, float]], comparison: Comparison
) -> tuple[ServiceRow, ...]:
    """One row per variant and metric, in the service's order."""
    return tuple(
        _row(variant, name, value, comparison)
        for variant, figures in metrics.items()
        for name, value in figures.items()
    )


def _row(variant: str, name: str, value: float, comparison: Comparison) -> ServiceRow:
    matched = _NAME.fullmatch(name)
    stem, k = (matched["stem"], int(matched["k"])) if matched else (name, comparison.settings.longest)
    ours = SERVICE_COUNTERPARTS.get(stem, "")
    source = ListName(variant, AS_RETURNED)
    estimate = comparison.values.get((source, ours, k))
    shown = variant_label(variant) if len(comparison.variants) > 1 else ""
    if estimate is None:
        return ServiceRow(shown, name, value_text(value), "", "")
    nearest = f"{comparison.label(ours, k)}, {list_label(source)}"
    return ServiceRow(shown, name, value_text(value), nearest, value_text(estimate.value))
