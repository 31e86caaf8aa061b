"""Values and differences as rows, the same for metrics.json and metrics.csv."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lambdas.evaluate.comparison import Comparison
    from lambdas.reports.estimates import Estimate


def value_rows(comparison: Comparison) -> Iterator[dict[str, Any]]:
    """One row for every list, metric and cut-off."""
    for (name, metric, k), estimate in comparison.values.items():
        yield {
            "source": name.source,
            "list": name.treatment,
            "metric": metric,
            "k": k,
            **interval_members("value", estimate),
            "users": comparison.users[name, metric, k],
        }


def difference_rows(comparison: Comparison) -> Iterator[dict[str, Any]]:
    """One row for every list of a variant, list that it is compared with, metric and cut-off."""
    for (name, other, metric, k), difference in comparison.differences.items():
        relative = difference.relative
        yield {
            "source": name.source,
            "list": name.treatment,
            "baseline": other.source,
            "metric": metric,
            "k": k,
            **interval_members("difference", difference.absolute),
            "relative_difference": relative.value,
            "relative_low": relative.low,
            "relative_high": relative.high,
            "users": min(comparison.users[name, metric, k], comparison.users[other, metric, k]),
        }


def interval_members(name: str, estimate: Estimate) -> dict[str, float | None]:
    """An estimate as members `name`, `low` and `high`."""
    return {name: estimate.value, "low": estimate.low, "high": estimate.high}
