"""What a comparison says in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.reports.comparison.changes import Outcome
from lambdas.reports.estimates import MINIMUM_USERS, UNDEFINED
from lambdas.reports.names import metric_label, source_label
from lambdas.reports.numbers import count_text, integer_text, percent_text, value_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lambdas.reports.comparison.changes import Comparison, LeadChange, MetricChange
    from lambdas.reports.comparison.run import Run
    from lambdas.reports.estimates import Difference, Estimate

# What sentences call yardsticks, whose full names say more than they need.
_SHORT_NAMES = {
    "popularity_without_seen": "popularity",
    "random_held_out": "chance",
    "no_events": "the lists before any event",
}
# Of a replay: what users begin with, which is no baseline that needs no model.
_NO_EVENTS = "no_events"


def sentence(found: Comparison) -> str:
    """The comparison in one sentence: what changed by how much, over whom, and what follows."""
    headline, then = found.headline, found.then.run_id
    if headline is None:
        return f"run {found.now.run_id} and run {then} have no metric in common: cannot tell"
    name = metric_label(headline.metric, headline.k, found.now.kind)
    if not found.judged_alike:
        values = f"{value_text(headline.then.value)} then, {value_text(headline.now.value)} now"
        return f"{name} was {values}, but the runs measure different things with it: cannot tell"
    if headline.difference.absolute.value is None:
        return f"{name} cannot be compared with run {then}, it is undefined for everybody: cannot tell"
    where = _where(found, headline)
    if found.outcome is Outcome.SAME:
        return f"{name} is the same as in run {then} for every one of the {where}: no change"
    if found.outcome in {Outcome.BETTER, Outcome.WORSE}:
        verb = "rose" if found.outcome is Outcome.BETTER else "fell"
        amount = amount_text(headline.difference, flipped=found.outcome is Outcome.WORSE)
        told = f"{name} {verb} by {amount} since run {then}, on {where}: {found.outcome.value}"
        return f"{told}, but {_yardstick(found)} {verb} as well" if _moved_alike(found) else told
    return _undecided(name, headline, then, where)


def _undecided(name: str, headline: MetricChange, then: str, where: str) -> str:
    amount = amount_text(headline.difference, signed=True)
    if headline.users < MINIMUM_USERS:
        return (
            f"{name} differs by {amount} from run {then}, on {where}, too few for a conclusion "
            f"(at least {MINIMUM_USERS}): cannot tell"
        )
    if headline.difference.absolute.low is None:
        return f"{name} differs by {amount} from run {then}, on {where}, without an interval: cannot tell"
    return f"{name} cannot be told apart from run {then}, on {where}, the difference is {amount}: cannot tell"


def _where(found: Comparison, headline: MetricChange) -> str:
    """Over whom the difference is: `943 users of both runs`."""
    noun = noun_of(found.now)
    if found.basis.paired:
        return f"{count_text(headline.users, noun)} of both runs"
    then, now = (run.primary_values[headline.key].users for run in (found.then, found.now))
    return f"{count_text(then, noun)} then and {integer_text(now)} now"


def noun_of(run: Run) -> str:
    """What a run's figures are over."""
    return "pair" if run.kind == "replay" else "user"


def readings(found: Comparison) -> Iterator[str]:
    """What the difference means beside that of a baseline: a better figure may come from easier data."""
    if found.baseline is None or found.lead is None or not found.judged_alike:
        return
    name = _yardstick(found)
    if found.lead.baseline != _NO_EVENTS:
        yield _of_baseline(found.baseline, name, as_well=_moved_alike(found))
    yield _of_lead(found.lead, name)


def _yardstick(found: Comparison) -> str:
    source = found.lead.baseline if found.lead else ""
    return _SHORT_NAMES.get(source, source_label(source))


def _moved_alike(found: Comparison) -> bool:
    """Whether the baseline, which needs no training, has moved to the same side."""
    baseline = found.baseline.difference.absolute if found.baseline else UNDEFINED
    if baseline.low is None or baseline.high is None:
        return False
    if found.outcome is Outcome.BETTER:
        return baseline.low > 0
    return found.outcome is Outcome.WORSE and baseline.high < 0


def _of_baseline(change: MetricChange, name: str, *, as_well: bool) -> str:
    """Whether the data got harder: what needs no training tells it."""
    moved = change.difference.absolute
    then, now = value_text(change.then.value), value_text(change.now.value)
    if change.identical:
        return f"{_capital(name)} scores the same in both runs: the data is no harder or easier."
    if moved.value is None or moved.low is None or moved.high is None:
        return f"{_capital(name)} scores {then} then and {now} now."
    if moved.low <= 0 <= moved.high:
        return f"{_capital(name)} cannot be told apart from then ({then} then, {now} now): the data is about as hard."
    harder = moved.high < 0
    verb, means = ("fell", "harder") if harder else ("rose", "easier")
    amount = amount_text(change.difference, flipped=harder)
    return (
        f"{_capital(name)} {verb}{' as well' if as_well else ''} by {amount}, from {then} to {now}: "
        f"the data got {means}, for every model."
    )


def _of_lead(lead: LeadChange, name: str) -> str:
    change = lead.change
    before, after = (amount_text(difference, signed=True) for difference in (lead.then, lead.now))
    spoken = f"The lead over {name} was {before} and is {after}"
    if change.value is None or change.low is None or change.high is None:
        return f"{spoken}."
    if change.low == change.high == 0:
        return f"The lead over {name} is what it was: {after}."
    if change.low > 0:
        return f"{spoken}: it grew by {interval_text(change)}."
    if change.high < 0:
        return f"{spoken}: it shrank by {interval_text(change, flipped=True)}."
    return f"{spoken}. Whether it grew cannot be told: {interval_text(change, signed=True)}."


def notices(found: Comparison) -> Iterator[str]:
    """What to know before trusting the figures."""
    then, now = found.then, found.now
    if then.scenario != now.scenario:
        yield f"The runs are of different scenarios: {then.scenario} then, {now.scenario} now."
    if then.kind != now.kind:
        yield (
            f"The runs were evaluated in different ways ({then.kind} then, {now.kind} now): what is recommended "
            "to whom is not the same."
        )
    if not found.basis.paired and found.headline is not None:
        yield f"Users are not compared with themselves: {found.basis.reason}. Intervals are wider for it."
    if found.basis.confidence is None:
        yield (
            f"The runs have intervals of different confidence ({percent_text(then.confidence)} then, "
            f"{percent_text(now.confidence)} now): the difference has none."
        )
    if (then.metric, then.k) != (now.metric, now.k):
        yield (
            f"The runs were judged by different metrics: {metric_label(then.metric, then.k, then.kind)} then, "
            f"{metric_label(now.metric, now.k, now.kind)} now."
        )
    if then.primary != now.primary:
        yield f"Compared are the lists of {_list(then)} then and of {_list(now)} now."
    yield from _unanswered(then, "then")
    yield from _unanswered(now, "now")


def _unanswered(run: Run, when: str) -> Iterator[str]:
    number = int(run.counts.get("users.unanswered", 0))
    if number:
        users = _capital(count_text(number, noun_of(run)))
        yield f"{users} had no answer {when} (run {run.run_id}) and count with zero."


def _list(run: Run) -> str:
    source, treatment = run.primary
    return f"{source_label(source)}, {treatment.replace('_', ' ')}"


def amount_text(difference: Difference, *, signed: bool = False, flipped: bool = False) -> str:
    """`3.1 % (1.2 % to 5.0 %)`, or the absolute difference where the relative one has no interval of its own."""
    relative, absolute = difference.relative, difference.absolute
    if relative.value is not None and (relative.low is not None or absolute.low is None):
        return interval_text(relative, percent=True, signed=signed, flipped=flipped)
    return interval_text(absolute, signed=signed, flipped=flipped)


def interval_text(
    estimate: Estimate, *, percent: bool = False, signed: bool = False, flipped: bool = False
) -> str:
    """A figure with its interval in brackets. flipped: with the opposite sign, of what fell."""
    text = percent_text if percent else value_text
    value, low, high = estimate.value, estimate.low, estimate.high
    if value is None:
        return "an unknown amount"
    if flipped:
        value, low, high = -value, None if high is None else -high, None if low is None else -low
    if low is None or high is None:
        return text(value, signed=signed)
    return f"{text(value, signed=signed)} ({text(low, signed=signed)} to {text(high, signed=signed)})"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
