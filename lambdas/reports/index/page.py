"""The page of all runs: what stands on it, and its HTML."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lambdas.reports.index.rows import RunRow, run_row, state_label
from lambdas.reports.index.trends import LONGEST_TREND, comparable, trend_charts
from lambdas.reports.numbers import count_text
from lambdas.reports.page.render import render
from lambdas.reports.runs import Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lambdas.reports.charts import Chart
    from lambdas.reports.runs import RunEntry

TEMPLATES = Path(__file__).parent / "templates"
SCRIPT = "index.js"


@dataclass(frozen=True, slots=True)
class ScenarioView:
    """A scenario: the latest result, its trend, and what has happened since.

    result: the row of the newest run that has a result, None when there is none. sentence: its verdict.
    since: the row of the newest run when that did not succeed.
    left_out: why runs are missing from the trend, empty when none are.
    """

    name: str
    runs: str
    result: RunRow | None
    outcome: str
    told: str
    sentence: str
    since: RunRow | None
    charts: tuple[Chart, ...]
    left_out: str


@dataclass(frozen=True, slots=True)
class IndexPage:
    """Everything the template prints. states: outcomes and statuses that occur, with their words."""

    scenarios: tuple[ScenarioView, ...]
    rows: tuple[RunRow, ...]
    states: tuple[tuple[str, str], ...]
    summary: str


def render_index(entries: Sequence[RunEntry]) -> str:
    """The page of these runs, the newest first, as one HTML document."""
    return render("index.html.j2", TEMPLATES, scripts=(SCRIPT,), page=index_page(entries))


def index_page(entries: Sequence[RunEntry]) -> IndexPage:
    """What stands on the page."""
    by_scenario: dict[str, list[RunEntry]] = defaultdict(list)
    for entry in entries:
        by_scenario[entry.scenario].append(entry)
    rows = tuple(run_row(entry) for entry in entries)
    states = sorted({row.state for row in rows}, key=_order)
    return IndexPage(
        scenarios=tuple(scenario_view(name, by_scenario[name]) for name in sorted(by_scenario)),
        rows=rows,
        states=tuple((state, state_label(state)) for state in states),
        summary=f"{count_text(len(rows), 'run')} of {count_text(len(by_scenario), 'scenario')}",
    )


def scenario_view(name: str, entries: Sequence[RunEntry]) -> ScenarioView:
    """A scenario by its runs, the newest first."""
    newest = next((entry for entry in entries if entry.result), None)
    result = newest.result if newest else None
    outcome = result.outcome if result else "none"
    return ScenarioView(
        name=name,
        runs=count_text(len(entries), "run"),
        result=run_row(newest) if newest else None,
        outcome=outcome.replace("_", "-"),
        told=state_label(outcome),
        sentence=result.verdict if result else "",
        since=None if entries[0].status is Status.SUCCEEDED else run_row(entries[0]),
        charts=tuple(trend_charts(name, entries)),
        left_out=_left_out(entries),
    )


def _left_out(entries: Sequence[RunEntry]) -> str:
    results, alike = sum(bool(entry.result) for entry in entries), len(comparable(entries))
    said = []
    if alike > LONGEST_TREND:
        said.append(f"Shown are the latest {LONGEST_TREND} of {alike} runs.")
    if results > alike:
        said.append(
            f"{count_text(results - alike, 'earlier run')} with another main metric, list or rival "
            f"{'is' if results - alike == 1 else 'are'} in the table only."
        )
    return " ".join(said)


def _order(state: str) -> tuple[int, str]:
    """Outcomes first, then trouble."""
    known = ("better", "not_better", "cannot_tell", "failed", "unfinished", "unreadable")
    return (known.index(state) if state in known else len(known)), state
