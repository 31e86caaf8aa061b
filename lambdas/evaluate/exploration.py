"""The exploration weight of a variant: how far its recipe strays from what it is sure of, 0 to 1."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lambdas.evaluate.request import Variant

# The service's member is explorationWeight, in itemExplorationConfig; facts of ours are in snake case.
_MEMBERS = frozenset({"explorationWeight", "exploration_weight"})
_NAME = re.compile(r"explore_(?P<weight>\d+(?:\.\d+)?)")


def exploration_weights(variants: Iterable[Variant]) -> dict[str, float]:
    """By name, the weight of every variant that tells one: in its facts, wherever they hold it, or in its name."""
    found = {}
    for variant in variants:
        weight = _weight_in(variant.facts)
        if weight is None and (matched := _NAME.fullmatch(variant.name)):
            weight = float(matched["weight"])
        if weight is not None:
            found[variant.name] = weight
    return found


def _weight_in(value: Any) -> float | None:
    """The first usable weight in a document; the service takes it as text."""
    if isinstance(value, dict):
        for key, item in value.items():
            weight = _number(item) if key in _MEMBERS else _weight_in(item)
            if weight is not None:
                return weight
    return None


def _number(value: Any) -> float | None:
    try:
        weight = float(value)
    except (TypeError, ValueError):
        return None
    return weight if math.isfinite(weight) else None
