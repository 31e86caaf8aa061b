"""The service's own metrics, each beside the figure of ours that comes nearest."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambdas.evaluate.evaluation import AS_RETURNED, MODEL, ListName
from lambdas.evaluate.metrics import label
from lambdas.evaluate.numbers import value_text
from lambdas.evaluate.page.wording import SERVICE_COUNTERPARTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lambdas.evaluate.evaluation import Evaluation

_NAME = re.compile(r"(?P<stem>.+_at)_(?P<k>\d+)")


@dataclass(frozen=True, slots=True)
class ServiceRow:
    """A metric of the service: its name and value, and our nearest figure in words."""

    name: str
    value: str
    ours: str
    our_value: str


def service_rows(metrics: Mapping[str, float], evaluation: Evaluation) -> tuple[ServiceRow, ...]:
    """One row per metric, in the service's order."""
    return tuple(_row(name, value, evaluation) for name, value in metrics.items())


def _row(name: str, value: float, evaluation: Evaluation) -> ServiceRow:
    matched = _NAME.fullmatch(name)
    stem, k = (matched["stem"], int(matched["k"])) if matched else (name, evaluation.settings.longest)
    ours = SERVICE_COUNTERPARTS.get(stem, "")
    estimate = evaluation.values.get((ListName(MODEL, AS_RETURNED), ours, k))
    if estimate is None:
        return ServiceRow(name, value_text(value), "", "")
    return ServiceRow(
        name, value_text(value), f"{label(ours, k)}, model as returned", value_text(estimate.value)
    )
