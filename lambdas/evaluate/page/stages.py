"""How long every stage of the run took."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lambdas.reports.charts import duration_chart
from lambdas.reports.numbers import duration_text

if TYPE_CHECKING:
    from lambdas.reports.charts import Chart


def stages_chart(stages: Any) -> Chart | None:
    """A bar for each of `[{"stage": name, "seconds": number}, …]`, in their order; None when there are none."""
    known = [
        (str(item.get("stage", "")).replace("_", " "), max(float(item.get("seconds") or 0), 0.0))
        for item in stages or ()
    ]
    if not known:
        return None
    total = sum(seconds for _, seconds in known)
    return duration_chart("stages", f"Where the time went: {duration_text(total)}", "duration", known)
