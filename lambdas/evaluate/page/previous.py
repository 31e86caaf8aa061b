"""Since the last run: the comparison with the run before in short; all of it stands on a page of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambdas.reports.comparison.counts import COUNT_LABELS
from lambdas.reports.comparison.page import OUTCOME_CLASSES, OUTCOME_LABELS
from lambdas.reports.comparison.pictures import change_chart
from lambdas.reports.comparison.tables import count_cells
from lambdas.reports.numbers import count_text
from lambdas.reports.run_folder import COMPARISON_PAGE, REPORT_PAGE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lambdas.evaluate.previous import Previous
    from lambdas.reports.charts import Chart
    from lambdas.reports.comparison.changes import Comparison

# Further changes stand on the page of the comparison only.
_SHOWN = 8


@dataclass(frozen=True, slots=True)
class ChangesView:
    """What differs between the two runs in short. settings, data: a name, and what it was and is."""

    run_id: str
    outcome: str
    outcome_label: str
    sentence: str
    readings: tuple[str, ...]
    notices: tuple[str, ...]
    chart: Chart | None
    settings: tuple[tuple[str, str], ...]
    more_settings: str
    data: tuple[tuple[str, str], ...]
    page: str
    report: str


@dataclass(frozen=True, slots=True)
class PreviousView:
    """What the section shows. changes: None when no earlier run can be compared. notes: what was passed over."""

    changes: ChangesView | None
    notes: tuple[str, ...]


def previous_view(previous: Previous) -> PreviousView:
    """The view of what is known of the run before."""
    found = previous.comparison
    return PreviousView(_changes(found) if found else None, previous.notes)


def _changes(found: Comparison) -> ChangesView:
    settings = [(change.path, f"{change.then} → {change.now}") for change in found.settings]
    return ChangesView(
        run_id=found.then.run_id,
        outcome=OUTCOME_CLASSES[found.outcome],
        outcome_label=OUTCOME_LABELS[found.outcome],
        sentence=found.sentence,
        readings=found.readings,
        notices=found.notices,
        chart=change_chart(found),
        settings=tuple(settings[:_SHOWN]),
        more_settings=_more(settings),
        data=tuple(_data(found)),
        page=COMPARISON_PAGE,
        report=f"../{found.then.run_id}/{REPORT_PAGE}",
    )


def _more(settings: Sequence[tuple[str, str]]) -> str:
    left = len(settings) - _SHOWN
    return f"and {count_text(left, 'more setting')}" if left > 0 else ""


def _data(found: Comparison) -> list[tuple[str, str]]:
    """Counts that changed: `943 → 960 (+1.8 %)`."""
    told = []
    for count in found.changed_counts:
        then, now, change, relative = count_cells(count)
        told.append((COUNT_LABELS[count.name], f"{then.text} → {now.text} ({relative.text or change.text})"))
    return told
