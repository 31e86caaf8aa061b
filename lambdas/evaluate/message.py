"""The message about a run that succeeded: the verdict, the three figures that matter, where to read on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambdas.evaluate.evaluation import Evaluation
from lambdas.evaluate.page.content import OUTCOME_LABELS
from lambdas.evaluate.page.wording import short_label
from lambdas.evaluate.settings import Kind
from lambdas.reports.charts import interval_text
from lambdas.reports.numbers import (
    MINUS,
    THIN,
    count_text,
    decimal_text,
    percent_text,
    signed_percent,
    signed_value,
    value_text,
)
from lambdas.shared.console import object_url

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lambdas.evaluate.replay import Replay
    from lambdas.evaluate.results import RunResults
    from lambdas.reports.estimates import Estimate
    from lambdas.shared.locations import S3Location

MAX_SUBJECT = 100  # SNS refuses longer ones, and any that are not ASCII

_FOUND = {
    Kind.USERS: "users who find something in their first {k}",
    Kind.RELATED_ITEMS: "users who find something among the first {k} related items",
    Kind.COLD_ITEMS: "users who find a new item they want in their first {k}",
}


@dataclass(frozen=True, slots=True)
class Message:
    """Subject (ASCII, up to 100 characters) and text of the message about a run."""

    subject: str
    text: str


def message_of(results: RunResults, report: S3Location, *, linked: bool, since: str = "") -> Message:
    """The message about a run whose page is at `report`.

    linked: whether there is a console to link to. since: what has changed since the previous run, in a sentence; empty
    when it is not known.
    """
    request, verdict = results.request, results.verdict
    execution = str(request.facts.get("execution_arn") or "")
    lines = [
        verdict.sentence,
        *_figures(results, since),
        f"Report: {object_url(report, execution) if linked and execution else report}",
        f"Run: {request.run_id} of {request.scenario}",
    ]
    return Message(_subject(results), _plain("\n".join(lines)))


def _figures(results: RunResults, since: str) -> Iterator[str]:
    """Three lines, one figure each."""
    found = results.evaluation
    if not isinstance(found, Evaluation):
        yield from _replay_figures(found)
        return
    primary, rival, k = found.primary, found.rival, found.cutoff
    name, against = found.label(found.metric, k), short_label(rival)
    mine, other = found.values[primary, found.metric, k], found.values[rival, found.metric, k]
    yield f"- {name}: {_with_interval(mine, value_text)}; {against} {_with_interval(other, value_text)}"
    if found.metric == "hit_rate":
        recall, theirs = (found.values[each, "recall", k].value for each in (primary, rival))
        yield f"- {found.label('recall', k)}: {percent_text(recall)}; {against} {percent_text(theirs)}"
    else:
        hits, theirs = (found.values[each, "hit_rate", k].value for each in (primary, rival))
        told = _FOUND[found.settings.kind].format(k=k)
        yield f"- {told}: {percent_text(hits)}; with {against} {percent_text(theirs)}"
    yield f"- {since}" if since else f"- {_coverage(found)}"


def _coverage(found: Evaluation) -> str:
    longest = found.settings.longest
    mine, other = (found.values[each, "coverage", longest].value for each in (found.primary, found.rival))
    what = "cold items" if found.settings.kind is Kind.COLD_ITEMS else "catalogue"
    return (
        f"{what} in someone's first {longest}: {percent_text(mine)}; "
        f"with {short_label(found.rival)} {percent_text(other)}"
    )


def _replay_figures(replay: Replay) -> Iterator[str]:
    first, last, k = replay.steps[0].overlap, replay.steps[-1].overlap, replay.settings.overlap_k
    yield (
        f"- of B's first {k} items in A's list: {_with_interval(last, percent_text)} after all events, "
        f"{_with_interval(first, percent_text)} before any"
    )
    yield f"- half of the way after: {_with_interval(replay.halfway, decimal_text)} events"
    yield f"- replayed: {count_text(len(replay.source.pairs), 'pair')}"


def _with_interval(estimate: Estimate, text: Callable[[float | None], str]) -> str:
    """`0.1547 (0.1440 to 0.1664)`."""
    return f"{text(estimate.value)} {interval_text(estimate, text)}".strip()


def _subject(results: RunResults) -> str:
    """`hrnn run r1: better, +94 % in NDCG@10`."""
    request, verdict = results.request, results.verdict
    difference = verdict.difference
    relative = difference.relative.value is not None
    lead = signed_percent(difference.relative.value) if relative else signed_value(difference.absolute.value)
    figure = f"{lead} in {results.evaluation.label(verdict.metric, verdict.cutoff)}"
    told = f"{request.scenario} run {request.run_id}: {OUTCOME_LABELS[verdict.outcome]}, {figure}"
    ascii_only = _plain(told).replace(MINUS, "-").encode("ascii", "replace").decode()
    return ascii_only[:MAX_SUBJECT]


def _plain(text: str) -> str:
    """Mail programs and terminals do not all know narrow spaces."""
    return text.replace(THIN, " ")
