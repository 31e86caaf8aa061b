"""The answer of a run: does the model beat its rival, on the metric that was chosen before looking?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from lambdas.reports.estimates import MINIMUM_USERS
from lambdas.reports.names import source_label
from lambdas.reports.numbers import count_text, percent_text, value_text

if TYPE_CHECKING:
    from lambdas.evaluate.comparison import Comparison
    from lambdas.evaluate.lists import ListName
    from lambdas.reports.estimates import Difference, Estimate

# What sentences call a rival: its lists lack seen items, too, as the report says below the sentence.
_SHORT_NAMES = {"popularity_without_seen": "popularity"}


class Outcome(StrEnum):
    """better: the interval of the difference lies above zero. not_better: below. cannot_tell: it contains zero."""

    BETTER = "better"
    NOT_BETTER = "not_better"
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The primary comparison: a variant's list against that of its rival."""

    outcome: Outcome
    sentence: str
    metric: str
    cutoff: int
    primary: ListName
    rival: ListName
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
            "source": self.primary.source,
            "list": self.primary.treatment,
            "value": self.model.value,
            "baseline": self.rival.source,
            "baseline_value": self.baseline.value,
            "difference": absolute.value,
            "low": absolute.low,
            "high": absolute.high,
            "relative_difference": relative.value,
            "relative_low": relative.low,
            "relative_high": relative.high,
        }


def decide(comparison: Comparison, model_name: str) -> Verdict:
    """The verdict on an evaluation, with its sentence."""
    metric, k, rival = comparison.metric, comparison.cutoff, comparison.rival
    difference = comparison.differences[comparison.primary, rival, metric, k]
    users = comparison.users[comparison.primary, metric, k]
    outcome = outcome_of(difference.absolute, users)
    where = f"in {comparison.label(metric, k)} on {count_text(users, 'user')}"
    if rival.is_baseline:
        name = _SHORT_NAMES.get(rival.source, source_label(rival.source))
        sentence = _sentence(outcome, difference, (model_name, name), where, users)
    else:
        sentence = _lift_sentence(
            outcome, difference, (comparison.primary.source, rival.source), where, users
        )
    return verdict_of(comparison, outcome, sentence)


def verdict_of(comparison: Comparison, outcome: Outcome, sentence: str) -> Verdict:
    """A verdict about the primary list and its rival."""
    metric, k, primary, rival = comparison.metric, comparison.cutoff, comparison.primary, comparison.rival
    return Verdict(
        outcome=outcome,
        sentence=sentence,
        metric=metric,
        cutoff=k,
        primary=primary,
        rival=rival,
        model=comparison.values[primary, metric, k],
        baseline=comparison.values[rival, metric, k],
        difference=comparison.differences[primary, rival, metric, k],
        users=comparison.users[primary, metric, k],
    )


def outcome_of(difference: Estimate, users: int) -> Outcome:
    """Where the interval of a difference lies; nothing is claimed without one, or on few users."""
    if users < MINIMUM_USERS or difference.low is None or difference.high is None:
        return Outcome.CANNOT_TELL
    if difference.low > 0:
        return Outcome.BETTER
    return Outcome.NOT_BETTER if difference.high < 0 else Outcome.CANNOT_TELL


def _sentence(
    outcome: Outcome, difference: Difference, names: tuple[str, str], where: str, users: int
) -> str:
    """One sentence with the difference to a baseline, its interval and the number of users."""
    model, baseline = names
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


def _lift_sentence(
    outcome: Outcome, difference: Difference, names: tuple[str, str], where: str, users: int
) -> str:
    """One sentence with what a variant adds to the reference variant."""
    subject, over = _subject(*names)
    if difference.absolute.value is None:
        return f"what {subject} adds{over} cannot be said {where}: cannot tell"
    few = f", too few for a conclusion (at least {MINIMUM_USERS})" if users < MINIMUM_USERS else ""
    if outcome is Outcome.NOT_BETTER:
        return f"{subject} costs {_amount(difference, flipped=True)}{over} {where}: not better"
    return f"{subject} adds {_amount(difference)}{over} {where}{few}: {outcome.value.replace('_', ' ')}"


def _subject(variant: str, reference: str) -> tuple[str, str]:
    """Who adds something, and to what: `metadata` alone when that is all in which the two names differ."""
    name, other = variant.replace("_", " "), reference.replace("_", " ")
    what = name.removeprefix("with ")
    return (what, "") if other == f"without {what}" else (name, f" over {other}")


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
