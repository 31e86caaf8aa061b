"""The explorer: every metric at every cut-off of every list, to be chosen from. page/explorer.js shows the choice.

Everything that it can show is prepared here, as charts and sentences; the browser computes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

from lambdas.evaluate.lists import ListName
from lambdas.evaluate.metrics import COVERAGE, METRICS
from lambdas.evaluate.page.comparison import kind_of
from lambdas.evaluate.page.wording import EXPLANATIONS, LIST_LABELS, list_label, short_label, variant_label
from lambdas.reports.charts import Chart, Row, difference_chart, interval_text, lift_chart, side, value_chart
from lambdas.reports.numbers import count_text, signed_percent, signed_value, value_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from lambdas.evaluate.comparison import Comparison
    from lambdas.reports.estimates import Difference, Estimate

_VALUES, _DIFFERENCES = "explorer-values", "explorer-differences"
_QUESTIONS = {item.metric: item.question for item in EXPLANATIONS}
# What is said of the others, by the side of zero on which the difference lies: of metrics that judge, and of others.
_JUDGED = {
    "above": "ahead of",
    "below": "behind",
    "across": "not to be told apart from",
    "unknown": "compared without an interval with",
}
_DESCRIBED = _JUDGED | {"above": "higher than", "below": "lower than"}


@dataclass(frozen=True, slots=True)
class Option:
    """One of the values of a control. group: the heading that it stands below, if any."""

    value: str
    label: str
    chosen: bool
    group: str = ""


@dataclass(frozen=True, slots=True)
class Control:
    """Something to choose. name: as views spell it."""

    name: str
    label: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Explorer:
    """The controls, the pictures and the sentence of the primary choice, and the views of all choices.

    views: {pictures: {key of a chart: part}, reading: part}; a part is {controls: names, views: by the values of these
    controls, joined by slashes}. A view of a picture is {title, description, data}, one of the reading a sentence.
    Controls that have a single value are left out.
    """

    controls: tuple[Control, ...]
    values: Chart
    differences: Chart
    reading: str
    views: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Choice:
    """What is shown: a metric at a cut-off, of a variant's list with or without seen items."""

    metric: str
    k: int
    treatment: str
    variant: str

    @property
    def list(self) -> ListName:
        return ListName(self.variant, self.treatment)

    @property
    def more_is_better(self) -> bool:
        return METRICS[self.metric].higher_is_better

    def key(self, controls: Sequence[str]) -> str:
        """The values of some controls, joined."""
        values = {
            "metric": self.metric,
            "k": str(self.k),
            "list": self.treatment,
            "variant": self.variant,
        }
        return "/".join(values[name] for name in controls)


def explorer(comparison: Comparison, noun: str = "user") -> Explorer:
    """The explorer of a run. noun: what means are over."""
    first = comparison.primary
    primary = _Choice(comparison.metric, comparison.cutoff, first.treatment, first.source)
    controls = tuple(control for control in _controls(comparison, primary) if len(control.options) > 1)
    names = [control.name for control in controls]
    choices = list(_choices(comparison))
    about_lists = [name for name in names if name != "variant"]
    return Explorer(
        controls=controls,
        values=_values(comparison, primary, noun),
        differences=_differences(comparison, primary),
        reading=_reading(comparison, primary),
        views={
            "pictures": {
                _VALUES: _part(
                    about_lists,
                    {c.key(about_lists): _view(_values(comparison, c, noun)) for c in choices},
                ),
                _DIFFERENCES: _part(
                    names, {c.key(names): _view(_differences(comparison, c)) for c in choices}
                ),
            },
            "reading": _part(names, {c.key(names): _reading(comparison, c) for c in choices}),
        },
    )


def _controls(comparison: Comparison, primary: _Choice) -> Iterator[Control]:
    metrics = sorted(comparison.metrics, key=lambda metric: not METRICS[metric].higher_is_better)
    yield Control(
        "metric",
        "Metric",
        tuple(
            Option(metric, METRICS[metric].label, metric == primary.metric, _group(metric))
            for metric in metrics
        ),
    )
    yield Control(
        "k",
        "Cut-off k",
        tuple(Option(str(k), f"first {k}", k == primary.k) for k in comparison.cutoffs_of(primary.metric)),
    )
    yield Control(
        "list",
        "Lists",
        tuple(
            Option(treatment, LIST_LABELS[treatment], treatment == primary.treatment)
            for treatment in _treatments(comparison)
        ),
    )
    yield Control(
        "variant",
        "Variant",
        tuple(
            Option(variant, variant_label(variant), variant == primary.variant)
            for variant in comparison.variants
        ),
    )


def _group(metric: str) -> str:
    return "more is better" if METRICS[metric].higher_is_better else "neither more nor less is better"


def _choices(comparison: Comparison) -> Iterator[_Choice]:
    for metric in comparison.metrics:
        cutoffs = comparison.cutoffs_of(metric)
        for k, treatment, variant in product(cutoffs, _treatments(comparison), comparison.variants):
            yield _Choice(metric, k, treatment, variant)


def _treatments(comparison: Comparison) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name.treatment for name in comparison.model_lists))


def _part(controls: Sequence[str], views: Mapping[str, Any]) -> dict[str, Any]:
    return {"controls": list(controls), "views": views}


def _view(chart: Chart) -> dict[str, Any]:
    return {"title": chart.title, "description": chart.description, "data": chart.data}


def _values(comparison: Comparison, choice: _Choice, noun: str) -> Chart:
    """Values of the chosen lists and every baseline; with one variant, its other list stands beside the chosen one."""
    several = len(comparison.variants) > 1
    shown = [
        name
        for name in comparison.lists
        if name.is_baseline or not several or name.treatment == choice.treatment
    ]
    label_of = short_label if several else list_label
    rows = [
        Row(
            label_of(name),
            kind_of(name, comparison, choice.treatment),
            comparison.values[name, choice.metric, choice.k],
        )
        for name in shown
    ]
    title = comparison.label(choice.metric, choice.k)
    if choice.metric == COVERAGE.name:
        return value_chart(_VALUES, title, f"{title}, of all lists together", rows)
    users = comparison.users[choice.list, choice.metric, choice.k]
    return value_chart(_VALUES, title, f"{title}, mean over {count_text(users, noun)}", rows)


def _differences(comparison: Comparison, choice: _Choice) -> Chart:
    """How far the chosen list is ahead of every other: relative, or absolute where any has no relative one."""
    found = _compared(comparison, choice)
    name = comparison.label(choice.metric, choice.k)
    title = f"{'Lead' if choice.more_is_better else 'Difference'} in {name}, {short_label(choice.list)}"
    relative = _relative(found)
    rows = [Row(f"over {list_label(other)}", "", _shown(one, relative)) for other, one in found.items()]
    draw = lift_chart if relative else difference_chart
    axis = "difference relative to the other list" if relative else f"difference in {name}"
    return draw(_DIFFERENCES, title, axis, rows, more_is_better=choice.more_is_better)


def _reading(comparison: Comparison, choice: _Choice) -> str:
    """The metric's question, the chosen list's value, and whom it is ahead of.

    `Are the right items near the top? NDCG@10, model without seen: 0.1839 (0.1721 to 0.1963); ahead of popularity
    (+384 %) and recent popularity (+347 %).`
    """
    found = _compared(comparison, choice)
    relative = _relative(found)
    text = signed_percent if relative else signed_value
    sides: dict[str, list[str]] = {}
    for other, one in found.items():
        amount = text(_shown(one, relative).value)
        sides.setdefault(side(one.absolute), []).append(f"{list_label(other)} ({amount})")
    words = _JUDGED if choice.more_is_better else _DESCRIBED
    value = comparison.values[choice.list, choice.metric, choice.k]
    told = f"{value_text(value.value)} {interval_text(value, value_text)}".strip()
    others = [f"{words[where]} {_listed(sides[where])}" for where in words if where in sides]
    name = comparison.label(choice.metric, choice.k)
    return f"{_QUESTIONS[choice.metric]} {name}, {list_label(choice.list)}: {'; '.join([told, *others])}."


def _compared(comparison: Comparison, choice: _Choice) -> dict[ListName, Difference]:
    return {
        other: comparison.differences[choice.list, other, choice.metric, choice.k]
        for other in comparison.others(choice.list)
    }


def _relative(found: Mapping[ListName, Difference]) -> bool:
    """Whether relative differences say all that is known: none is missing, and no interval that the absolute has."""
    return all(
        one.relative.value is not None and (one.relative.low is not None or one.absolute.low is None)
        for one in found.values()
    )


def _shown(difference: Difference, relative: bool) -> Estimate:
    return difference.relative if relative else difference.absolute


def _listed(names: Sequence[str]) -> str:
    return " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)
