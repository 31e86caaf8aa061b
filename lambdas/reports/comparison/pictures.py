"""The pictures of a comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.reports.charts import Chart, Row, difference_chart, lift_chart, value_chart
from lambdas.reports.comparison.wording import noun_of
from lambdas.reports.names import HIGHER_IS_BETTER, metric_label, source_label

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lambdas.reports.comparison.changes import Comparison, SegmentChange

# Only to compare with the notebooks of 2019.
_NOT_DRAWN = frozenset({"ndcg_of_hits"})


def hero(found: Comparison) -> Chart | None:
    """The two bars beside the sentence: the figure then and now."""
    headline = found.headline
    if headline is None:
        return None
    name = metric_label(headline.metric, headline.k, found.now.kind)
    rows = [Row("then", "rival", headline.then), Row("now", "primary", headline.now)]
    return value_chart("hero", name, f"{name}, mean over each run's {noun_of(found.now)}s", rows)


def result_charts(found: Comparison) -> Iterator[Chart]:
    """By how much every metric changed; how the baseline changed beside the lists; and the lead over it."""
    changes = change_chart(found)
    if changes is not None:
        yield changes
    yield from _baseline_charts(found)


def change_chart(found: Comparison) -> Chart | None:
    """By how much every metric of the headline's cut-off changed: relative where users are compared with themselves."""
    headline = found.headline
    if headline is None:
        return None
    changes = [
        change
        for change in found.metrics
        if change.k == headline.k and change.metric in HIGHER_IS_BETTER - _NOT_DRAWN
    ]
    title = f"Run {found.now.run_id} against run {found.then.run_id}"
    if not found.basis.paired:
        rows = [Row(metric_label(*change.key), "", change.difference.absolute) for change in changes]
        return difference_chart("changes", title, "difference", rows)
    rows = [Row(metric_label(*change.key), "", change.difference.relative) for change in changes]
    return lift_chart("changes", title, "relative difference", rows)


def _baseline_charts(found: Comparison) -> Iterator[Chart]:
    headline, baseline, lead = found.headline, found.baseline, found.lead
    if headline is None or baseline is None or lead is None:
        return
    name = source_label(lead.baseline)
    metric = metric_label(headline.metric, headline.k, found.now.kind)
    values = [
        Row("the lists, then", "second", headline.then),
        Row("the lists, now", "primary", headline.now),
        Row(f"{name}, then", "baseline", baseline.then),
        Row(f"{name}, now", "rival", baseline.now),
    ]
    yield value_chart("baseline", "Did the data get harder?", metric, values)
    leads = [Row("then", "", lead.then.absolute), Row("now", "", lead.now.absolute)]
    yield difference_chart("lead", f"Lead over {name}", f"difference in {metric}", leads)


def segment_chart(key: str, segments: Sequence[SegmentChange]) -> Chart:
    """By how much every group's figure changed."""
    rows = [Row(segment.now.label, "", segment.difference) for segment in segments]
    return difference_chart(key, "Now against then", "difference", rows)
