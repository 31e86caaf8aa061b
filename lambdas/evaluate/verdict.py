"""The answer of a run: does the model beat popularity, on the metric that was chosen before looking?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from lambdas.evaluate.baselines import PRIMARY_BASELINE
from lambdas.evaluate.evaluation import MODEL_LISTS, WITHOUT_SEEN, Evaluation, ListName
from lambdas.evaluate.metrics import label
from lambdas.evaluate.numbers import count_text, percent_text, value_text

if TYPE_CHECKING:
    from lambdas.evaluate.bootstrap import Difference, Estimate

# Percentile intervals are too narrow for small samples; below this many users nothing is claimed.
MINIMUM_USERS = 30

PRIMARY_LIST = MODEL_LISTS[0]
PRIMARY_BASELINE_LIST = ListName(PRIMARY_BASELINE, WITHOUT_SEEN)


class Outcome(StrEnum):
    """better: the interval of the difference lies above zero. not_better: below. cannot_tell: it contains zero."""

    BETTER = "better"
    NOT_BETTER = "not_better"
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The primary comparison: the model's list without seen items against popularity without seen items."""

    outcome: Outcome
    sentence: str
    metric: str
    cutoff: int
    model: Estimate
    baseline: Estimate
    difference: Difference
    users: int

    @property
    def metric_name(self) -> str:
        """The metric with its cut-off as files spell it: `ndcg@10`."""
        return f"{self.metric}@{self.cutoff}"

    def as_document(self) -> dict[str, Any]:
        """The primary comparison as JSON values."""
        absolute, relative = self.difference.absolute, self.difference.relative
        return {
            "metric": self.metric_name,
            "list": WITHOUT_SEEN,
            "value": self.model.value,
            "baseline": PRIMARY_BASELINE,
            "baseline_value": self.baseline.value,
            "difference": absolute.value,
            "low": absolute.low,
            "high": absolute.high,
            "relative_difference": relative.value,
            "relative_low": relative.low,
            "relative_high": relative.high,
        }


def decide(evaluation: Evaluation, model_name: str) -> Verdict:
    """The verdict on an evaluation, with its sentence."""
    metric, k = evaluation.settings.primary_metric, evaluation.settings.primary_cutoff
    difference = evaluation.differences[PRIMARY_LIST, PRIMARY_BASELINE_LIST, metric, k]
    users = evaluation.users[PRIMARY_LIST, metric, k]
    outcome = _outcome(difference.absolute, users)
    return Verdict(
        outcome=outcome,
        sentence=_sentence(outcome, difference, model_name, label(metric, k), users),
        metric=metric,
        cutoff=k,
        model=evaluation.values[PRIMARY_LIST, metric, k],
        baseline=evaluation.values[PRIMARY_BASELINE_LIST, metric, k],
        difference=difference,
        users=users,
    )


def _outcome(difference: Estimate, users: int) -> Outcome:
    if users < MINIMUM_USERS or difference.low is None or difference.high is None:
        return Outcome.CANNOT_TELL
    if difference.low > 0:
        return Outcome.BETTER
    return Outcome.NOT_BETTER if difference.high < 0 else Outcome.CANNOT_TELL


def _sentence(outcome: Outcome, difference: Difference, model: str, metric: str, users: int) -> str:
    """One sentence with the difference, its interval and the number of users."""
    where = f"in {metric} on {count_text(users, 'user')}"
    baseline = "popularity"  # whose lists lack seen items, too: the report says so below the sentence
    if difference.absolute.value is None:
        return f"{model} cannot be compared with {baseline} {where}: cannot tell"
    if users < MINIMUM_USERS:
        return (
            f"{model} and {baseline} differ by {_amount(difference, signed=True)} {where}, "
            f"too few for a conclusion (at least {MINIMUM_USERS}): cannot tell"
        )
    if outcome is Outcome.BETTER:
        return f"{model} beats {baseline} by {_amount(difference)} {where}: better"
    if outcome is Outcome.NOT_BETTER:
        return f"{model} falls behind {baseline} by {_amount(difference, flipped=True)} {where}: not better"
    return (
        f"{model} and {baseline} cannot be told apart {where}, "
        f"the difference is {_amount(difference, signed=True)}: cannot tell"
    )


def _amount(difference: Difference, *, signed: bool = False, flipped: bool = False) -> str:
    """`94 % (88 % to 101 %)`, or the absolute difference where there is no relative one."""
    relative = difference.relative
    usable = relative.value is not None and (relative.low is not None or difference.absolute.low is None)
    shown, text = (relative, percent_text) if usable else (difference.absolute, value_text)
    value, low, high = shown.value, shown.low, shown.high
    if value is None:
        return "an unknown amount"
    if flipped:
        value, low, high = -value, high and -high, low and -low
    middle = text(value, signed=signed)
    if low is None or high is None:
        return middle
    return f"{middle} ({text(low, signed=signed)} to {text(high, signed=signed)})"
