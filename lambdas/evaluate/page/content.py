"""What stands on the report page, in its order, ready to print."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lambdas.evaluate.cold_items import ColdItems
from lambdas.evaluate.evaluation import Evaluation
from lambdas.evaluate.metrics import METRICS
from lambdas.evaluate.page.cold_items import ColdView, cold_view
from lambdas.evaluate.page.comparison import hero
from lambdas.evaluate.page.cost import CostView, cost_view
from lambdas.evaluate.page.diagnosis import DiagnosisView, diagnosis_view
from lambdas.evaluate.page.examples import ExamplesView, examples_view
from lambdas.evaluate.page.explorer import Explorer, explorer
from lambdas.evaluate.page.facts import facts, shown_settings
from lambdas.evaluate.page.figures import figures, leads, replay_figures, replay_leads
from lambdas.evaluate.page.for_whom import ForWhomView, for_whom_view
from lambdas.evaluate.page.notices import answers, notices, replay_answers, replay_notices
from lambdas.evaluate.page.previous import PreviousView, previous_view
from lambdas.evaluate.page.related_items import RelatedView, related_view
from lambdas.evaluate.page.replay import ReplayView, replay_view
from lambdas.evaluate.page.service import ServiceRow, service_rows
from lambdas.evaluate.page.stages import stages_chart
from lambdas.evaluate.page.tables import differences_table, values_table
from lambdas.evaluate.page.variants import VariantsView, variants_view
from lambdas.evaluate.page.wording import EXPLANATIONS, Explanation, comparison_text, replay_text
from lambdas.evaluate.related_section import RelatedItems
from lambdas.evaluate.verdict import Outcome
from lambdas.reports.estimates import MINIMUM_USERS
from lambdas.reports.numbers import count_text, integer_text, percent_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lambdas.evaluate.replay import Replay
    from lambdas.evaluate.results import RunResults
    from lambdas.reports.charts import Chart
    from lambdas.reports.figures import Figure
    from lambdas.reports.tables import Table

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
    previous, for_whom, examples, cost: views of the sections of the same names.
    """

    kind: str
    scenario: str
    run_id: str
    outcome: str
    outcome_label: str
    sentence: str
    comparison: str
    notices: tuple[str, ...]
    hero: Chart
    leads: tuple[Figure, ...]
    figures: tuple[Figure, ...]
    explorer: Explorer
    values: Table
    differences: tuple[Table, ...]
    service: tuple[ServiceRow, ...]
    service_known: bool
    diagnosis: DiagnosisView | None
    stages: Chart | None
    answers: tuple[tuple[str, str], ...]
    facts: tuple[tuple[str, str, bool], ...]
    settings: tuple[tuple[str, str], ...]
    explanations: tuple[tuple[str, Explanation], ...]
    confidence: str
    resamples: str
    seed: int
    sample: str
    minimum: int
    head_items: str = ""
    variants: VariantsView | None = None
    related: RelatedView | None = None
    cold: ColdView | None = None
    replay: ReplayView | None = None
    previous: PreviousView | None = None
    for_whom: ForWhomView | None = None
    examples: ExamplesView | None = None
    cost: CostView | None = None

    @property
    def contents(self) -> tuple[tuple[str, str], ...]:
        """The sections that there are, in their order: the id and the short name of each."""
        return tuple((key, name) for key, name, there in self._sections() if there)

    def _sections(self) -> Iterator[tuple[str, str, object]]:
        yield "figures", "Key figures", True
        yield "since-last-run", "Since the last run", self.previous
        yield "replay", "The replay", self.replay
        yield "comparison", "Before and after" if self.replay else "Model and baselines", True
        yield "for-whom", "For whom", self.for_whom
        yield "examples", "Examples", self.examples
        yield "variants", "Variants", self.variants
        yield "related", "What goes with what", self.related
        yield "cold", "Cold items", self.cold
        yield "data", "The data", True
        yield "service", "The service\u2019s metrics", True
        yield "method", "Method", True
        yield "run", "The run", True


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
        explorer=explorer(found, noun),
        values=values_table(found, noun),
        differences=tuple(differences_table(found, name) for name in found.model_lists),
        service=service_rows(results.service_metrics, found),
        service_known=bool(results.service_metrics),
        diagnosis=diagnosis_view(results.diagnosis) if results.diagnosis else None,
        stages=stages_chart(request.facts.get("stages")),
        facts=tuple(facts(request)),
        settings=tuple(shown_settings(settings)),
        explanations=tuple(
            (METRICS[item.metric].label, item) for item in EXPLANATIONS if item.metric in found.metrics
        ),
        confidence=percent_text(settings.confidence),
        resamples=integer_text(settings.bootstrap_resamples),
        seed=settings.seed,
        minimum=MINIMUM_USERS,
        previous=previous_view(results.previous) if results.previous else None,
        examples=examples_view(found.examples, results.catalogue),
        cost=cost_view(results.cost) if results.cost else None,
        **own,
    )


def _evaluation_parts(evaluation: Evaluation, results: RunResults) -> dict[str, Any]:
    """Members of the page of an evaluation against held-out interactions."""
    section = evaluation.section
    return {
        "noun": "user",
        "comparison": comparison_text(evaluation, results.verdict),
        "notices": tuple(notices(evaluation)),
        "leads": tuple(leads(evaluation)),
        "figures": tuple(figures(evaluation)),
        "answers": tuple(answers(evaluation)),
        "sample": count_text(evaluation.data.n_users, "user"),
        "head_items": count_text(evaluation.data.head_size, "item"),
        "for_whom": for_whom_view(evaluation),
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
        "leads": tuple(replay_leads(replay)),
        "figures": tuple(replay_figures(replay)),
        "answers": tuple(replay_answers(replay)),
        "sample": count_text(len(replay.source.pairs), "pair"),
        "replay": replay_view(replay, results.catalogue),
    }
