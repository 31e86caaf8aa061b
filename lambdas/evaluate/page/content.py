"""What stands on the report page, in its order, ready to print."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lambdas.evaluate.baselines import BASELINE_LABELS
from lambdas.evaluate.evaluation import MODEL_LISTS, Evaluation
from lambdas.evaluate.metrics import METRICS, label
from lambdas.evaluate.numbers import count_text, integer_text, percent_text, value_text
from lambdas.evaluate.page.charts import RowChart, interval_text, side
from lambdas.evaluate.page.comparison import hero, lift_charts, value_charts
from lambdas.evaluate.page.diagnosis import DiagnosisView, diagnosis_view
from lambdas.evaluate.page.service import ServiceRow, service_rows
from lambdas.evaluate.page.stages import StageView, stages_view
from lambdas.evaluate.page.tables import Table, differences_table, values_table
from lambdas.evaluate.page.wording import (
    EXPLANATIONS,
    LIST_LABELS,
    Explanation,
    list_label,
    signed_percent,
    signed_value,
)
from lambdas.evaluate.verdict import MINIMUM_USERS, PRIMARY_BASELINE_LIST, PRIMARY_LIST, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lambdas.evaluate.bootstrap import Estimate
    from lambdas.evaluate.request import EvaluateRequest
    from lambdas.evaluate.results import RunResults
    from lambdas.evaluate.verdict import Verdict

OUTCOME_LABELS = {
    Outcome.BETTER: "better",
    Outcome.NOT_BETTER: "not better",
    Outcome.CANNOT_TELL: "cannot tell",
}
# Facts that the page shows in places of their own.
_SHOWN_ELSEWHERE = frozenset({"stages"})
# The share of users or items from which an oddity is told at the top; it is always counted at the foot.
_WORTH_A_NOTICE = 0.01


@dataclass(frozen=True, slots=True)
class Figure:
    """A key figure: what it is, its value, its interval in words, and a remark."""

    label: str
    value: str
    detail: str
    kind: str = "plain"


@dataclass(frozen=True, slots=True)
class Page:
    """Everything the template prints. Strings are plain text: the template escapes them."""

    scenario: str
    run_id: str
    model: str
    outcome: str
    outcome_label: str
    sentence: str
    comparison: str
    notices: tuple[str, ...]
    hero: RowChart
    figures: tuple[Figure, ...]
    value_charts: tuple[RowChart, ...]
    lift_charts: tuple[RowChart, ...]
    values: Table
    differences: tuple[Table, ...]
    service: tuple[ServiceRow, ...]
    service_known: bool
    diagnosis: DiagnosisView | None
    stages: StageView | None
    answers: tuple[tuple[str, str], ...]
    facts: tuple[tuple[str, str, bool], ...]
    settings: tuple[tuple[str, str], ...]
    explanations: tuple[tuple[str, Explanation], ...]
    confidence: str
    resamples: str
    seed: int
    users: str
    head_items: str
    minimum_users: int


def page_of(results: RunResults) -> Page:
    """The page of a run."""
    request, evaluation, verdict = results.request, results.evaluation, results.verdict
    settings = evaluation.settings
    confidence = percent_text(settings.confidence)
    return Page(
        scenario=request.scenario,
        run_id=request.run_id,
        model=request.model_name,
        outcome=verdict.outcome.value.replace("_", "-"),
        outcome_label=OUTCOME_LABELS[verdict.outcome],
        sentence=verdict.sentence,
        comparison=_comparison(verdict, confidence),
        notices=tuple(_notices(evaluation)),
        hero=hero(verdict),
        figures=tuple(_figures(evaluation, verdict)),
        value_charts=tuple(value_charts(evaluation)),
        lift_charts=tuple(lift_charts(evaluation)),
        values=values_table(evaluation),
        differences=tuple(differences_table(evaluation, model) for model in MODEL_LISTS),
        service=service_rows(results.service_metrics or {}, evaluation),
        service_known=results.service_metrics is not None,
        diagnosis=diagnosis_view(results.diagnosis) if results.diagnosis else None,
        stages=stages_view(request.facts.get("stages")),
        answers=tuple(_answers(evaluation)),
        facts=tuple(_facts(request)),
        settings=tuple(
            (key.replace("_", " "), _plain(value)) for key, value in settings.as_document().items()
        ),
        explanations=tuple((METRICS[item.metric].label, item) for item in EXPLANATIONS),
        confidence=confidence,
        resamples=integer_text(settings.bootstrap_resamples),
        seed=settings.seed,
        users=count_text(evaluation.data.n_users, "user"),
        head_items=count_text(evaluation.data.head_size, "item"),
        minimum_users=MINIMUM_USERS,
    )


def _comparison(verdict: Verdict, confidence: str) -> str:
    return (
        f"Compared in {label(verdict.metric, verdict.cutoff)}, the metric chosen in the settings: the model's lists "
        f"without the items a user has already seen, against {BASELINE_LABELS[PRIMARY_BASELINE_LIST.source]} items. "
        f"The interval is a {confidence} bootstrap interval over {count_text(verdict.users, 'user')}."
    )


def _notices(evaluation: Evaluation) -> Iterator[str]:
    """What a reader must know before trusting the figures."""
    data, found, longest = evaluation.data, evaluation.recommendations, evaluation.settings.longest
    unanswered = data.n_users - int(found.answered.sum())
    if data.n_users < MINIMUM_USERS:
        yield f"Only {count_text(data.n_users, 'user')} could be evaluated: below {MINIMUM_USERS} nothing is claimed."
    if unanswered:
        yield (
            f"{count_text(unanswered, 'user')} of {integer_text(data.n_users)} got no recommendations and count "
            f"with zero; {count_text(found.failed_records, 'record')} of the batch job failed."
        )
    yield from (f"The batch job says: {reason}" for reason in found.errors)
    for name, count in evaluation.short_lists.items():
        if count - unanswered > _WORTH_A_NOTICE * data.n_users:
            yield (
                f"{count_text(count - unanswered, 'user')} had fewer than {longest} items left ({list_label(name)}): "
                "the missing places count as misses. Ask the batch job for more results."
            )
    if evaluation.lists_with_repeats:
        yield f"{count_text(evaluation.lists_with_repeats, 'list')} repeat an item: it counts at its first place."
    if found.duplicate_records:
        yield f"{count_text(found.duplicate_records, 'record')} repeat a user: the first one counts."
    pairs = int(data.truth.sizes.sum())
    if evaluation.held_out_items_seen > _WORTH_A_NOTICE * pairs:
        yield (
            f"{percent_text(evaluation.held_out_items_seen / pairs)} of the held-out items had been seen by their "
            "user before: lists without seen items cannot hit them. Look at the lists as returned, too."
        )


def _figures(evaluation: Evaluation, verdict: Verdict) -> Iterator[Figure]:
    """The primary metric, the lift over every baseline, and three figures that say what it means for users."""
    metric, k = verdict.metric, verdict.cutoff
    name = label(metric, k)
    yield Figure(
        f"{name} of the model", value_text(verdict.model.value), interval_text(verdict.model, value_text)
    )
    for baseline in evaluation.baselines:
        difference = evaluation.differences[PRIMARY_LIST, baseline, metric, k]
        shown = difference.relative.value is not None
        estimate = difference.relative if shown else difference.absolute
        text = signed_percent if shown else signed_value
        yield Figure(
            f"{name} over {list_label(baseline)}",
            text(estimate.value),
            interval_text(estimate, text),
            side(estimate),
        )
    hit_rate = evaluation.values[PRIMARY_LIST, "hit_rate", k]
    yield Figure(f"users with a hit in the first {k}", percent_text(hit_rate.value), _percents(hit_rate))
    longest = evaluation.settings.longest
    covered = evaluation.values[PRIMARY_LIST, "coverage", longest]
    yield Figure(
        f"of the catalogue in someone's first {longest}",
        percent_text(covered.value),
        f"of {count_text(evaluation.data.catalogue_size, 'item')}",
    )
    popular = evaluation.values[PRIMARY_LIST, "popular_share", k]
    yield Figure(f"popular items in the first {k}", percent_text(popular.value), _percents(popular))
    data = evaluation.data
    held_out = integer_text(data.n_users + data.users_without_past)
    yield Figure("users evaluated", integer_text(data.n_users), f"of {held_out} with a held-out future")


def _answers(evaluation: Evaluation) -> Iterator[tuple[str, str]]:
    """What the batch job gave, counted."""
    found, longest = evaluation.recommendations, evaluation.settings.longest
    yield "records in the batch output", integer_text(found.records)
    yield "records that failed", integer_text(found.failed_records)
    yield "further records of a user, not used", integer_text(found.duplicate_records)
    yield "records of users without a held-out future", integer_text(found.records_of_other_users)
    yield (
        "evaluated users without an answer",
        integer_text(evaluation.data.n_users - int(found.answered.sum())),
    )
    for name, count in evaluation.short_lists.items():
        yield f"users with fewer than {longest} items, {LIST_LABELS[name.treatment]}", integer_text(count)
    yield "lists that repeat an item", integer_text(evaluation.lists_with_repeats)
    yield "recommended items that the data does not know", integer_text(found.unknown_items)


def _facts(request: EvaluateRequest) -> Iterator[tuple[str, str, bool]]:
    """Name, text and whether the text is a JSON document."""
    yield "solution version", _plain(request.solution_version_arn), False
    for key, value in request.facts.items():
        if key in _SHOWN_ELSEWHERE:
            continue
        structured = isinstance(value, (dict, list))
        text = json.dumps(value, indent=2, ensure_ascii=False) if structured else _plain(value)
        yield key.replace("_", " "), text, structured


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    return "not given" if value is None else str(value)


def _percents(estimate: Estimate) -> str:
    return interval_text(estimate, percent_text)
