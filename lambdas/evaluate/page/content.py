"""What stands on the report page, in its order, ready to print."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lambdas.evaluate.cold_items import ColdItems
from lambdas.evaluate.evaluation import Evaluation
from lambdas.evaluate.metrics import METRICS
from lambdas.evaluate.numbers import count_text, integer_text, percent_text
from lambdas.evaluate.page.cold_items import ColdView, cold_view
from lambdas.evaluate.page.comparison import hero, lift_charts, value_charts
from lambdas.evaluate.page.diagnosis import DiagnosisView, diagnosis_view
from lambdas.evaluate.page.facts import facts, shown_settings
from lambdas.evaluate.page.figures import Figure, figures, replay_figures
from lambdas.evaluate.page.notices import answers, notices, replay_answers, replay_notices
from lambdas.evaluate.page.related_items import RelatedView, related_view
from lambdas.evaluate.page.replay import ReplayView, replay_view
from lambdas.evaluate.page.service import ServiceRow, service_rows
from lambdas.evaluate.page.stages import StageView, stages_view
from lambdas.evaluate.page.tables import Table, differences_table, values_table
from lambdas.evaluate.page.variants import VariantsView, variants_view
from lambdas.evaluate.page.wording import EXPLANATIONS, Explanation, comparison_text, replay_text
from lambdas.evaluate.related_section import RelatedItems
from lambdas.evaluate.verdict import MINIMUM_USERS, Outcome

if TYPE_CHECKING:
    from lambdas.evaluate.page.charts import RowChart
    from lambdas.evaluate.replay import Replay
    from lambdas.evaluate.results import RunResults

OUTCOME_LABELS = {
    Outcome.BETTER: "better",
    Outcome.NOT_BETTER: "not better",
    Outcome.CANNOT_TELL: "cannot tell",
}


@dataclass(frozen=True, slots=True)
class Page:
    """Everything the template prints. Strings are plain text: the template escapes them.

    kind: of the evaluation; the parts that another kind has are None or empty.
    sample: what intervals are over, with its number: `943 users`.
    """

    kind: str
    scenario: str
    run_id: str
    outcome: str
    outcome_label: str
    sentence: str
    comparison: str
    notices: tuple[str, ...]
    hero: RowChart
    figures: tuple[Figure, ...]
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
    sample: str
    minimum: int
    value_charts: tuple[RowChart, ...] = ()
    lift_charts: tuple[RowChart, ...] = ()
    head_items: str = ""
    variants: VariantsView | None = None
    related: RelatedView | None = None
    cold: ColdView | None = None
    replay: ReplayView | None = None


def page_of(results: RunResults) -> Page:
    """The page of a run."""
    found = results.evaluation
    own = (
        _evaluation_parts(found, results) if isinstance(found, Evaluation) else _replay_parts(found, results)
    )
    request, verdict, settings = results.request, results.verdict, found.settings
    noun = own.pop("noun")
    return Page(
        kind=settings.kind.value,
        scenario=request.scenario,
        run_id=request.run_id,
        outcome=verdict.outcome.value.replace("_", "-"),
        outcome_label=OUTCOME_LABELS[verdict.outcome],
        sentence=verdict.sentence,
        hero=hero(found, verdict, noun),
        values=values_table(found, noun),
        differences=tuple(differences_table(found, name) for name in found.model_lists),
        service=service_rows(results.service_metrics, found),
        service_known=bool(results.service_metrics),
        diagnosis=diagnosis_view(results.diagnosis) if results.diagnosis else None,
        stages=stages_view(request.facts.get("stages")),
        facts=tuple(facts(request)),
        settings=tuple(shown_settings(settings)),
        explanations=tuple(
            (METRICS[item.metric].label, item) for item in EXPLANATIONS if item.metric in found.metrics
        ),
        confidence=percent_text(settings.confidence),
        resamples=integer_text(settings.bootstrap_resamples),
        seed=settings.seed,
        minimum=MINIMUM_USERS,
        **own,
    )


def _evaluation_parts(evaluation: Evaluation, results: RunResults) -> dict[str, Any]:
    """Members of the page of an evaluation against held-out interactions."""
    section = evaluation.section
    return {
        "noun": "user",
        "comparison": comparison_text(evaluation, results.verdict),
        "notices": tuple(notices(evaluation)),
        "figures": tuple(figures(evaluation)),
        "answers": tuple(answers(evaluation)),
        "sample": count_text(evaluation.data.n_users, "user"),
        "value_charts": tuple(value_charts(evaluation)),
        "lift_charts": tuple(lift_charts(evaluation)),
        "head_items": count_text(evaluation.data.head_size, "item"),
        "variants": variants_view(evaluation, results.request.design.reference),
        "related": related_view(section, evaluation.cutoff) if isinstance(section, RelatedItems) else None,
        "cold": cold_view(section, evaluation) if isinstance(section, ColdItems) else None,
    }


def _replay_parts(replay: Replay, results: RunResults) -> dict[str, Any]:
    """Members of the page of a replay."""
    return {
        "noun": "pair",
        "comparison": replay_text(replay, results.verdict),
        "notices": tuple(replay_notices(replay)),
        "figures": tuple(replay_figures(replay)),
        "answers": tuple(replay_answers(replay)),
        "sample": count_text(len(replay.source.pairs), "pair"),
        "replay": replay_view(replay, results.catalogue),
    }
