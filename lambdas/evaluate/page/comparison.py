"""The picture beside the verdict, and the roles of lists in pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.evaluate.lists import ListName
from lambdas.evaluate.page.wording import short_label
from lambdas.reports.charts import Chart, Row, value_chart
from lambdas.reports.numbers import count_text

if TYPE_CHECKING:
    from lambdas.evaluate.comparison import Comparison
    from lambdas.evaluate.verdict import Verdict


def hero(comparison: Comparison, verdict: Verdict, noun: str = "user") -> Chart:
    """The two bars beside the verdict."""
    name = comparison.label(verdict.metric, verdict.cutoff)
    rows = [
        Row(short_label(verdict.primary), "primary", verdict.model),
        Row(short_label(verdict.rival), "rival", verdict.baseline),
    ]
    return value_chart("hero", name, f"{name}, mean over {count_text(verdict.users, noun)}", rows)


def kind_of(name: ListName, comparison: Comparison, treatment: str | None = None) -> str:
    """The role of a list's bar; treatment: of the lists that are looked at, those of the verdict when left out."""
    looked_at = treatment or comparison.primary.treatment
    if name == ListName(comparison.primary.source, looked_at):
        return "primary"
    rival = comparison.rival
    if name == (rival if rival.is_baseline else ListName(rival.source, looked_at)):
        return "rival"
    return "baseline" if name.is_baseline else "second"
