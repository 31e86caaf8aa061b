"""The page of a comparison: what stands on it, and its HTML."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lambdas.reports.charts import side
from lambdas.reports.comparison import pictures, tables
from lambdas.reports.comparison.changes import Outcome
from lambdas.reports.comparison.wording import amount_text, noun_of
from lambdas.reports.estimates import MINIMUM_USERS
from lambdas.reports.figures import Figure
from lambdas.reports.names import metric_label, source_label
from lambdas.reports.numbers import (
    count_text,
    integer_text,
    percent_text,
)
from lambdas.reports.page.render import render

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lambdas.reports.charts import Chart
    from lambdas.reports.comparison.changes import Comparison, SegmentChange
    from lambdas.reports.estimates import Difference
    from lambdas.reports.tables import Table

TEMPLATES = Path(__file__).parent / "templates"

OUTCOME_LABELS = {
    Outcome.BETTER: "better",
    Outcome.WORSE: "worse",
    Outcome.SAME: "no change",
    Outcome.CANNOT_TELL: "cannot tell",
}
# The classes that colour the head of a page.
OUTCOME_CLASSES = {
    Outcome.BETTER: "better",
    Outcome.WORSE: "not-better",
    Outcome.SAME: "cannot-tell",
    Outcome.CANNOT_TELL: "cannot-tell",
}
_GROUPS = {
    "history": "Users by length of their history",
    "popularity": "Held-out items by popularity",
}


@dataclass(frozen=True, slots=True)
class Links:
    """Where the reports of both runs are, as seen from the page; empty where there is none."""

    then: str = ""
    now: str = ""


@dataclass(frozen=True, slots=True)
class GroupView:
    """How groups of one kind changed. note: how their differences are made."""

    title: str
    note: str
    chart: Chart
    table: Table


@dataclass(frozen=True, slots=True)
class ComparisonPage:
    """Everything the template prints. Strings are plain text: the template escapes them."""

    then: str
    now: str
    scenario: str
    outcome: str
    outcome_label: str
    sentence: str
    lead: str
    hero: Chart | None
    readings: tuple[str, ...]
    notices: tuple[str, ...]
    figures: tuple[Figure, ...]
    charts: tuple[Chart, ...]
    metrics: Table
    settings: Table
    counts: Table
    runs: Table
    groups: tuple[GroupView, ...]
    data_changed: bool
    paired: bool
    resamples: str
    seed: int
    links: Links


def render_comparison(found: Comparison, links: Links) -> str:
    """The comparison as one self-contained HTML document."""
    return render("comparison.html.j2", TEMPLATES, page=page_of(found, links))


def page_of(found: Comparison, links: Links) -> ComparisonPage:
    """What stands on the page."""
    then, now = found.then, found.now
    return ComparisonPage(
        then=then.run_id,
        now=now.run_id,
        scenario=now.scenario if now.scenario == then.scenario else f"{then.scenario} and {now.scenario}",
        outcome=OUTCOME_CLASSES[found.outcome],
        outcome_label=OUTCOME_LABELS[found.outcome],
        sentence=found.sentence,
        lead=basis_text(found),
        hero=pictures.hero(found),
        readings=found.readings,
        notices=found.notices,
        figures=tuple(figures(found)),
        charts=tuple(pictures.result_charts(found)),
        metrics=tables.metrics_table(found),
        settings=tables.settings_table(found),
        counts=tables.counts_table(found),
        runs=tables.runs_table(found),
        groups=tuple(_groups(found)),
        data_changed=bool(found.changed_counts),
        paired=found.basis.paired,
        resamples=integer_text(now.resamples),
        seed=now.seed,
        links=links,
    )


def basis_text(found: Comparison) -> str:
    """How the difference was made, for the lines below the sentence."""
    if found.headline is None:
        return "Settings and data are compared below."
    noun = noun_of(found.now)
    confidence = found.basis.confidence
    interval = (
        f"The interval is a {percent_text(confidence)} interval" if confidence else "There is no interval"
    )
    if found.basis.paired:
        return (
            f"Every {noun} of both runs ({integer_text(found.headline.users)}) is compared with themself, on the same "
            f"held-out future. {interval}, by bootstrap over these {noun}s."
        )
    return f"The figures of both runs are compared as those of different {noun}s. {interval}."


def figures(found: Comparison) -> Iterator[Figure]:
    """The difference, the leads then and now, the baseline, and how much of settings and data changed."""
    headline, lead, baseline = found.headline, found.lead, found.baseline
    if headline is not None:
        name = metric_label(headline.metric, headline.k, found.now.kind)
        difference = headline.difference
        yield Figure(f"{name}, since then", *_split(difference), kind=side(difference.absolute))
    if lead is not None and baseline is not None:
        rival = source_label(lead.baseline)
        yield Figure(f"lead over {rival}, then", *_split(lead.then), kind=side(lead.then.absolute))
        yield Figure(f"lead over {rival}, now", *_split(lead.now), kind=side(lead.now.absolute))
        yield Figure(f"{rival} itself, since then", *_split(baseline.difference))
    settings = count_text(len(found.settings), "setting") if found.settings else "nothing"
    yield Figure("changed in the settings", settings)
    if found.counts:
        counts = f"{len(found.changed_counts)} of {count_text(len(found.counts), 'count')}"
        yield Figure("changed in the data", counts if found.changed_counts else "nothing")


def _split(difference: Difference) -> tuple[str, str]:
    """Figure and interval apart, as `amount_text` chooses them."""
    text, _, interval = amount_text(difference, signed=True).partition(" (")
    return text, f"({interval}" if interval else ""


def _groups(found: Comparison) -> Iterator[GroupView]:
    for by in dict.fromkeys(segment.now.by for segment in found.segments):
        segments = [segment for segment in found.segments if segment.now.by == by]
        title = _GROUPS.get(by, by)
        yield GroupView(
            title,
            _note(segments),
            pictures.segment_chart(f"groups-{by}", segments),
            tables.segments_table(title, segments),
        )


def _note(segments: list[SegmentChange]) -> str:
    if all(segment.paired for segment in segments):
        made = (
            "Differences are over the users who are in the group in both runs, each compared with themself."
        )
    else:
        made = (
            "Differences are made from both runs' own figures as if their users were different: where they are the "
            "same, the intervals are too wide."
        )
    return f"{made} Below {MINIMUM_USERS} users there is no interval."
